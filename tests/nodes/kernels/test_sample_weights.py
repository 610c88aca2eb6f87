"""Sample weights by return and by age, against the snippets as printed."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.kernels.sample_weights import return_weights
from nodes.kernels.spans import Spans, concurrency

SPANS = Spans(np.array([0, 2, 4, 9]), np.array([2, 3, 5, 9]))
TIMES = np.arange(6)
RETURNS = np.array([0.01, -0.02, 0.03, 0.01, -0.04, 0.01])


def test_a_sample_weighs_what_it_has_of_the_returns_to_itself() -> None:
    counts = concurrency(SPANS, TIMES)
    raw = [abs(sum(RETURNS[time] / counts[time] for time in span)) for span in ([0, 1, 2], [2, 3], [4, 5])]
    weights = return_weights(RETURNS, SPANS, TIMES)

    assert weights == pytest.approx(np.array([*raw, 0.0]) * 4 / sum(raw), abs=1e-12)
    assert weights.sum() == pytest.approx(4.0)


def test_a_missing_return_counts_for_none_and_no_returns_weigh_nothing() -> None:
    assert return_weights(np.array([np.nan] * 6), SPANS, TIMES).tolist() == [0.0] * 4
    gapped = np.where(np.arange(6) == 1, np.nan, RETURNS)
    assert return_weights(gapped, SPANS, TIMES) == pytest.approx(
        return_weights(np.nan_to_num(gapped), SPANS, TIMES), abs=0.0
    )
