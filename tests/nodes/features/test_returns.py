"""Returns of a split, of a gap, of a first bar and of a missing price."""

from __future__ import annotations

import polars as pl
import pytest

from nodes.features.returns import index_return_frac, overnight_gap_frac, total_return_frac
from nodes.vocabulary.units import FracColumn, Segments, UsdColumn
from tests.nodes.bars import bars, panel, segments_of

CLOSE = UsdColumn(pl.Series([100.0, 110.0, 55.0, None, 66.0]))
OPEN = UsdColumn(pl.Series([100.0, 105.0, 56.1, 60.0, 60.5]))
RATIO = FracColumn(pl.Series([1.0, 1.0, 2.0, 1.0, 1.0]))
ONE = Segments(segments_of(bars("A", 5, 1)))


def test_total_return_takes_a_split_out_and_needs_both_closes() -> None:
    assert total_return_frac(CLOSE, RATIO, ONE).to_list() == [None, pytest.approx(0.1), 0.0, None, None]


def test_overnight_gap_takes_a_split_out() -> None:
    found = overnight_gap_frac(OPEN, CLOSE, RATIO, ONE).to_list()
    assert found == [None, pytest.approx(0.05), pytest.approx(0.02), pytest.approx(60.0 / 55.0 - 1.0), None]


def test_a_return_never_spans_two_symbols() -> None:
    two = Segments(segments_of(panel(bars("A", 2, 1), bars("B", 3, 1))))
    assert total_return_frac(CLOSE, RATIO, two).to_list()[2] is None


def test_index_return_spans_the_symbols_own_bars() -> None:
    level = UsdColumn(pl.Series([1000.0, 1100.0, None, 1210.0, 1331.0]))
    found = index_return_frac(level, ONE).to_list()
    assert found == [None, pytest.approx(0.1), None, None, pytest.approx(0.1)]
