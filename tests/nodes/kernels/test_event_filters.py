"""Event filters: the book's recursion, what they need to know, and what they never look at."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.kernels.arrays import Array
from nodes.kernels.event_filters import changes, cusum_events, scheduled_events, spikes
from nodes.vocabulary.errors import DataError
from tests.nodes.bars import one_block

CLOSES = np.array([100, 101, 102.5, 101, 99, 97.5, 98, 98.2, 98.1, 98.3, 98.2, 98.25, 100.5, 103.0])
NAN = float("nan")


def book_filter(series: Array, threshold: float) -> list[int]:
    """Snippet 2.4 as it is printed, places in place of dates."""
    found, rise, fall = [], 0.0, 0.0
    for place, move in enumerate(np.diff(series).tolist(), start=1):
        rise, fall = max(0.0, rise + move), min(0.0, fall + move)
        if fall < -threshold:
            fall = 0.0
            found.append(place)
        elif rise > threshold:
            rise = 0.0
            found.append(place)
    return found


def log_steps(level: Array) -> Array:
    return np.concatenate(([np.nan], np.diff(np.log(level))))


def test_fourteen_closes_have_the_peers_four_events_and_their_signs() -> None:
    events = cusum_events(log_steps(CLOSES), np.full(14, 0.02), one_block(CLOSES))
    assert np.flatnonzero(events).tolist() == [2, 4, 12, 13]
    assert events[events != 0.0].tolist() == [1.0, -1.0, 1.0, 1.0]


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.floats(0.0, 0.1))
def test_events_are_those_of_the_printed_snippet(seed: int, threshold: float) -> None:
    level = np.cumsum(np.random.default_rng(seed).normal(0.0, 0.02, 200))
    steps = np.concatenate(([np.nan], np.diff(level)))
    assert np.flatnonzero(cusum_events(steps, np.full(200, threshold), one_block(level))).tolist() == book_filter(
        level, threshold
    )


def test_a_share_starts_with_empty_sums_and_its_first_step_does_not_count() -> None:
    steps = np.array([NAN, 0.03, 0.9, 0.01, 0.03])
    events = cusum_events(steps, np.full(5, 0.035), np.array([0, 2, 5]))
    assert events.tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]


def test_a_threshold_moves_with_what_it_is_made_of_and_may_be_missing() -> None:
    steps, segments = np.array([NAN, 0.03, 0.03, NAN, 0.03]), np.array([0, 5])
    assert cusum_events(steps, np.array([NAN, 0.02, 0.02, 0.02, 0.02]), segments).tolist() == [0, 1, 1, 0, 1]
    assert cusum_events(steps, np.array([NAN, 0.05, NAN, 0.02, 0.08]), segments).tolist() == [0, 0, 0, 0, 1]


def test_a_negative_threshold_is_refused() -> None:
    with pytest.raises(DataError, match=r"row 1 has the threshold -0\.1"):
        cusum_events(np.zeros(2), np.array([0.1, -0.1]), np.array([0, 2]))


def test_a_scheduled_event_marks_its_shares_first_row_at_or_after_it() -> None:
    at, segments = np.array([10, 20, 30, 10, 20]), np.array([0, 3, 5])
    marks = scheduled_events(at, segments, np.array([5, 20, 31, 11]), np.array([0, 0, 0, 1]))
    assert np.flatnonzero(marks).tolist() == [0, 1, 4]


def test_a_spike_is_measured_against_the_values_before_it_alone() -> None:
    values = np.array([1.0, 3.0, 2.0, 2.0, 9.0, 2.0, NAN, 9.0])
    assert np.flatnonzero(spikes(values, one_block(values), 4, 2.0)).tolist() == [4]
    assert not spikes(values, np.array([0, 4, 8]), 4, 2.0).any()


def test_a_change_of_regime_is_against_the_last_known_one_of_the_share() -> None:
    state = np.array([NAN, 1.0, NAN, 1.0, 0.0, NAN, 1.0, 0.0, 0.0])
    assert np.flatnonzero(changes(state, np.array([0, 7, 9]))).tolist() == [4, 6]


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.integers(10, 80))
def test_what_comes_later_changes_no_event(seed: int, cut: int) -> None:
    """PIT-02: a filter that knew the future would pick other rows."""
    draws = np.random.default_rng(seed)
    steps = draws.normal(0.0, 0.02, 90)
    other = np.where(np.arange(90) < cut, steps, draws.normal(0.0, 0.5, 90))
    blocks, limit = one_block(steps), np.full(90, 0.03)
    for one, two in (
        (cusum_events(steps, limit, blocks), cusum_events(other, limit, blocks)),
        (spikes(steps, blocks, 5, 1.0), spikes(other, blocks, 5, 1.0)),
        (changes(np.sign(steps), blocks), changes(np.sign(other), blocks)),
    ):
        assert one[:cut].tolist() == two[:cut].tolist()
