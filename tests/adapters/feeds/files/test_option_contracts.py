"""What holds of every row about a contract."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest

from adapters.feeds.files.leases import no_leases
from adapters.feeds.files.option_contracts import Batch, contracts, exact, instants, require_columns
from nodes.vocabulary.errors import DataError


def test_a_days_row_stands_at_its_sessions_close_and_a_bars_at_its_end() -> None:
    rows = pl.DataFrame(
        {"ts": [datetime.fromisoformat("2014-07-03 09:30")], "date": [datetime.fromisoformat("2014-07-03")]}
    )

    assert instants(rows, 60).dt.strftime("%H:%M").to_list() == ["13:31"]
    assert instants(rows, None).dt.strftime("%H:%M").to_list() == ["17:00"]


def test_a_time_that_the_clock_change_leaves_out_is_no_instant() -> None:
    rows = pl.DataFrame({"ts": [datetime.fromisoformat("2014-03-09 02:30")]})

    assert instants(rows, 0).to_list() == [None]


def test_single_precision_is_the_decimal_it_was_rounded_from() -> None:
    assert exact(pl.Series([1.7], dtype=pl.Float32)).to_list() == [1.7]
    assert exact(pl.Series([float("nan")])).to_list() == [None]


def test_words_for_calls_and_puts_are_shortened() -> None:
    rows = {
        "expiry": ["20140621"] * 2,
        "strike": [1.0] * 2,
        "right": ["call", "P"],
        "ts": [datetime.fromisoformat("2014-06-06")] * 2,
    }

    assert contracts(pl.DataFrame(rows), "ts")["right"].to_list() == ["C", "P"]


def test_a_missing_column_is_named_with_those_that_are_there() -> None:
    with pytest.raises(DataError, match=r"x\.csv has no column b, only a; map its columns to these names"):
        require_columns(pl.DataFrame({"a": [1]}), Batch("x.csv", "x", no_leases()), "a", "b")
