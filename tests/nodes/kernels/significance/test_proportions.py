"""Exact intervals of counted shares, against published values and scipy's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from nodes.kernels.significance.proportions import proportion
from nodes.vocabulary.errors import DataError


def test_none_of_twenty_may_still_be_one_in_six() -> None:
    """The rule of three, exactly: 1 - 0.025^(1/20)."""
    found = proportion(0, 20)
    assert (found.low_frac, found.frac) == (0.0, 0.0)
    assert found.high_frac == pytest.approx(1.0 - 0.025 ** (1 / 20), rel=1e-12)


@given(st.integers(0, 60), st.integers(1, 60), st.sampled_from([0.8, 0.95, 0.99]))
def test_intervals_equal_those_of_scipy(n_found: int, n_all: int, confidence: float) -> None:
    n_found = min(n_found, n_all)
    found = proportion(n_found, n_all, confidence)
    wanted = binomtest(n_found, n_all).proportion_ci(confidence, "exact")
    assert (found.low_frac, found.high_frac) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


@pytest.mark.parametrize(("n_found", "n_all", "confidence"), [(2, 1, 0.95), (-1, 3, 0.95), (0, 0, 0.95), (1, 2, 1.0)])
def test_counts_that_cannot_be_are_refused(n_found: int, n_all: int, confidence: float) -> None:
    with pytest.raises(DataError, match="is no count; give 0 <= found <= all"):
        proportion(n_found, n_all, confidence)
