"""Falls from peaks: a published case, and that the deepest is what the running drawdown says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.arrays import Array
from nodes.kernels.drawdowns import Drawdown, drawdowns
from nodes.kernels.risk import max_drawdown

PNL = np.array([100.0, 110.0, 90.0, 100.0, 120.0, 130.0, 100.0, 120.0, 140.0, 130.0])


def test_the_falls_of_the_published_path_come_out() -> None:
    """Reference case drawdown.dollars_mlfinlab."""
    assert [each.depth for each in drawdowns(PNL)] == [20.0, 30.0, 10.0]


def test_a_fall_knows_its_peak_its_trough_and_when_the_peak_was_passed() -> None:
    assert drawdowns(PNL) == (
        Drawdown(1, 2, 4, 110.0, 90.0),
        Drawdown(5, 6, 8, 130.0, 100.0),
        Drawdown(8, 9, None, 140.0, 130.0),
    )


@pytest.mark.parametrize("levels", [[], [math.nan], [1.0], [1.0, 1.0, 2.0]])
def test_a_path_that_never_falls_has_none(levels: list[float]) -> None:
    assert drawdowns(np.array(levels)) == ()


def test_a_missing_level_moves_nothing() -> None:
    assert [each.depth for each in drawdowns(np.array([2.0, math.nan, 1.0]))] == [1.0]


@given(st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=40))
def test_the_deepest_is_the_maximum_drawdown(returns: list[float]) -> None:
    levels: Array = np.cumprod(np.array([1.0, *(1.0 + each for each in returns)]))
    deepest = max((each.depth_frac for each in drawdowns(levels)), default=0.0)
    assert deepest == pytest.approx(max_drawdown(np.array(returns)), abs=1e-12)
