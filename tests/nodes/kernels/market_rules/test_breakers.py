"""Market-wide breakers: levels, times, once a day, half days, and what was before 2013."""

from __future__ import annotations

from datetime import date

import pytest

from nodes.kernels.market_rules.breakers import (
    BreakerState,
    BreakerTerms,
    breaker_state_after_index,
    breaker_thresholds_e4,
    first_breaker_state,
)
from nodes.kernels.market_rules.sessions import SessionTimes
from nodes.vocabulary.errors import DataError
from policies.rulebook import shipped_rulebook

S = 10**9
FULL = SessionTimes(date(2020, 3, 9), 0, 23_400 * S)
HALF = SessionTimes(date(2020, 11, 27), 0, 12_600 * S)
CLOSE_E4 = 30_000_000


def terms(day: date) -> BreakerTerms:
    found = shipped_rulebook().on(day).breakers
    assert found is not None
    return found


NOW, OLD = terms(date(2020, 3, 9)), terms(date(2008, 10, 10))
LEVELS = breaker_thresholds_e4(CLOSE_E4, NOW)


def after(state: BreakerState, at_s: float, index_e4: int) -> BreakerState:
    return breaker_state_after_index(state, round(at_s * S), index_e4, NOW)


def test_a_level_is_reached_at_its_threshold_and_not_above() -> None:
    assert LEVELS == (27_900_000, 26_100_000, 24_000_000)
    assert after(first_breaker_state(FULL, LEVELS), 60, 27_900_001).halts == ()
    assert after(first_breaker_state(FULL, LEVELS), 60, 27_900_000).halts[0].level == 1


@pytest.mark.parametrize(
    ("session", "at_s", "level", "ends_s"),
    [
        (FULL, 0, 1, 900),
        (FULL, 21_299, 2, 22_199),
        (FULL, 21_300, 1, 0),
        (FULL, 21_300, 2, 0),
        (FULL, 23_399, 3, None),
        (HALF, 10_499, 1, 11_399),
        (HALF, 10_500, 1, 0),
    ],
)
def test_halts_last_by_level_and_time(session: SessionTimes, at_s: int, level: int, ends_s: int | None) -> None:
    """3:25 p.m. is 21,300 s after the opening; on a half day, 12:25 p.m. is 10,500 s."""
    state = after(first_breaker_state(session, LEVELS), at_s, LEVELS[level - 1])
    wanted = None if ends_s is None else ends_s * S
    assert [halt.ends_ns for halt in state.halts] == ([] if ends_s == 0 else [wanted])


def test_each_level_halts_once_and_none_after_a_graver_one() -> None:
    state = after(first_breaker_state(FULL, LEVELS), 60, LEVELS[0])
    assert after(state, 2000, LEVELS[0]) is state
    second = after(state, 3000, LEVELS[1])
    assert [halt.level for halt in second.halts] == [1, 2]
    assert after(second, 5000, LEVELS[0]) is second
    gap = after(first_breaker_state(FULL, LEVELS), 60, LEVELS[1])
    assert [halt.level for halt in gap.halts] == [2]
    assert after(gap, 5000, LEVELS[0]) is gap
    assert [halt.level for halt in after(gap, 23_000, LEVELS[2]).halts] == [2, 3]


def test_a_halt_is_in_force_until_it_ends_and_the_third_for_the_day() -> None:
    state = after(first_breaker_state(FULL, LEVELS), 60, LEVELS[0])
    assert state.halt_at(60 * S - 1) is None
    assert state.halt_at(960 * S - 1) is state.halts[0]
    assert state.halt_at(960 * S) is None
    closed = after(state, 100, LEVELS[2])
    assert closed.halt_at(23_400 * S) is closed.halts[1]


@pytest.mark.parametrize("at_s", [-1, 23_400])
def test_values_outside_regular_hours_do_not_count(at_s: int) -> None:
    state = first_breaker_state(FULL, LEVELS)
    assert after(state, at_s, LEVELS[2]) is state


def test_points_of_a_quarter_are_rounded_to_fifty() -> None:
    """NYSE information memo 12-23: 1,350, 2,700 and 4,050 points from October 2012 on."""
    levels = breaker_thresholds_e4(130_000_000, OLD, 134_180_000)
    assert [(130_000_000 - level) // 10_000 for level in levels] == [1350, 2700, 4050]
    with pytest.raises(DataError, match="pass the mean close"):
        breaker_thresholds_e4(130_000_000, OLD)


@pytest.mark.parametrize(
    ("at_s", "level", "lasts_s"),
    [(16_199, 1, 3600), (16_200, 1, 1800), (18_000, 1, 0), (12_599, 2, 7200), (12_600, 2, 3600), (16_200, 2, None)],
)
def test_before_2013_halts_were_longer_and_the_second_could_close_the_day(
    at_s: int, level: int, lasts_s: int | None
) -> None:
    """NYSE information memo 12-23; 2 p.m. is 16,200 s after the opening."""
    levels = breaker_thresholds_e4(130_000_000, OLD, 134_180_000)
    state = breaker_state_after_index(first_breaker_state(FULL, levels), at_s * S, levels[level - 1], OLD)
    wanted = None if lasts_s is None else (at_s + lasts_s) * S
    assert [halt.ends_ns for halt in state.halts] == ([] if lasts_s == 0 else [wanted])


def test_a_close_that_is_not_positive_is_refused() -> None:
    with pytest.raises(DataError, match="correct the close"):
        breaker_thresholds_e4(0, NOW)
