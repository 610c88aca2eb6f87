"""Trees in ONNX: branches, ties, absences, and a tree that is one leaf."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.models.drawing import Drawing
from adapters.models.fitted import scaled
from adapters.models.onnx_runtime import Scorer
from adapters.models.trees import LEAF, Tree, drawn_trees

THRESHOLD = 0.1
BELOW, ABOVE, ONLY = 1.0, 20.0, 300.0


def stump(*, absent_goes_left: bool) -> Tree:
    """One comparison."""
    return Tree(
        left=np.array([1, LEAF, LEAF]),
        right=np.array([2, LEAF, LEAF]),
        feature=np.array([1, 0, 0]),
        threshold=np.array([THRESHOLD, 0.0, 0.0]),
        absent_goes_left=np.array([absent_goes_left, False, False]),
        value=np.array([0.0, BELOW, ABOVE]),
    )


def leaf() -> Tree:
    """No comparison."""
    nothing = np.array([LEAF])
    return Tree(nothing, nothing, np.array([0]), np.zeros(1), np.array([False]), np.array([ONLY]))


def sum_of(trees: list[Tree], value: float, *, is_strict: bool = False) -> float:
    drawing = Drawing(2)
    column = drawn_trees(trees, is_strict=is_strict, drawing=drawing, rows="features")
    return Scorer(drawing.model(scaled(drawing, column, 1.0, 0.0)), ("a", "b")).score({"a": 0.0, "b": value})


@pytest.mark.parametrize(
    ("value", "is_strict", "wanted"),
    [
        (0.0, False, BELOW),
        (THRESHOLD, False, BELOW),
        (THRESHOLD, True, ABOVE),
        (float(np.nextafter(THRESHOLD, 1.0)), False, ABOVE),
        (float(np.nextafter(THRESHOLD, 0.0)), True, BELOW),
        (np.inf, False, ABOVE),
        (-np.inf, True, BELOW),
    ],
)
def test_a_threshold_is_compared_in_64_bits(value: float, is_strict: bool, wanted: float) -> None:  # noqa: FBT001
    """The converters of libraries round 0.1 to 32 bits: the next 64-bit float above it would go left."""
    assert sum_of([stump(absent_goes_left=False)], value, is_strict=is_strict) == wanted


@pytest.mark.parametrize(("goes_left", "wanted"), [(True, BELOW), (False, ABOVE)])
def test_an_absence_goes_where_the_tree_sends_it(goes_left: bool, wanted: float) -> None:  # noqa: FBT001
    assert sum_of([stump(absent_goes_left=goes_left)], np.nan) == wanted


@pytest.mark.parametrize("value", [0.0, 5.0, np.nan])
def test_a_tree_of_one_leaf_adds_it_to_every_row(value: float) -> None:
    assert sum_of([leaf()], value) == ONLY


def test_trees_add_up_in_any_mixture() -> None:
    trees = [stump(absent_goes_left=True), leaf(), stump(absent_goes_left=False), leaf()]
    assert sum_of(trees, np.nan) == BELOW + ABOVE + 2 * ONLY
