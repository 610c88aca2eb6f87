"""The lake answers as of an instant: whole months back, and nothing later."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from adapters.lake.bars import PRICES, index_bars, stock_bars
from adapters.lake.bundled import bundled_bytes, bundled_files
from adapters.lake.calendar import xnys_calendar
from adapters.lake.lake import Lake, bundled_lake, lake_of
from nodes.vocabulary.errors import DataError

AS_OF = datetime(2006, 2, 10, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def lake() -> Lake:
    return bundled_lake()


def test_the_bundled_lake_has_every_row_and_no_finding(lake: Lake) -> None:
    assert lake.panel.height == 12154
    assert lake.quarantined.is_empty()
    assert lake.noted.is_empty()
    assert lake.panel.columns == [
        "symbol",
        "session_on",
        "open_usd",
        "high_usd",
        "low_usd",
        "close_usd",
        "volume_shares",
        "adjustment_ratio",
    ]


def test_a_window_starts_on_the_first_day_of_a_month_and_ends_at_the_session(lake: Lake) -> None:
    window = lake.session_window(AS_OF, 252)
    days = window.panel["session_on"]
    assert (days.min(), days.max(), window.session_on) == (date(2005, 2, 1), date(2006, 2, 10), date(2006, 2, 10))
    assert window.index_panel["session_on"].max() == date(2006, 2, 10)


def test_a_window_before_the_close_ends_at_the_session_before(lake: Lake) -> None:
    assert lake.session_window(AS_OF - timedelta(seconds=1), 5).panel["session_on"].max() == date(2006, 2, 9)


def _rewritten_after(last_on: date) -> Lake:
    """A lake whose every later price, volume and adjustment is other than it was."""
    files = bundled_files()
    bars = stock_bars(files["us-stocks"], bundled_bytes(files["us-stocks"]))
    index = index_bars(files["sp500-index"], bundled_bytes(files["sp500-index"]))
    later = pl.col("session_on") > last_on
    scale = pl.Series(np.random.default_rng(7).uniform(0.95, 1.05, bars.height))
    prices = [pl.when(later).then(pl.col(name) * scale).otherwise(pl.col(name)) for name in PRICES]
    volume = pl.when(later).then(pl.col("volume_shares") * 3).otherwise("volume_shares")
    past = pl.col("adjusted_close_usd") / 7.0
    adjusted = pl.when(later).then(pl.col("close_usd") * scale).otherwise(past)
    changed = bars.with_columns(*prices, volume.alias("volume_shares"), adjusted.alias("adjusted_close_usd"))
    level = pl.when(later).then(pl.col("close_usd") * 1.5).otherwise("close_usd")
    return lake_of(
        changed,
        index.with_columns(level.alias("close_usd")),
        frozenset(files["us-stocks"].symbols),
        xnys_calendar(date(1999, 1, 4), date(2018, 12, 31)),
    )


def test_rewriting_the_future_changes_no_window(lake: Lake) -> None:
    """Every price, volume and adjustment after the instant is other; every adjusted close before it is restated."""
    before, after = lake.session_window(AS_OF, 252), _rewritten_after(AS_OF.date()).session_window(AS_OF, 252)
    assert before.panel.equals(after.panel)
    assert before.index_panel.equals(after.index_panel)


def test_months_before_the_running_one_are_the_same_in_every_later_window(lake: Lake) -> None:
    month = pl.col("session_on").is_between(date(2006, 1, 1), date(2006, 1, 31))
    first = lake.session_window(AS_OF, 60).panel.filter(month)
    later = lake.session_window(AS_OF + timedelta(days=90), 120).panel.filter(month)
    assert first.equals(later)


def test_bars_and_actions_of_a_session_are_looked_up_by_symbol(lake: Lake) -> None:
    split_on = date(2005, 2, 28)
    assert lake.bars_on(split_on)["AAPL"]["close_usd"] == 44.86
    assert [action.symbol for action in lake.actions_on(split_on)] == ["AAPL"]
    assert "FB" not in lake.bars_on(split_on)


def test_sessions_run_to_the_last_bar(lake: Lake) -> None:
    sessions = lake.sessions(date(2005, 1, 3))
    assert (sessions[0], sessions[-1], len(sessions)) == (date(2005, 1, 3), date(2013, 3, 1), 2054)


def test_asking_for_sessions_after_the_data_is_refused(lake: Lake) -> None:
    words = r"no session to decide from 2014-01-01 to 2013-03-01; bars go from \d{4}-\d\d-\d\d to 2013-03-01, ask for"
    with pytest.raises(DataError, match=words):
        lake.sessions(date(2014, 1, 1))


def test_asking_for_sessions_that_no_bar_reaches_is_refused(lake: Lake) -> None:
    """The calendar goes on with the index; sessions without a single bar would be decided on nothing."""
    with pytest.raises(DataError, match="no bar as late as 2100-02-05; bars go from"):
        lake.sessions(date(2013, 2, 25), date(2100, 2, 5))


def test_asking_for_days_without_a_session_is_refused(lake: Lake) -> None:
    with pytest.raises(DataError, match="no session to decide from 2005-01-08 to 2005-01-09"):
        lake.sessions(date(2005, 1, 8), date(2005, 1, 9))


@pytest.mark.shared_data
def test_the_bundled_bars_agree_with_the_public_domain_copy(lake: Lake, shared_data: Path) -> None:
    peer = pl.read_parquet(shared_data / "a2_daily_wiki_public_domain.parquet")
    names = {"ticker": "symbol", "date": "session_on", "close": "close_usd", "volume": "volume_shares"}
    renamed = peer.rename({old: new for old, new in names.items() if old in peer.columns})
    keyed = renamed.with_columns(pl.col("session_on").cast(pl.Date))
    both = lake.panel.join(keyed, on=["symbol", "session_on"], suffix="_peer")
    assert both.height == keyed.height
    assert both.filter(pl.col("close_usd") != pl.col("close_usd_peer")).is_empty()


@pytest.mark.shared_data
def test_raw_bars_without_adjustments_are_cut_at_the_apple_split_of_2014(shared_data: Path) -> None:
    """The feed has raw prices only, so nothing says that 645.57 to 92.70 was 7:1 and no crash."""
    raw = pl.read_parquet(shared_data / "a1_daily_raw_lean.parquet")
    apple = raw.filter(pl.col("file_symbol").str.to_uppercase() == "AAPL").sort("date")
    bars = apple.select(
        pl.lit("AAPL").alias("symbol"),
        pl.col("date").cast(pl.Date).alias("session_on"),
        *(pl.col(name).cast(pl.Float64).alias(f"{name}_usd") for name in ("open", "high", "low", "close")),
        pl.col("volume").cast(pl.Int64).alias("volume_shares"),
        pl.col("close").cast(pl.Float64).alias("adjusted_close_usd"),
    ).filter(pl.col("session_on").is_between(date(2014, 1, 1), date(2014, 12, 31)))
    index = pl.DataFrame({"session_on": [date(2014, 1, 2)], "close_usd": [1831.98]})
    lake = lake_of(bars, index, frozenset({"AAPL"}), xnys_calendar(date(2014, 1, 1), date(2014, 12, 31)))
    assert lake.last_on == date(2014, 6, 6)
    assert "opens like a split" in lake.quarantined["reason"][0]


@pytest.mark.shared_data
@pytest.mark.parametrize("symbol", ["AAPL", "MSFT"])
def test_total_returns_agree_with_another_vendors_adjusted_closes(lake: Lake, shared_data: Path, symbol: str) -> None:
    """The peer is rounded to a tenth of a cent of split-adjusted prices and divides dividends by the previous close."""
    peer = pl.read_parquet(shared_data / "a5_adjclose_20_plus_sp500_wide.parquet")
    theirs = peer.select(pl.col("date").cast(pl.Date).alias("session_on"), pl.col(symbol).cast(pl.Float64))
    ours = lake.panel.filter((pl.col("symbol") == symbol) & (pl.col("session_on") >= date(2005, 1, 1)))
    both = ours.join(theirs, on="session_on").with_columns(
        ours=pl.col("close_usd") / pl.col("close_usd").shift(1) * pl.col("adjustment_ratio") - 1.0,
        theirs=pl.col(symbol) / pl.col(symbol).shift(1) - 1.0,
    )
    apart = both.filter((pl.col("ours") - pl.col("theirs")).abs() > 0.002)
    assert both.height > 2000
    assert apart.height <= 0.005 * both.height
