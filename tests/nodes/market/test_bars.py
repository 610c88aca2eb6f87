"""Lifts of the panel: what is no price is missing, what is in disorder is refused."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from nodes.market.bars import (
    adjustment_ratio,
    bar_on,
    close_usd,
    high_usd,
    index_close_usd,
    low_usd,
    open_usd,
    segments,
    symbol,
    symbols,
    volume_shares,
)
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.units import DateColumn, Panel, SymbolColumn
from tests.nodes.bars import FIRST_ON, bars, index_panel, panel, weekdays

FRAME = Panel(panel(bars("IBM", 4, 1), bars("AAPL", 3, 2)))
LAST_ON = weekdays(4)[-1]
LIFTS: dict[str, Callable[[Panel], pl.Series]] = {
    "open_usd": open_usd,
    "high_usd": high_usd,
    "low_usd": low_usd,
    "close_usd": close_usd,
    "adjustment_ratio": adjustment_ratio,
}


@pytest.mark.parametrize("name", LIFTS)
def test_a_price_that_is_none_is_missing(name: str) -> None:
    broken = FRAME.with_columns(pl.Series(name, [10.0, 0.0, -1.0, float("nan"), float("inf"), None, 11.0]))
    assert LIFTS[name](Panel(broken)).to_list() == [10.0, *[None] * 5, 11.0]


def test_a_volume_of_zero_is_a_volume() -> None:
    frame = Panel(FRAME.with_columns(volume_shares=pl.Series([0, None, 5, 6, 7, 8, 9])))
    assert volume_shares(frame).to_list()[:3] == [0, None, 5]


def test_symbols_and_segments_name_each_block_once() -> None:
    starts = segments(symbol(FRAME), bar_on(FRAME), LAST_ON)
    assert starts.tolist() == [0, 3, 7]
    assert symbols(symbol(FRAME), starts).to_list() == ["AAPL", "IBM"]


def test_a_panel_in_disorder_is_refused() -> None:
    upside_down = FRAME.reverse()
    with pytest.raises(DataError, match="sort the panel by symbol and session"):
        segments(SymbolColumn(upside_down["symbol"]), DateColumn(upside_down["session_on"]), LAST_ON)


def test_a_panel_that_holds_bars_of_a_later_session_is_refused() -> None:
    words = rf"as of {FIRST_ON} holds 5 bars of later sessions, the last on {LAST_ON}; read the panel as of"
    with pytest.raises(DataError, match=words):
        segments(symbol(FRAME), bar_on(FRAME), FIRST_ON)


def test_the_index_lines_up_with_the_bars() -> None:
    index = index_panel(4)
    found = index_close_usd(Panel(index.slice(1)), bar_on(FRAME)).to_list()
    levels = index["close_usd"].to_list()
    assert found == [None, *levels[1:3], None, *levels[1:4]]


def test_an_index_level_that_is_none_is_missing() -> None:
    index = Panel(index_panel(4).with_columns(close_usd=pl.lit(0.0)))
    assert index_close_usd(index, bar_on(FRAME)).to_list() == [None] * 7
