"""Choosing features without fooling oneself: chosen inside each training part, judged on the tested one.

Whoever chooses features on all rows and then validates on the same rows finds skill in noise (Ambroise, McLachlan
2002, Selection bias in gene extraction, PNAS 99(10)). Here a choice never sees what judges it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from adapters.models.importance import permutation_importances, row_losses
from adapters.models.unseen import Recipe, unseen_predictions
from dataflows.research.samples import Samples
from nodes.kernels.arrays import Array
from nodes.kernels.splits import Split, purged_folds


@dataclass(frozen=True, slots=True)
class SelectionDesign:
    """How features are chosen inside a training part.

    Attributes:
        n_folds: purged folds inside of it.
        embargo: of those folds, in the unit of the spans.
    """

    n_folds: int
    embargo: int


@dataclass(frozen=True, slots=True)
class FoldChoice:
    """What was chosen in one training part, and how it did on the tested one.

    Attributes:
        names: chosen features.
        loss: of the model on them, over the tested rows.
        loss_of_all: of the model on all features.
        loss_of_none: of the training part's mean.
    """

    names: tuple[str, ...]
    loss: float
    loss_of_all: float
    loss_of_none: float


@dataclass(frozen=True, slots=True)
class Selection:
    """Choices of all folds.

    Attributes:
        folds: one a split.
        names: the choice on all samples: what a final model would read.
        chosen_frac: for each feature, in which share of the folds it was chosen.
    """

    folds: tuple[FoldChoice, ...]
    names: tuple[str, ...]
    chosen_frac: dict[str, float]


def nested_selection(recipe: Recipe, samples: Samples, splits: Sequence[Split], design: SelectionDesign) -> Selection:
    """Features chosen anew in each training part and judged on its tested one; and the choice on all samples.

    Source: Varma, Simon (2006), Bias in error estimation when using cross-validation for model selection, BMC
        Bioinformatics 7.
    """
    folds = []
    for at, split in enumerate(splits):
        train, own = samples.rows(split.train), recipe.at(at)
        names = chosen_features(own, train, design)
        folds.append(_judged(own, train, samples.rows(split.test), names))
    final = chosen_features(recipe.at(len(splits)), samples, design)
    times = {name: sum(name in fold.names for fold in folds) / len(folds) for name in samples.names}
    return Selection(tuple(folds), final, times)


def chosen_features(recipe: Recipe, samples: Samples, design: SelectionDesign) -> tuple[str, ...]:
    """The fewest features, most important first, whose loss over inner folds is within one standard error of the best.

    Only these samples are looked at. Source of the rule of one standard error: Breiman et al. (1984), Classification
    and Regression Trees, section 3.4.3.
    """
    inner = purged_folds(samples.spans, design.n_folds, design.embargo)
    ranked = sorted(permutation_importances(recipe, samples, inner), key=lambda each: -each.mean)
    names = [each.name for each in ranked]
    sizes = _sizes(len(names))
    losses = [_inner_losses(recipe, columns(samples, names[:size]), inner) for size in sizes]
    means = [float(np.mean(found)) for found in losses]
    best = int(np.argmin(means))
    bound = means[best] + float(np.std(losses[best], ddof=1)) / np.sqrt(len(inner))
    return tuple(names[: next(size for size, mean in zip(sizes, means, strict=True) if mean <= bound)])


def columns(samples: Samples, names: Sequence[str]) -> Samples:
    """The samples with some of their features."""
    places = [samples.names.index(name) for name in names]
    return replace(samples, features=samples.features[:, places], names=tuple(names))


def mean_loss(samples: Samples, predicted: Array) -> float:
    """Weighted mean loss over the rows that have a prediction; NaN when none has."""
    losses = row_losses(samples.kind, samples.target, predicted)
    has = np.isfinite(losses)
    mass = float(samples.weights[has].sum())
    return float((samples.weights[has] * losses[has]).sum() / mass) if mass > 0.0 else float("nan")


def _inner_losses(recipe: Recipe, samples: Samples, inner: Sequence[Split]) -> list[float]:
    predicted = unseen_predictions(recipe, samples, inner)
    return [mean_loss(samples.rows(split.test), predicted[split.test]) for split in inner]


def _judged(recipe: Recipe, train: Samples, test: Samples, names: tuple[str, ...]) -> FoldChoice:
    few, all_of_them = (
        mean_loss(test, recipe.fitted(columns(train, kept)).predicted(columns(test, kept).features))
        for kept in (names, train.names)
    )
    centre = float((train.weights * train.target).sum() / train.weights.sum())
    return FoldChoice(names, few, all_of_them, mean_loss(test, np.full(len(test), centre)))


def _sizes(n_features: int) -> list[int]:
    """How many features are tried: one, two, four and so on, and all."""
    return sorted({min(2**power, n_features) for power in range(n_features.bit_length() + 1)})
