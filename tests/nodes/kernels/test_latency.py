"""Percentiles in buckets: never told too short, and too long by less than the buckets are wide."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.latency import PRECISION, LatencyHistogram, bucket_of, largest_of


@given(st.integers(0, 2**53))
def test_a_bucket_holds_its_value_and_little_more(value: int) -> None:
    top = largest_of(bucket_of(value))
    assert value <= top <= value + value / PRECISION
    assert bucket_of(top) == bucket_of(value)
    assert bucket_of(top + 1) == bucket_of(value) + 1


def test_percentiles_are_those_of_all_values_to_the_width_of_a_bucket() -> None:
    """API-STR-08: against numpy's over the same values."""
    values = np.random.Generator(np.random.PCG64(np.random.SeedSequence([3]))).lognormal(12.0, 2.0, 5_000).astype(int)
    histogram = LatencyHistogram()
    for value in values.tolist():
        histogram.record(value)
    wanted = (50.0, 95.0, 99.0, 100.0)
    exact = np.percentile(values, wanted, method="inverted_cdf")
    found = np.array(histogram.percentiles_ns(wanted))
    assert np.all(found >= exact)
    assert np.all(found <= exact * (1 + 1 / PRECISION) + 1)
    assert found[-1] == values.max()
    assert histogram.n_values == 5_000


def test_of_nothing_there_are_no_percentiles_and_a_clock_set_back_counts_as_none() -> None:
    histogram = LatencyHistogram()
    assert histogram.percentiles_ns((50.0,)) == ()
    histogram.record(-5)
    assert histogram.percentiles_ns((50.0,)) == (0,)
    histogram.record(2**70)
    assert histogram.percentiles_ns((100.0,))[0] >= 2**54
