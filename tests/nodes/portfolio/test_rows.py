"""The latest value of each column, one row a symbol."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from nodes.portfolio import rows
from nodes.vocabulary.units import DateColumn, Panel, Segments, UsdColumn

SEGMENTS = Segments(np.array([0, 2, 3]))
LASTS: list[Callable[[Any, Segments], pl.Series]] = [
    rows.last_daily_return_frac,
    rows.last_overnight_gap_frac,
    rows.last_adv_shares,
    rows.last_volume_shares,
    rows.last_volatility_frac,
    rows.last_parkinson_volatility_frac,
    rows.last_beta_frac,
    rows.last_drawdown_frac,
    rows.last_estimated_spread_bps,
]


@pytest.mark.parametrize("last", LASTS)
def test_last_takes_the_latest_bar_even_when_it_misses_the_value(last: Callable[[Any, Segments], pl.Series]) -> None:
    assert last(pl.Series([1.0, 2.0, 3.0]), SEGMENTS).to_list() == [2.0, 3.0]
    assert last(pl.Series([1.0, None, 3.0]), SEGMENTS).to_list() == [None, 3.0]


def test_previous_close_is_raw_and_missing_for_a_symbols_only_bar() -> None:
    assert rows.last_previous_close_usd(UsdColumn(pl.Series([90.0, 45.0, 7.0])), SEGMENTS).to_list() == [90.0, None]


def test_bar_age_counts_the_sessions_of_the_index_up_to_the_run() -> None:
    days = [date(2010, 1, day) for day in (4, 5, 6, 7)]
    index = Panel(pl.DataFrame({"session_on": days, "close_usd": [1.0] * 4}))
    bar_on = DateColumn(pl.Series([days[0], days[2], days[0]]))
    assert rows.bar_age_sessions(bar_on, SEGMENTS, index, days[2]).to_list() == [0, 2]
