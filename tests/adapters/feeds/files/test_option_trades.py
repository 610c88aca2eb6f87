"""Bars of option trades: known at their end, and set aside when they cannot be true."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adapters.feeds.files.leases import no_leases
from adapters.feeds.files.option_contracts import Batch
from adapters.feeds.files.option_tables import option_file
from adapters.feeds.files.option_trades import option_trades
from nodes.vocabulary.errors import DataError

BATCH = Batch("made.parquet", "made", no_leases())
ROW: dict[str, Any] = {
    "symbol": "AAA",
    "expiry": "20140621",
    "strike": 100.0,
    "right": "C",
    "ts": datetime.fromisoformat("2014-06-06 09:30"),
    "open": 1.0,
    "high": 1.3,
    "low": 0.9,
    "close": 1.2,
    "volume": 5,
}


def table(*changes: dict[str, Any]) -> pl.DataFrame:
    rows = [{**ROW, "strike": 100.0 + place, **change} for place, change in enumerate(changes)]
    return pl.DataFrame(rows, infer_schema_length=None)


def test_a_bar_is_known_at_its_end_and_not_while_it_is_made() -> None:
    fact = option_trades(table({}), BATCH, 60).facts.row(0, named=True)

    assert fact["starts_at"].isoformat() == "2014-06-06T13:30:00+00:00"
    assert fact["event_at"].isoformat() == fact["known_at"].isoformat() == "2014-06-06T13:31:00+00:00"
    assert (fact["underlying_id"], fact["close_usd"], fact["volume_contracts"]) == ("AAA", 1.2, 5)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"close": None}, "open 1.0, high 1.3, low 0.9, close none: a price is missing"),
        ({"low": -0.1}, "a price is missing or not above zero"),
        ({"high": float("inf")}, "a price is missing or not above zero"),
        ({"close": 1.4}, "close 1.4: one lies outside low to high"),
        ({"volume": 0}, "volume 0 is not above zero; drop the row"),
        ({"volume": -3}, "volume -3 is not above zero"),
        ({"volume": None}, "volume none is not above zero"),
        ({"strike": -1.0}, "strike -1.0 is not above zero"),
        ({"ts": None}, "names no instant"),
    ],
)
def test_a_bar_that_cannot_be_true_is_set_aside_and_the_rest_is_kept(change: dict[str, Any], reason: str) -> None:
    parsed = option_trades(table({}, change, {}), BATCH, 60)

    assert parsed.facts.height == 2
    assert parsed.rejected["line"].to_list() == [2]
    assert reason in parsed.rejected["reason"][0]


def test_a_table_without_its_columns_is_refused_by_name() -> None:
    with pytest.raises(DataError, match=r"made.parquet has no column volume, only"):
        option_trades(table({}).drop("volume"), BATCH, 60)


def test_real_trades_through_a_split_are_read_and_single_precision_is_undone(shared_data: Path) -> None:
    parsed = option_file(shared_data / "e2_option_trades_minute.parquet", no_leases(), 60)

    assert parsed.facts.height > 44_000
    assert parsed.facts.height + parsed.rejected.height >= 44_792
    assert parsed.facts.filter(underlying_id="AAPL", strike_usd=1000.0)["close_usd"][0] == 1.7
