"""What is refused, and in which words."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nodes.kernels.arrays import Array
from nodes.kernels.significance.checks import checked_panel, checked_series, require_between, require_variation
from nodes.vocabulary.errors import DataError


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[1.0, 2.0]], r"shape \(1, 2\), expected one series; give one value a period"),
        ([1.0], "have 1 values, expected at least 2; give a longer sample"),
        ([1.0, math.nan, math.inf], "have nan in period 1 of strategy 0, and 2 such values in all; drop the periods"),
    ],
)
def test_series_that_says_nothing_is_refused(values: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        checked_series(np.array(values), 2, "the returns")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros(3), r"shape \(3,\), expected periods x strategies"),
        (np.zeros((3, 1)), "have 1 strategies, expected at least 2; give all that were tried"),
        (np.zeros((1, 2)), "have 1 periods, expected at least 2; give a longer sample"),
        (np.array([[0.0, 1.0], [0.0, -math.inf]]), "have -inf in period 1 of strategy 1"),
    ],
)
def test_panel_that_says_nothing_is_refused(values: Array, message: str) -> None:
    with pytest.raises(DataError, match=message):
        checked_panel(values, 2, 2, "the returns")


def test_panel_that_will_do_comes_back_in_rows() -> None:
    panel = checked_panel(np.asfortranarray(np.ones((3, 2))), 2, 2, "the returns")
    assert panel.flags.c_contiguous
    assert panel.shape == (3, 2)


def test_strategies_that_do_not_vary_are_named_up_to_five() -> None:
    spread = np.array([1.0] + [0.0] * 7)
    with pytest.raises(DataError, match=r"of strategy 1, 2, 3, 4, 5, \.\.\. do not vary \(spread 0\); leave"):
        require_variation(spread, np.ones(8), "the returns")
    require_variation(np.ones(2), np.ones(2), "the returns")


@pytest.mark.parametrize("value", [0.0, 1.0, math.nan, -3.0])
def test_number_outside_of_its_bounds_is_refused(value: float) -> None:
    with pytest.raises(DataError, match=f"the level was {value}, expected over 0 and under 1; give a share"):
        require_between(value, 0.0, 1.0, "the level", "give a share")
