"""Sample weights by return and by age, against the snippets as printed."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.kernels.sample_weights import return_weights, time_decay
from nodes.kernels.spans import Spans, concurrency
from nodes.vocabulary.errors import DataError

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


@pytest.mark.parametrize(
    ("oldest", "expected"),
    [
        (1.0, [1.0, 1.0, 1.0, 1.0]),
        (0.5, [0.625, 0.75, 0.875, 1.0]),
        (0.0, [0.25, 0.5, 0.75, 1.0]),
        (-0.5, [0.0, 0.0, 0.5, 1.0]),
    ],
)
def test_weights_fall_in_a_line_over_cumulative_uniqueness(oldest: float, expected: list[float]) -> None:
    assert time_decay(np.full(4, 0.7), oldest) == pytest.approx(expected, abs=1e-12)


def test_a_sample_without_uniqueness_does_not_age_the_others() -> None:
    assert time_decay(np.array([0.5, np.nan, 0.5]), 0.0) == pytest.approx([0.5, 0.5, 1.0])
    assert time_decay(np.array([np.nan]), 0.0).tolist() == [0.0]


def test_a_decay_that_would_make_weights_of_the_newest_is_refused() -> None:
    with pytest.raises(DataError, match=r"oldest weight of 1\.5 is no decay"):
        time_decay(np.ones(3), 1.5)
