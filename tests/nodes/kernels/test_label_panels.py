"""From columns to bets and back: what has no bet, what is refused."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nodes.kernels.barriers import ENDED, OPEN, UNKNOWN, UPPER
from nodes.kernels.label_panels import (
    bets_of,
    concurrent_labels,
    exits_from,
    exits_of,
    known_on,
    require_held_out,
    session_numbers,
    unique_labels,
)
from nodes.vocabulary.errors import DataError
from tests.nodes.bars import weekdays

DAYS = weekdays(6)
SEGMENTS = np.array([0, 4, 6])
SESSION = np.array([0, 1, 2, 5, 0, 1])
INF, NAN = np.inf, np.nan


def test_a_bet_is_entered_after_its_delay_and_counts_sessions_from_there() -> None:
    wide = np.full(6, 0.1)
    bets = bets_of(np.ones(6), (wide, wide), SESSION, SEGMENTS, (2, 1))
    assert bets["row"].to_list() == [1, 2, 3, 3, 5, 5]
    assert bets["vertical"].to_list()[:3] == [3, 4, 7]
    assert bets["side"].to_list() == [1.0, 1.0, 1.0, 0.0, 1.0, 0.0]


def test_a_row_without_side_or_barriers_has_no_bet() -> None:
    side = np.array([1.0, NAN, 0.0, -1.0, 1.0, 1.0])
    upper, lower = np.array([0.1, 0.1, 0.1, INF, NAN, 0.0]), np.full(6, 0.1)
    bets = bets_of(side, (upper, lower), SESSION, SEGMENTS, (1, 0))
    assert bets["side"].to_list() == [1.0, 0.0, 0.0, -1.0, 0.0, 0.0]
    assert (bets["upper_frac"] > 0.0).all()


@pytest.mark.parametrize("timing", [(0, 0), (1, -1)])
def test_no_horizon_and_a_negative_delay_are_refused(timing: tuple[int, int]) -> None:
    with pytest.raises(DataError, match=r"a horizon of . sessions after -?. bars is none"):
        bets_of(np.ones(6), (np.ones(6), np.ones(6)), SESSION, SEGMENTS, timing)


def test_exits_come_back_from_the_frame_that_holds_them() -> None:
    closes = pl.Series([100.0, 100.0, 120.0, 120.0, 50.0, 50.0])
    prices = dict.fromkeys(("open_usd", "high_usd", "low_usd", "close_usd"), closes)
    bars = pl.DataFrame({**prices, "adjustment_ratio": [1.0] * 6, "session": SESSION})
    wide = np.full(6, 0.1)
    exits = exits_from(exits_of(bars, bets_of(np.ones(6), (wide, wide), SESSION, SEGMENTS, (4, 0)), SEGMENTS))
    assert exits.touch.tolist() == [UPPER, UPPER, OPEN, OPEN, ENDED, ENDED]


def test_the_day_of_an_outcome_is_that_of_its_session_or_none() -> None:
    exits = pl.DataFrame({"session": [2, -1, 0]})
    assert known_on(exits, pl.Series(DAYS)).to_list() == [DAYS[2], None, DAYS[0]]


def test_shares_share_no_labels() -> None:
    exits = pl.DataFrame({"touch": [0, UNKNOWN, 0, OPEN, 0, 0], "session": [2, -1, 5, -1, 1, 1]})
    assert concurrent_labels(exits, SESSION, SEGMENTS).tolist() == [1, 1, 2, 1, 1, 2]
    assert unique_labels(exits, SESSION, SEGMENTS)[[0, 2, 4, 5]].tolist() == pytest.approx([5 / 6, 0.75, 0.75, 0.5])


def test_a_calendar_out_of_order_is_refused() -> None:
    with pytest.raises(DataError, match="the calendar's 2 sessions do not increase"):
        session_numbers(pl.Series(DAYS[:1]), pl.Series([DAYS[1], DAYS[0]]))
    assert session_numbers(pl.Series(DAYS[2:4]), pl.Series(DAYS)).tolist() == [2, 3]


def test_a_label_that_ends_on_the_last_held_out_day_is_out_of_sample() -> None:
    sides = pl.DataFrame({"symbol": ["A", "A"], "session_on": DAYS[:2], "held_out_until_on": [DAYS[3], None]})
    require_held_out(pl.Series([DAYS[3], None]), sides)
    with pytest.raises(DataError, match="the meta-label of A on 2010-01-04 ends on 2010-01-08, held out until"):
        require_held_out(pl.Series([DAYS[4], None]), sides)
