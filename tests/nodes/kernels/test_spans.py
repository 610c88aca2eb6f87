"""Overlap of label spans: the book's numbers, a plain loop as oracle, and draws that avoid what was drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.kernels.arrays import Array, Index
from nodes.kernels.spans import (
    Spans,
    average_uniqueness,
    concurrency,
    draw_chances,
    mean_uniqueness,
    sequential_bootstrap,
    sorted_spans,
)
from nodes.vocabulary.errors import DataError

BOOK = Spans(np.array([0, 2, 4]), np.array([2, 3, 5]))
BARS = np.arange(6)


@st.composite
def random_spans(draw: st.DrawFn) -> tuple[Spans, Index]:
    """Some spans over some bars; bars have gaps, spans may begin and end between them or beyond."""
    times = np.unique(np.array(draw(st.lists(st.integers(0, 60), min_size=1, max_size=40)), np.int64))
    pairs = draw(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 15)), min_size=1, max_size=30))
    starts = np.array([start for start, _ in pairs], np.int64)
    ends = starts + np.array([length for _, length in pairs], np.int64)
    return sorted_spans(starts, ends)[0], times


def covered(spans: Spans, times: Index) -> Array:
    """The indicator matrix of the book: a row a time, a column a sample."""
    return ((times[:, None] >= spans.starts) & (times[:, None] <= spans.ends)).astype(np.float64)


def naive_chances(spans: Spans, times: Index, drawn: list[int]) -> Array:
    matrix = covered(spans, times)
    counts = matrix[:, drawn].sum(axis=1)
    worth = [float(np.mean(1.0 / (1.0 + counts[column > 0]))) if column.any() else 0.0 for column in matrix.T]
    return np.array(worth) / sum(worth)


def test_three_overlapping_labels_have_the_books_uniqueness() -> None:
    assert concurrency(BOOK, BARS).tolist() == [1, 1, 2, 1, 1, 1]
    assert average_uniqueness(BOOK, BARS) == pytest.approx([5 / 6, 3 / 4, 1.0], abs=1e-15)
    assert mean_uniqueness(BOOK, BARS) == pytest.approx(6 / 7, abs=1e-15)


def test_after_a_draw_the_chances_are_the_books() -> None:
    assert draw_chances(BOOK, BARS, np.array([1])) == pytest.approx([5 / 14, 3 / 14, 6 / 14], abs=1e-15)


@settings(max_examples=40)
@given(random_spans())
def test_concurrency_and_uniqueness_equal_the_indicator_matrix(case: tuple[Spans, Index]) -> None:
    spans, times = case
    matrix = covered(spans, times)
    counts = matrix.sum(axis=1)
    shares = np.divide(matrix, counts[:, None], out=np.zeros_like(matrix), where=matrix > 0)

    assert concurrency(spans, times).tolist() == counts.tolist()
    means = [column[column > 0].mean() if column.any() else np.nan for column in shares.T]
    assert average_uniqueness(spans, times) == pytest.approx(means, abs=1e-12, nan_ok=True)
    whole = shares[shares > 0].mean() if matrix.any() else np.nan
    assert mean_uniqueness(spans, times) == pytest.approx(whole, abs=1e-12, nan_ok=True)


@settings(max_examples=25)
@given(random_spans().filter(lambda case: covered(*case).any()), st.integers(0, 2**32))
def test_each_draw_falls_where_the_chances_of_all_draws_before_it_say(case: tuple[Spans, Index], seed: int) -> None:
    spans, times = case
    chances = np.random.default_rng(seed).random(12)
    drawn = sequential_bootstrap(spans, times, chances).tolist()

    for place, sample in enumerate(drawn):
        ladder = np.concatenate(([0.0], np.cumsum(naive_chances(spans, times, drawn[:place]))))
        assert ladder[sample] - 1e-9 <= chances[place] <= ladder[sample + 1] + 1e-9
        assert draw_chances(spans, times, np.array(drawn[:place], np.int64)) == pytest.approx(
            np.diff(ladder), abs=1e-12
        )


def test_many_blocks_of_samples_are_drawn_as_one_ladder_says() -> None:
    starts = np.arange(2000)
    spans = Spans(starts, starts + np.arange(2000) % 7)
    times = np.arange(2010)
    chances = np.random.default_rng(3).random(60)
    drawn = sequential_bootstrap(spans, times, chances)

    for place in (0, 20, 59):
        ladder = np.concatenate(([0.0], np.cumsum(draw_chances(spans, times, drawn[:place]))))
        assert ladder[drawn[place]] - 1e-9 <= chances[place] <= ladder[drawn[place] + 1] + 1e-9


def test_sequential_draws_are_more_unique_than_plain_ones() -> None:
    """As the book's Monte Carlo experiment finds (snippets 4.7 to 4.9)."""
    draws = np.random.default_rng(11)
    gains = []
    for _ in range(30):
        starts = draws.integers(0, 100, 10)
        spans, _order = sorted_spans(starts, starts + draws.integers(1, 6, 10))
        sets = draws.integers(0, 10, 10), sequential_bootstrap(spans, np.arange(110), draws.random(10))
        plain, wise = (
            mean_uniqueness(sorted_spans(spans.starts[drawn], spans.ends[drawn])[0], np.arange(110)) for drawn in sets
        )
        gains.append(wise - plain)
    assert np.mean(gains) > 0.03


def test_a_sample_that_covers_no_bar_has_no_uniqueness_and_is_never_drawn() -> None:
    spans = Spans(np.array([0, 5, 8]), np.array([1, 5, 9]))
    bars = np.array([0, 1, 8, 9])

    assert average_uniqueness(spans, bars).tolist() == pytest.approx([1.0, np.nan, 1.0], nan_ok=True)
    assert 1 not in sequential_bootstrap(spans, bars, np.linspace(0.0, 0.999, 50))


def test_samples_that_cover_no_bar_at_all_cannot_be_drawn() -> None:
    with pytest.raises(DataError, match="none of 3 samples covers a bar"):
        sequential_bootstrap(BOOK, np.array([100]), np.array([0.5]))
    assert np.isnan(mean_uniqueness(BOOK, np.array([100])))


@pytest.mark.parametrize(
    ("starts", "ends", "match"),
    [
        (np.array([0.0]), np.array([1.0]), "spans are float64"),
        (np.array([0, 1]), np.array([1]), "2 starts meet 1 ends"),
        (np.array([3, 1]), np.array([3, 3]), "sample 1 starts at 1, the one before it at 3"),
        (np.array([3]), np.array([2]), "sample 0 ends at 2, before its start at 3"),
    ],
)
def test_spans_that_are_none_are_refused(starts: Index, ends: Index, match: str) -> None:
    with pytest.raises(DataError, match=match):
        Spans(starts, ends)


def test_bars_out_of_order_and_chances_out_of_range_are_refused() -> None:
    with pytest.raises(DataError, match="time 3 follows 3; give the times"):
        average_uniqueness(BOOK, np.array([1, 3, 3]))
    with pytest.raises(DataError, match=r"chance 1\.0; give numbers from 0"):
        sequential_bootstrap(BOOK, BARS, np.array([0.1, 1.0]))
