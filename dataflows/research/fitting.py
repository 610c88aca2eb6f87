"""Fitting one trial in one fold: the one place of a study that makes models.

Everything that is learnt is learnt from the training part: the inner folds are cut from it, and what is chosen is
chosen by them. The tested part is predicted once and judges nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dataflows.research.design import FoldDesign
from dataflows.research.ports import FittedModel, Trainer
from dataflows.research.samples import Kind, Samples
from dataflows.research.trials import Fit, FitResult, chance_seed
from nodes.kernels.arrays import Array, Index
from nodes.kernels.splits import Split, combinatorial_purged, purged_folds, walk_forward
from nodes.vocabulary.errors import DataError

_LEAST_PROBABILITY = 1e-6
N_SHUFFLES = 5


@dataclass(frozen=True, eq=False)
class StudyData:
    """What fits are made on.

    Attributes:
        samples: all samples.
        splits: the folds, and last the whole of the samples with nothing to test.
        folds: how they were made.
    """

    samples: Samples
    splits: tuple[Split, ...]
    folds: FoldDesign

    @property
    def n_folds(self) -> int:
        """Folds with something to test; also the place of the whole among the splits."""
        return len(self.splits) - 1


def study_data(samples: Samples, folds: FoldDesign) -> StudyData:
    """Samples cut into folds. Raises DataError when they cannot be."""
    spans, embargo = samples.spans, folds.embargo_sessions
    if folds.kind == "walk-forward":
        tested: Sequence[Split] = walk_forward(spans, folds.n_folds, embargo)
    else:
        tested = combinatorial_purged(spans, folds.n_folds, folds.n_test_groups, embargo).splits
    whole = Split(np.arange(len(samples), dtype=np.int64), np.empty(0, np.int64))
    return StudyData(samples, (*tested, whole), folds)


def fit_result(data: StudyData, trainers: Mapping[str, Trainer], fit: Fit) -> FitResult:
    """What a recorded trial comes to in a fold."""
    split = data.splits[fit.fold]
    train = data.samples.rows(split.train)
    inner = purged_folds(train.spans, data.folds.n_inner_folds, data.folds.embargo_sessions)
    losses = [_inner_loss(train, part, place, trainers, fit) for place, part in enumerate(inner)]
    if len(split.test):
        model = _model(trainers, fit, train, fit.seed)
        predictions = model.predicted(data.samples.features[split.test])
    else:
        predictions = np.empty(0)
    centre, spread = _moments(train.target, train.weights)
    return FitResult(float(np.mean(losses)), predictions, centre, spread)


def final_model(data: StudyData, trainers: Mapping[str, Trainer], fit: Fit) -> FittedModel:
    """The model of a recorded trial on the training part of its fold."""
    return _model(trainers, fit, data.samples.rows(data.splits[fit.fold].train), fit.seed)


def importances(data: StudyData, trainers: Mapping[str, Trainer], fit: Fit) -> Array:
    """By how much the loss on the tested samples grows when a feature's column is shuffled, feature by feature."""
    model, test = final_model(data, trainers, fit), data.samples.rows(data.splits[fit.fold].test)
    before = loss(test.kind, test.target, model.predicted(test.features), test.weights)
    draws = np.random.default_rng(chance_seed(fit.seed, len(test)))
    grown = np.zeros(test.features.shape[1])
    for place in range(len(grown)):
        for _ in range(N_SHUFFLES):
            shuffled = test.features.copy()
            shuffled[:, place] = draws.permutation(shuffled[:, place])
            grown[place] += loss(test.kind, test.target, model.predicted(shuffled), test.weights) - before
    return grown / N_SHUFFLES


def loss(kind: Kind, target: Array, predicted: Array, weights: Array) -> float:
    """Weighted mean log loss of probabilities, or squared error of values; rows without a prediction are left out.

    Raises DataError when no row has one.
    """
    has = np.isfinite(predicted)
    if not has.any():
        message = f"none of {len(predicted)} rows was predicted; use features that the training rows know"
        raise DataError(message)
    target, predicted, weights = target[has], predicted[has], weights[has]
    if kind == "class":
        sure = np.clip(predicted, _LEAST_PROBABILITY, 1.0 - _LEAST_PROBABILITY)
        losses = -(target * np.log(sure) + (1.0 - target) * np.log1p(-sure))
    else:
        losses = (target - predicted) ** 2
    return float(np.sum(weights * losses) / np.sum(weights))


def _inner_loss(train: Samples, part: Split, place: int, trainers: Mapping[str, Trainer], fit: Fit) -> float:
    model = _model(trainers, fit, train.rows(part.train), chance_seed(fit.seed, place))
    test = train.rows(part.test)
    return loss(test.kind, test.target, model.predicted(test.features), test.weights)


def _model(trainers: Mapping[str, Trainer], fit: Fit, train: Samples, seed: int) -> FittedModel:
    trainer = trainers[fit.trial.model]
    return trainer.fitted(train.features, train.target, train.weights, fit.settings, seed)


def _moments(target: Array, weights: Array) -> tuple[float, float]:
    centre = float(np.sum(weights * target) / np.sum(weights))
    return centre, float(np.sqrt(np.sum(weights * (target - centre) ** 2) / np.sum(weights)))


def places_tested(data: StudyData) -> Index:
    """The samples that at least one fold tests, ascending."""
    found: Index = np.unique(np.concatenate([split.test for split in data.splits]))
    return found
