"""Bets that follow from predictions: of classes, of values, and of meta-labels."""

from __future__ import annotations

import numpy as np

from dataflows.research.sizing import sample_sizes
from nodes.kernels.bets import bet_sizes, value_sizes

SAID = np.array([0.2, 0.5, 0.8, np.nan])


def test_a_class_is_sized_by_its_probability_and_a_value_by_its_distance() -> None:
    found = sample_sizes("class", SAID, 0.5, 0.5, None)
    assert np.array_equal(found, bet_sizes(SAID, 0.5), equal_nan=True)
    values = sample_sizes("value", SAID, 0.1, 2.0, None)
    assert np.array_equal(values, value_sizes(SAID, 0.1, 2.0), equal_nan=True)


def test_a_meta_label_takes_part_of_the_primary_side_and_never_the_opposite() -> None:
    """LBL-02."""
    found = sample_sizes("class", SAID, 0.5, 0.5, np.array([1.0, 1.0, -1.0, 1.0]))
    assert found[0] == found[1] == 0.0
    assert found[2] < 0.0
    assert np.isnan(found[3])
