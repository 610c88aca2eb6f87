"""The linear head beside the library that trains it, and its bits alone and in company."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # ships no types

from nodes.kernels.linear_head import positive_probabilities
from nodes.vocabulary.errors import DataError

RANDOM = np.random.default_rng(7)
VECTORS = RANDOM.normal(size=(200, 24))
IS_POSITIVE = VECTORS[:, 0] + 0.3 * RANDOM.normal(size=200) > 0


def test_probabilities_equal_those_of_the_trainer() -> None:
    """SVC-SNT-04."""
    trained = LogisticRegression(C=3.0).fit(VECTORS, IS_POSITIVE)
    served = positive_probabilities(VECTORS, trained.coef_[0], float(trained.intercept_[0]))

    assert np.abs(served - trained.predict_proba(VECTORS)[:, 1]).max() < 1e-12


def test_a_row_has_the_same_bits_alone_and_among_others() -> None:
    weights = RANDOM.normal(size=24)
    together = positive_probabilities(VECTORS, weights, 0.1)
    alone = [positive_probabilities(VECTORS[at : at + 1], weights, 0.1)[0] for at in range(len(VECTORS))]

    assert np.array_equal(together, np.array(alone))


@pytest.mark.parametrize(("logit", "probability"), [(0.0, 0.5), (800.0, 1.0), (-800.0, 0.0), (np.nan, np.nan)])
def test_far_logits_neither_overflow_nor_leave_the_scale(logit: float, probability: float) -> None:
    found = positive_probabilities(np.array([[1.0]]), np.array([logit]), 0.0)
    assert found == pytest.approx([probability], nan_ok=True)


def test_vectors_of_another_width_are_refused() -> None:
    with pytest.raises(DataError, match=r"vectors of shape \(200, 24\) meet 3 weights; use the encoder"):
        positive_probabilities(VECTORS, np.ones(3), 0.0)
