"""Which rows are asked, in which unit of distance, and on which place of the calendar."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nodes.labels.events import (
    cusum_event_score,
    label_event_score,
    label_side_score,
    label_target_frac,
    regime_change_score,
    scheduled_event_score,
    session_number_count,
    volume_spike_score,
)
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.units import (
    DateColumn,
    Frac,
    FracColumn,
    Panel,
    Score,
    ScoreColumn,
    Segments,
    Sessions,
    SharesColumn,
    SymbolColumn,
    Weights,
)
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


def test_a_spike_of_volume_is_one_against_the_bars_before_it() -> None:
    volume = SharesColumn(pl.Series([100, 110, 100, 110, 500, 100]))
    segments = Segments(np.array([0, 6]))
    assert volume_spike_score(volume, segments, Sessions(4), Score(3.0)).to_list() == [0, 0, 0, 0, 1, 0]


def test_a_regime_changes_with_the_third_of_volatility() -> None:
    usual = FracColumn(pl.Series([0.01, 0.02, 0.03, 0.04, 0.05, 0.01]))
    assert regime_change_score(usual, Segments(np.array([0, 6])), Sessions(3)).to_list() == [0, 0, 0, 0, 0, 1]


def test_a_scheduled_event_marks_a_bar_once_it_had_been_announced() -> None:
    days = weekdays(4)
    announced = {
        "symbol": ["A", "A", "Z"],
        "event_on": [days[1], days[1], days[1]],
        "known_on": [days[0], days[3], days[0]],
    }
    columns = SymbolColumn(pl.Series(["A"] * 4)), DateColumn(pl.Series(days)), Segments(np.array([0, 4]))
    assert scheduled_event_score(Panel(pl.DataFrame(announced)), *columns).to_list() == [0.0, 1.0, 0.0, 1.0]


MARKS = [ScoreColumn(pl.Series([1.0 * (row == place) for row in range(4)])) for place in range(4)]


@pytest.mark.parametrize(
    ("weights", "marked"),
    [
        ({"cusum": 1.0}, [0]),
        ({"cusum": 0.0, "scheduled": 1.0}, [3]),
        ({"volume_spike": 1.0, "regime_change": 1.0}, [1, 2]),
    ],
)
def test_an_event_is_marked_by_the_filters_that_have_a_weight(weights: dict[str, float], marked: list[int]) -> None:
    found = events(weights, MARKS[3])
    assert [row for row, mark in enumerate(found.to_list()) if mark] == marked


def events(weights: dict[str, float], scheduled: ScoreColumn | None) -> ScoreColumn:
    return label_event_score(MARKS[0], MARKS[1], MARKS[2], scheduled, Weights(weights))


def test_a_filter_that_is_absent_marks_nothing_and_an_unknown_one_is_refused() -> None:
    assert events({"scheduled": 1.0}, None).to_list() == [0.0] * 4
    with pytest.raises(DataError, match="earnings is no filter of events; weigh some of cusum, volume_spike"):
        events({"earnings": 1.0}, None)
    with pytest.raises(DataError, match="no filter of events has a weight"):
        events({"cusum": 0.0}, None)


def test_every_event_with_a_target_is_asked_as_a_long_bet() -> None:
    marks, target = ScoreColumn(pl.Series([1.0, 1.0, 0.0, 1.0])), FracColumn(pl.Series([0.1, 0.1, 0.1, None]))
    assert label_side_score(marks, target).to_list() == [1.0, 1.0, None, None]
