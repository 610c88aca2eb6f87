"""Training a head on a user's labels, and measuring it beside the lexicon on folds that it has not seen.

The penalty is chosen inside the training part of each fold, so that no figure comes from labels that chose anything.
Both classes weigh the same, however many labels each has: how often a desk's labels were good says nothing of the
next text. One thread fits, so that equal labels give equal bits on one machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from adapters.sentiment.encoder import Vectors, model_files
from adapters.sentiment.extra import sentiment_library
from adapters.sentiment.head import Head
from adapters.sentiment.labels import NEUTRAL_BAND, Labels
from nodes.kernels.arrays import Index
from nodes.kernels.grouped_folds import grouped_folds
from nodes.kernels.linear_head import positive_probabilities

N_FOLDS = 5
PENALTIES = (1.0, 3.0, 10.0, 30.0)
"""Inverse penalties that are tried."""
_N_INNER_FOLDS = 4
_MAX_STEPS = 2_000
_TOLERANCE = 1e-8
Classes = NDArray[np.bool_]
Told = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Fit:
    """What a fit comes to.

    Attributes:
        weights: one a dimension.
        intercept: of the logit.
    """

    weights: NDArray[np.float64]
    intercept: float

    def is_positive(self, vectors: Vectors) -> Classes:
        """Which rows are more likely positive than not."""
        return np.asarray(positive_probabilities(vectors, self.weights, self.intercept) > 1 / 2, np.bool_)


def trained_head(name: str, labels: Labels, vectors: Vectors) -> Head:
    """A head fitted on all labels, its penalty chosen over grouped folds of them.

    Args:
        name: of the head.
        labels: what people said.
        vectors: one row a label, of the installed encoder.

    Raises:
        EdgeError: scikit-learn is not installed.
        DataError: the labels make too few groups.
    """
    inverse_penalty = _chosen_penalty(vectors, labels.is_positive, labels.headline_groups)
    fit = fitted(vectors, labels.is_positive, inverse_penalty)
    files = model_files()
    n_positive = int(labels.is_positive.sum())
    return Head(
        name=name,
        encoder_sha256=files["minilm-int8"].sha256,
        tokenizer_sha256=files["minilm-tokenizer"].sha256,
        weights=tuple(fit.weights.tolist()),
        intercept=fit.intercept,
        inverse_penalty=inverse_penalty,
        neutral_band=NEUTRAL_BAND,
        labels_sha256=labels.sha256,
        n_positive=n_positive,
        n_negative=len(labels.is_positive) - n_positive,
        labels_known_at=labels.known_at,
        trainer=f"scikit-learn {sentiment_library('sklearn').__version__}",
    )


def unseen_classes(vectors: Vectors, is_positive: Classes, groups: Sequence[int], told: Told | None = None) -> Classes:
    """What a head says of each label when it was trained on the other folds only."""
    folds = grouped_folds(groups, N_FOLDS)
    found = np.zeros(len(is_positive), np.bool_)
    for fold in range(N_FOLDS):
        is_own = folds != fold
        own_groups = [group for group, is_kept in zip(groups, is_own, strict=True) if is_kept]
        inverse_penalty = _chosen_penalty(vectors[is_own], is_positive[is_own], own_groups)
        fit = fitted(vectors[is_own], is_positive[is_own], inverse_penalty)
        found[~is_own] = fit.is_positive(vectors[~is_own])
        if told is not None:
            told("folds", fold + 1, N_FOLDS)
    return found


def fitted(vectors: Vectors, is_positive: Classes, inverse_penalty: float) -> Fit:
    """A logistic regression with an L2 penalty, both classes of equal weight."""
    regression = sentiment_library("sklearn.linear_model").LogisticRegression(
        C=inverse_penalty, class_weight="balanced", max_iter=_MAX_STEPS, tol=_TOLERANCE
    )
    with threadpool_limits(1):
        regression.fit(vectors, is_positive)
    return Fit(np.asarray(regression.coef_[0], np.float64), float(regression.intercept_[0]))


def _chosen_penalty(vectors: Vectors, is_positive: Classes, groups: Sequence[int]) -> float:
    """The inverse penalty with the most right answers on unseen folds; of equal ones the strongest penalty."""
    folds = grouped_folds(groups, _N_INNER_FOLDS)
    return max(PENALTIES, key=lambda penalty: (_n_right(vectors, is_positive, folds, penalty), -penalty))


def _n_right(vectors: Vectors, is_positive: Classes, folds: Index, inverse_penalty: float) -> int:
    n_right = 0
    for fold in range(_N_INNER_FOLDS):
        is_own = folds != fold
        fit = fitted(vectors[is_own], is_positive[is_own], inverse_penalty)
        n_right += int((fit.is_positive(vectors[~is_own]) == is_positive[~is_own]).sum())
    return n_right
