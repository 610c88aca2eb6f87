"""Stops stand closer around events of the policy's schedule, and sell what fell too far."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from nodes.stops.schedule import (
    is_event_window,
    is_stopped,
    stop_fall_frac,
    stop_width_frac,
    stopped_order_shares,
)
from nodes.vocabulary.units import (
    Flag,
    FlagRow,
    FracColumn,
    FracRow,
    Segments,
    Sessions,
    SharesRow,
)

EVENT_ON = date(2005, 2, 2)
TWO, ONE = Sessions(2), Sessions(1)
OPEN, CLOSED = (Flag(value) for value in (True, False))


@pytest.mark.parametrize(
    ("day", "words"),
    [(28, "closed"), (31, "open"), (33, "open"), (34, "open"), (35, "closed")],
)
def test_the_window_opens_before_an_event_and_closes_after_it(day: int, words: str) -> None:
    """EXE-09: the schedule is the policy's."""
    session_on = date(2004, 12, 31) + timedelta(days=day)
    assert is_event_window(session_on, (EVENT_ON,), TWO, ONE) is (words == "open")


def test_stops_stand_closer_inside_the_window_only() -> None:
    """EXE-09."""
    volatility = FracRow(pl.Series([0.02, None]))
    wide = stop_width_frac(volatility, CLOSED, 2.5, 0.5, Sessions(16))
    close = stop_width_frac(volatility, OPEN, 2.5, 0.5, Sessions(16))
    assert wide.to_list() == [pytest.approx(0.2), None]
    assert close.to_list() == [pytest.approx(0.1), None]


def test_the_fall_is_from_the_peak_of_the_last_sessions() -> None:
    returns = FracColumn(pl.Series([0.0, 0.10, -0.10, -0.10]))
    found = stop_fall_frac(returns, Segments(np.array([0, 4])), Sessions(3))
    assert found.to_list() == [pytest.approx(1 - 0.81)]


def test_what_is_stopped_is_sold_and_not_bought_again() -> None:
    stopped = is_stopped(FracRow(pl.Series([0.3, 0.3, 0.1, None])), FracRow(pl.Series([0.2, 0.2, 0.2, 0.2])))
    assert stopped.to_list() == [True, True, False, None]
    candidates = SharesRow(pl.Series([50, 70, 10, 10]))
    held = SharesRow(pl.Series([100, 0, 5, 5]))
    assert stopped_order_shares(candidates, held, stopped).to_list() == [-100, 0, 10, None]


def test_a_stop_sells_what_has_no_target() -> None:
    """A share whose score is not known is still sold when its stop is hit."""
    orders = stopped_order_shares(
        SharesRow(pl.Series([None], dtype=pl.Int64)), SharesRow(pl.Series([40])), FlagRow(pl.Series([True]))
    )
    assert orders.to_list() == [-40]
