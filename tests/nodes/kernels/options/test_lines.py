"""Many lines at once say what each says alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.options.lines import medians, on_lines

POINTS = st.lists(st.tuples(st.integers(0, 3), st.integers(-4, 4), st.floats(-2.0, 2.0)), max_size=16)


@given(POINTS, st.integers(-5, 5))
def test_each_line_is_read_as_alone(points: list[tuple[int, int, float]], wanted: int) -> None:
    rows = sorted({(line, x): y for line, x, y in points}.items())
    line = np.array([key[0] for key, _ in rows], dtype=np.int64)
    x, y = np.array([float(key[1]) for key, _ in rows]), np.array([value for _, value in rows])
    found = on_lines(line, x, y, float(wanted), 4)
    for number in range(4):
        mine = line == number
        alone = float(np.interp(wanted, x[mine], y[mine], math.nan, math.nan)) if mine.any() else math.nan
        assert found[number] == pytest.approx(alone, nan_ok=True)


@given(POINTS)
def test_each_median_is_that_of_its_group(points: list[tuple[int, int, float]]) -> None:
    group = np.array([line for line, _, _ in points], dtype=np.int64)
    values = np.array([value for _, _, value in points])
    found = medians(group, values, 4)
    for number in range(4):
        mine = values[group == number]
        assert found[number] == pytest.approx(float(np.median(mine)) if len(mine) else math.nan, nan_ok=True)
