"""Which rows are asked, in which unit of distance, and on which place of the calendar."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nodes.labels.events import cusum_event_score, label_side_score, label_target_frac, session_number_count
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.units import DateColumn, Frac, FracColumn, Score, ScoreColumn, Segments, Sessions
from tests.nodes.bars import weekdays
from tests.nodes.labels.panels import calendar


def test_a_session_that_a_share_missed_still_counts() -> None:
    days = weekdays(5)
    found = session_number_count(DateColumn(pl.Series([days[0], days[1], days[4]])), calendar(5))
    assert found.to_list() == [0, 1, 4]


def test_a_bar_of_a_day_without_a_session_is_refused() -> None:
    stranger = DateColumn(pl.Series([weekdays(9)[8]]))
    with pytest.raises(DataError, match="a bar of 2010-01-14 is of no session of the calendar"):
        session_number_count(stranger, calendar(5))


def test_a_target_is_the_volatility_over_the_horizon_unless_it_is_too_small() -> None:
    volatility = FracColumn(pl.Series([None, 0.01, 0.02, 0.0]))
    assert label_target_frac(volatility, Sessions(4), Frac(0.03)).to_list() == [None, None, 0.04, None]
    assert label_target_frac(volatility, Sessions(4), Frac(0.0)).to_list() == [None, 0.02, 0.04, None]


def test_an_event_is_a_sum_of_returns_over_some_volatilities() -> None:
    moves, usual = FracColumn(pl.Series([None, 0.015, 0.015, -0.03, 0.0])), FracColumn(pl.Series([0.01] * 5))
    found = cusum_event_score(moves, usual, Segments(np.array([0, 5])), Score(2.0))
    assert found.to_list() == [0.0, 0.0, 1.0, -1.0, 0.0]


def test_a_rise_and_a_fall_are_both_asked_as_a_long_bet() -> None:
    events, target = ScoreColumn(pl.Series([1.0, -1.0, 0.0, 1.0])), FracColumn(pl.Series([0.1, 0.1, 0.1, None]))
    assert label_side_score(events, target).to_list() == [1.0, 1.0, None, None]
