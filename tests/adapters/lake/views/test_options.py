"""Chains of a lake as they were known, with volatilities and surface; real chains of a half day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.leases import no_leases
from adapters.feeds.files.option_contracts import Batch
from adapters.feeds.files.options import option_open_interest, option_quotes, option_table
from adapters.lake.domains.options import OPTION_OPEN_INTEREST, OPTION_QUOTES
from adapters.lake.facts.store import FactStore
from adapters.lake.views.options import Pricing, chain, iv_table, surface
from tests.nodes.kernels.options.facts import AT, option_facts, stamped

PRICING = Pricing(rate_frac=0.03)
HOUR = timedelta(hours=1)
COLUMNS = [*OPTION_QUOTES.keys, *OPTION_QUOTES.values, "event_at", "known_at"]


def facts(quoted_at: datetime = AT, known_at: datetime | None = None, volatility: float = 0.25) -> pl.DataFrame:
    made = stamped(option_facts(volatility=volatility), quoted_at, known_at or quoted_at)
    size = pl.lit(1, pl.Int64)
    return made.with_columns(bid_size=size, ask_size=size).select(COLUMNS)


def store(root: Path, *batches: pl.DataFrame) -> FactStore:
    made = FactStore(root, lambda: datetime(2020, 1, 1, tzinfo=UTC))
    for batch in batches:
        made.ingested(OPTION_QUOTES, batch, "made")
    return made


def bid(lake: FactStore, as_of: datetime) -> float | None:
    at_the_money = chain(lake, "AAA", as_of).filter(pl.col("strike_usd") == 100.0, pl.col("right") == "C")
    return None if at_the_money.is_empty() else float(at_the_money["bid_usd"][0])


def test_a_chain_is_what_was_known_at_its_instant(tmp_path: Path) -> None:
    """SVC-MKT-03: chain by underlying, expiry and as_of."""
    early, late = facts(AT - 2 * HOUR), facts(AT, volatility=0.4)
    lake = store(tmp_path, early, late)
    assert bid(lake, AT - 3 * HOUR) is None
    assert bid(lake, AT - HOUR) == pytest.approx(2.95, abs=0.1)
    assert bid(lake, AT) == pytest.approx(4.63, abs=0.1)


def test_a_correction_is_seen_from_when_it_was_known(tmp_path: Path) -> None:
    lake = store(tmp_path, facts(), facts(known_at=AT + HOUR, volatility=0.4))
    before, after = bid(lake, AT + HOUR / 2), bid(lake, AT + HOUR)
    assert before is not None
    assert after is not None
    assert after > before + 1.0


def test_one_expiry_can_be_asked_for(tmp_path: Path) -> None:
    lake = store(tmp_path, facts())
    one = chain(lake, "AAA", AT, expiry_on=date(2014, 9, 5))
    assert one["expiry_on"].unique().to_list() == [date(2014, 9, 5)]
    assert one.height == 14
    assert chain(lake, "BBB", AT).is_empty()


def test_stale_and_expired_contracts_are_left_out(tmp_path: Path) -> None:
    lake = store(tmp_path, facts())
    later = AT + timedelta(days=31)
    assert chain(lake, "AAA", later).is_empty()
    assert chain(lake, "AAA", later, max_age_s=40 * 86_400)["expiry_on"].min() == date(2014, 9, 5)


def test_a_chain_without_quotes_has_neither_volatilities_nor_surface(tmp_path: Path) -> None:
    lake = store(tmp_path)
    assert iv_table(lake, "AAA", AT, PRICING).is_empty()
    assert surface(lake, "AAA", AT, PRICING) is None


def test_volatilities_and_surface_are_those_of_the_chain(tmp_path: Path) -> None:
    """SVC-MKT-04."""
    lake = store(tmp_path, facts())
    table = iv_table(lake, "AAA", AT, Pricing(0.03, spot_usd=100.0), expiry_on=date(2014, 9, 5))
    assert table.filter("is_out")["implied_volatility_frac"].to_list() == pytest.approx([0.25] * 7, abs=0.01)
    found = surface(lake, "AAA", AT, PRICING)
    assert found is not None
    assert [item.expiry_on for item in found.slices] == [date(2014, 7, 6), date(2014, 9, 5), date(2014, 12, 5)]


def test_early_exercise_is_allowed_for_where_it_is_asked(tmp_path: Path) -> None:
    """SVC-MKT-04: American options are told apart from European ones."""
    lake = store(tmp_path, facts())
    assert "american_volatility_frac" not in iv_table(lake, "AAA", AT, PRICING).columns
    table = iv_table(lake, "AAA", AT, Pricing(0.03, 100.0, tree_steps=25)).filter("is_out")
    assert table["american_volatility_frac"].drop_nulls().to_list() == pytest.approx(
        [0.25] * table["american_volatility_frac"].count(), abs=0.01
    )


@pytest.mark.shared_data
def test_a_real_chain_of_a_half_day_as_of_its_close(tmp_path: Path, shared_data: Path) -> None:
    """SVC-MKT-03: GOOG on 2015-12-24, which closed at 13:00 New York."""
    batch = Batch("e1", "lean", no_leases())
    quotes = option_table(shared_data / "e1_option_quotes_minute.parquet").filter(pl.col("symbol") == "GOOG")
    lake = store(tmp_path, option_quotes(quotes, batch, 60).facts)
    interest = option_table(shared_data / "e3_option_open_interest.parquet")
    lake.ingested(OPTION_OPEN_INTEREST, option_open_interest(interest, batch).facts, "lean")
    close = datetime(2015, 12, 24, 18, tzinfo=UTC)
    table = iv_table(lake, "GOOG", close, Pricing(0.005))
    assert table["quoted_at"].max() == close
    assert table["open_interest"].null_count() < table.height
    near = table.filter(
        pl.col("is_out"), pl.col("years").is_between(0.05, 0.3), (pl.col("strike_usd") - 748.0).abs() < 15
    )
    assert near["implied_volatility_frac"].drop_nulls().is_between(0.1, 0.5).all()
    assert table["is_flagged"].mean() < 0.05  # type: ignore[operator]  # a mean of flags is a number
