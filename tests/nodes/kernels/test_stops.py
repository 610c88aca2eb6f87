"""Windows around events, in weekdays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.stops import is_within_window, weekdays_between

FRIDAY = date(2013, 1, 4)


@pytest.mark.parametrize(("to_on", "n"), [(FRIDAY, 0), (date(2013, 1, 7), 1), (date(2013, 1, 3), -1)])
def test_weekends_do_not_count(to_on: date, n: int) -> None:
    assert weekdays_between(FRIDAY, to_on) == n


@given(st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.integers(-30, 30))
def test_the_way_back_is_as_long(day: date, offset: int) -> None:
    other = day + timedelta(days=offset)
    assert weekdays_between(day, other) == -weekdays_between(other, day)


def test_without_events_there_is_no_window() -> None:
    assert not is_within_window(FRIDAY, (), 5, 5)
    assert is_within_window(FRIDAY, (date(2013, 1, 8),), 2, 0)
    assert not is_within_window(FRIDAY, (date(2013, 1, 9),), 2, 0)
