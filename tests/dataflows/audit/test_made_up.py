"""Made-up facts: of every domain, alike for one seed, and as plausible as the checks of the lake demand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.domains.registry import DOMAINS
from adapters.lake.facts.store import FactStore
from adapters.lake.views.features import feature_tables, stored_tables
from api.use_cases.leak_audit import made_up_closes
from dataflows.audit.made_up import SYMBOLS, made_up_tables
from nodes.vocabulary.domains import SOURCE_DOMAINS

CLOSES = made_up_closes()[-60:]
TABLES = made_up_tables(CLOSES)
DAY = timedelta(days=1)


def test_every_domain_that_features_read_has_facts() -> None:
    assert set(SOURCE_DOMAINS) <= set(TABLES)
    assert all(frame.height for frame in TABLES.values())


def test_one_seed_gives_the_same_facts_and_another_seed_others() -> None:
    again, other = made_up_tables(CLOSES), made_up_tables(CLOSES, seed=8)
    assert all(again[name].equals(frame) for name, frame in TABLES.items())
    assert not other["bars_daily"].equals(TABLES["bars_daily"])


@pytest.mark.parametrize("name", sorted(TABLES))
def test_facts_are_numbered_in_the_order_in_which_they_became_known(name: str) -> None:
    frame = TABLES[name]
    assert frame["known_at"].is_sorted()
    assert frame["sequence"].to_list() == list(range(1, frame.height + 1))


@pytest.mark.parametrize("name", sorted(SOURCE_DOMAINS))
def test_no_fact_is_known_sooner_than_its_domain_allows(name: str) -> None:
    least_lag_s = SOURCE_DOMAINS[name].least_lag_s
    if least_lag_s is None:
        assert name in {"corporate_actions", "earnings_calendar"}
        return
    lag_s = (TABLES[name]["known_at"] - TABLES[name]["event_at"]).dt.total_seconds()
    assert lag_s.min() >= least_lag_s  # type: ignore[operator]  # no domain is empty


def test_a_bar_encloses_its_prices_and_one_share_splits_in_the_middle() -> None:
    bars = TABLES["bars_daily"]
    opening, high, low, close = (bars[name] for name in ("open_usd", "high_usd", "low_usd", "close_usd"))
    assert ((high >= opening) & (high >= close) & (low <= opening) & (low <= close) & (low > 0.0)).all()
    assert sorted(bars["symbol"].unique()) == list(SYMBOLS)
    split = TABLES["corporate_actions"].row(0, named=True)
    assert (split["security_id"], split["ex_on"]) == (min(SYMBOLS), CLOSES[30].date())
    own = bars.filter(pl.col("symbol") == min(SYMBOLS)).sort("session_on")["close_usd"]
    assert float(own[30]) / float(own[29]) == pytest.approx(1 / split["ratio"], rel=0.1)


def test_some_accounts_are_restated_half_a_year_later() -> None:
    key = ["symbol", "concept", "period_end_on", "event_at"]
    balances = TABLES["fundamentals"].filter(pl.col("concept") == "Assets")
    revisions = balances.group_by(key).agg(pl.len(), first=pl.col("value").first(), last=pl.col("value").last())
    restated = revisions.filter(pl.col("len") == 2)
    assert restated.height
    assert (restated["last"] / restated["first"]).to_list() == [pytest.approx(0.95)] * restated.height


def test_an_option_bids_less_than_its_share_or_its_strike_and_asks_more() -> None:
    """A call is worth less than the share, a put less than its strike: else there is money for nothing."""
    quotes = TABLES["option_quotes"]
    spots = TABLES["bars_daily"].select(underlying_id="symbol", quoted_at="known_at", spot_usd="close_usd")
    joined = quotes.join(spots, on=["underlying_id", "quoted_at"])
    bound = pl.when(pl.col("right") == "C").then(pl.col("spot_usd") + 0.01).otherwise(pl.col("strike_usd"))
    assert joined.height == quotes.height
    assert joined.filter(pl.col("bid_usd") >= bound).is_empty()
    assert quotes.filter(pl.col("ask_usd") <= pl.col("bid_usd")).is_empty()


def test_other_shares_and_few_sessions_are_made_up_as_well() -> None:
    closes = [datetime(2020, 1, 6, 21, tzinfo=UTC) + n * DAY for n in range(3)]
    tables = made_up_tables(closes, symbols=("ONE",))
    assert tables["bars_daily"]["symbol"].to_list() == ["ONE"] * 3
    assert tables["option_quotes"]["underlying_id"].unique().to_list() == ["ONE"]


def test_the_lake_takes_every_fact(tmp_path: Path) -> None:
    """The facts pass the checks of their domains: none is set aside."""
    store = FactStore(tmp_path / "lake", lambda: datetime(2026, 1, 1, tzinfo=UTC))
    closes = CLOSES[-5:]
    tables = {name: frame for name, frame in made_up_tables(closes).items() if name in SOURCE_DOMAINS}
    stored_tables(store, tables)
    assert {name: store.quarantine(DOMAINS[name]).collect().height for name in tables} == dict.fromkeys(tables, 0)
    assert set(feature_tables(store, closes[-1] + 400 * DAY)) == set(tables)
