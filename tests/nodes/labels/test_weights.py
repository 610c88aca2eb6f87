"""What labels share: each share by itself, over its own bars."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nodes.kernels.arrays import Index
from nodes.kernels.barriers import UNKNOWN, VERTICAL
from nodes.labels.weights import label_concurrency_count, label_uniqueness_frac, label_weight_score
from nodes.vocabulary.units import CountColumn, FracColumn, Panel, Segments

SESSIONS = CountColumn(pl.Series([0, 1, 2, 3, 4, 5, 0, 1]))
SEGMENTS = Segments(np.array([0, 6, 8]))
"""The book's three labels on share A, with spans 0-2, 2-3 and 4-5; one of 0-1 on share B."""


def exits() -> Panel:
    known: Index = np.array([0, 2, 4, 6])
    touch, end = np.full(8, UNKNOWN), np.full(8, -1)
    touch[known], end[known] = VERTICAL, [2, 3, 5, 1]
    return Panel(pl.DataFrame({"touch": touch, "session": end}))


def test_a_bar_counts_the_labels_of_its_share_that_are_made_of_it() -> None:
    assert label_concurrency_count(exits(), SESSIONS, SEGMENTS).to_list() == [1, 1, 2, 1, 1, 1, 1, 1]


def test_uniqueness_is_the_books_and_stands_on_the_events_row() -> None:
    found = label_uniqueness_frac(exits(), SESSIONS, SEGMENTS).to_list()
    assert [found[row] for row in (0, 2, 4, 6)] == pytest.approx([5 / 6, 3 / 4, 1.0, 1.0])
    assert [found[row] for row in (1, 3, 5, 7)] == [None] * 4


def test_a_labels_weight_is_the_return_that_it_has_to_itself() -> None:
    returns = FracColumn(pl.Series([0.01, -0.02, 0.03, 0.01, -0.04, 0.01, 0.5, 0.1]))
    found = label_weight_score(exits(), returns, SESSIONS, SEGMENTS).to_list()
    raw = [0.005, 0.025, 0.03]
    assert [found[row] for row in (0, 2, 4)] == pytest.approx([3 * size / sum(raw) for size in raw])
    assert found[6] == pytest.approx(1.0)
    assert found[1] is None
