"""Ensembles: members mixed by how well each predicted samples that it had not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adapters.models.drawing import Drawing, Value
from adapters.models.fitted import DrawnModel, graph_of, shared_width
from adapters.models.unseen import Recipe, drawable, unseen_predictions
from dataflows.research.samples import Samples
from nodes.kernels.arrays import Array
from nodes.kernels.pooling import class_pool_weights, value_pool_weights
from nodes.kernels.splits import purged_folds


@dataclass(frozen=True)
class Ensemble:
    """Models and the weight of each.

    Attributes:
        models: at least one, all of the same features.
        weights: none negative, their sum one.
    """

    models: tuple[DrawnModel, ...]
    weights: tuple[float, ...]

    @property
    def n_features(self) -> int:
        """Columns that it reads."""
        return shared_width(self.models)

    def predicted(self, x: Array) -> Array:
        """The weighted mean of the members' predictions; NaN where one of them has none."""
        total = np.zeros(len(x))
        for model, weight in zip(self.models, self.weights, strict=True):
            total += weight * model.predicted(x)
        return total

    def drawn(self, drawing: Drawing, features: Value) -> Value:
        """The prediction for features as they come."""
        total = drawing.constant(np.array(0.0))
        for model, weight in zip(self.models, self.weights, strict=True):
            part = drawing.operation("Mul", model.drawn(drawing, features), drawing.constant(np.array(weight)))
            total = drawing.operation("Add", total, part)
        return total

    def onnx(self) -> bytes:
        """All members as one ONNX graph."""
        return graph_of(self)


def ensemble(members: Sequence[Recipe], samples: Samples, n_folds: int, embargo: int) -> Ensemble:
    """The members trained on all samples, weighted by their predictions for unseen ones among them.

    Args:
        members: at least one.
        samples: training samples; no other is looked at.
        n_folds: purged folds inside of them.
        embargo: of those folds, in the unit of the spans.
    """
    folds = purged_folds(samples.spans, n_folds, embargo)
    unseen = np.column_stack([unseen_predictions(member, samples, folds) for member in members])
    fit = class_pool_weights if samples.kind == "class" else value_pool_weights
    weights = fit(unseen, samples.target, samples.weights)
    models = [drawable(member.fitted(samples)) for member in members]
    return Ensemble(tuple(models), tuple(weights.tolist()))
