"""How much each feature matters for rows that a model did not see, with an interval that says how sure that is.

Two questions are answered. Permutation: by how much do predictions err more when a feature's column is shuffled?
Shapley values: how much of each prediction's distance from the average does a feature carry? A feature can carry much
and help nothing: that is what over-fitting looks like.

Rows of neighbouring sessions share their labels' returns, so intervals resample blocks of sessions as long as the
longest label, not rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from adapters.models.unseen import Recipe
from dataflows.research.ports import FittedModel
from dataflows.research.samples import Kind, Samples
from dataflows.research.trials import chance_seed
from nodes.kernels.arrays import Array, Index
from nodes.kernels.calibration import LEAST_PROBABILITY
from nodes.kernels.splits import Split
from nodes.vocabulary.errors import DataError

_N_SHUFFLES = 5
_N_RESAMPLES = 1_000
_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Importance:
    """One feature.

    Attributes:
        name: of the feature.
        mean: over the tested rows.
        low: lower end of the 95 % interval.
        high: upper end.
    """

    name: str
    mean: float
    low: float
    high: float


@runtime_checkable
class ExplainedModel(Protocol):
    """A model that can say what each feature adds to a prediction."""

    def contributions(self, x: Array) -> Array:
        """One row a sample, one column a feature, in the unit of the model's score; NaN without a prediction."""
        ...


def permutation_importances(recipe: Recipe, samples: Samples, splits: Sequence[Split]) -> tuple[Importance, ...]:
    """By how much the loss of unseen rows grows when each feature is shuffled among them.

    Source: Breiman (2001), Random Forests, section 10; Lopez de Prado (2018), Advances in Financial Machine Learning,
        section 8.3.2 (mean decrease accuracy), with log loss.
    """
    parts = [_fold_growth(recipe.at(at), samples, split) for at, split in enumerate(splits)]
    return _importances(samples, splits, parts, recipe.seed)


def shapley_importances(recipe: Recipe, samples: Samples, splits: Sequence[Split]) -> tuple[Importance, ...]:
    """The mean size of each feature's Shapley value over unseen rows.

    Source: Lundberg et al. (2020), From local explanations to global understanding with explainable AI for trees,
        Nature Machine Intelligence 2.

    Raises:
        DataError: the trainer's models do not explain themselves.
    """
    parts = []
    for at, split in enumerate(splits):
        model = recipe.at(at).fitted(samples.rows(split.train))
        parts.append(np.abs(explained(model).contributions(samples.features[split.test])))
    return _importances(samples, splits, parts, recipe.seed)


def explained(model: FittedModel) -> ExplainedModel:
    """The model as one that explains itself. Raises DataError for another."""
    if not isinstance(model, ExplainedModel):
        message = f"{type(model).__name__} has no Shapley values; ask for those of one trainer's model"
        raise DataError(message)
    return model


def row_losses(kind: Kind, target: Array, predicted: Array) -> Array:
    """Log loss of each probability, or squared error of each value; NaN where there is no prediction."""
    if kind == "value":
        return np.asarray((target - predicted) ** 2, np.float64)
    sure = np.clip(predicted, LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY)
    return np.asarray(-(target * np.log(sure) + (1.0 - target) * np.log1p(-sure)), np.float64)


def _fold_growth(recipe: Recipe, samples: Samples, split: Split) -> Array:
    """For each tested row by how much its loss grows when a feature is shuffled, one column a feature."""
    model = recipe.fitted(samples.rows(split.train))
    x, y = samples.features[split.test], samples.target[split.test]
    before = row_losses(samples.kind, y, model.predicted(x))
    chance = np.random.default_rng(recipe.seed)
    grown = np.empty(x.shape)
    for column in range(x.shape[1]):
        shuffled = np.tile(x, (_N_SHUFFLES, 1))
        shuffled[:, column] = np.concatenate([chance.permutation(x[:, column]) for _ in range(_N_SHUFFLES)])
        after = row_losses(samples.kind, np.tile(y, _N_SHUFFLES), model.predicted(shuffled))
        grown[:, column] = after.reshape(_N_SHUFFLES, -1).mean(axis=0) - before
    return grown


def _importances(
    samples: Samples, splits: Sequence[Split], parts: Sequence[Array], seed: int
) -> tuple[Importance, ...]:
    """Weighted means over all tested rows, and their spread when blocks of sessions are drawn anew."""
    places = np.concatenate([split.test for split in splits])
    values = np.vstack(list(parts))
    has = np.isfinite(values).all(axis=1)
    if not has.any():
        message = f"none of {len(places)} tested rows was predicted; use features that the training rows know"
        raise DataError(message)
    weights = samples.weights[places][has]
    blocks = _blocks(samples, places[has])
    sums = np.column_stack([np.bincount(blocks, weights * column).astype(np.float64) for column in values[has].T])
    masses = np.asarray(np.bincount(blocks, weights), np.float64)
    means = sums.sum(axis=0) / masses.sum()
    drawn = _resampled(sums, masses, seed)
    low, high = np.quantile(drawn, (_TAIL, 1.0 - _TAIL), axis=0)
    ends = zip(samples.names, means.tolist(), low.tolist(), high.tolist(), strict=True)
    return tuple(Importance(*told) for told in ends)


def _blocks(samples: Samples, places: Index) -> Index:
    """The block of each row: sessions together, as many as the longest label has."""
    length = int((samples.spans.ends - samples.spans.starts).max()) + 1
    found: Index = np.unique(samples.spans.starts[places] // length, return_inverse=True)[1]
    return found


def _resampled(sums: Array, masses: Array, seed: int) -> Array:
    """The means of draws of as many blocks as there are, one row a draw."""
    chance = np.random.default_rng(chance_seed(seed, len(masses)))
    draws = chance.integers(0, len(masses), (_N_RESAMPLES, len(masses)))
    totals = masses[draws].sum(axis=1)
    found = np.array([sums[draw].sum(axis=0) for draw in draws])
    return np.asarray(found / np.where(totals > 0.0, totals, np.nan)[:, None], np.float64)
