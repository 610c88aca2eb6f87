"""A model after its training: what a library made of the rows, behind the law of which rows it predicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from adapters.models.drawing import Drawing, Value
from adapters.models.rows import Mask, RowLaw, rounded
from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError


class Core(Protocol):
    """What one library made of the training rows. It sees only rows that the law admits."""

    def predicted(self, rows: Array) -> Array:
        """What the library itself predicts for rounded rows."""
        ...

    def drawn(self, drawing: Drawing, rows: Value) -> Value:
        """The same in ONNX, one number a row."""
        ...

    def contributions(self, rows: Array) -> Array:
        """What each feature adds to each row's score: Shapley values."""
        ...


@runtime_checkable
class DrawnModel(Protocol):
    """A fitted model that others can be built on: it draws itself into a graph that has begun."""

    @property
    def n_features(self) -> int:
        """Columns that it reads."""
        ...

    def predicted(self, x: Array) -> Array:
        """As `dataflows.research.ports.FittedModel` has it."""
        ...

    def drawn(self, drawing: Drawing, features: Value) -> Value:
        """The prediction for features as they come."""
        ...

    def onnx(self) -> bytes:
        """The model as a graph of its own."""
        ...


@dataclass(frozen=True)
class LawfulModel:
    """A core and the law of its training rows.

    Attributes:
        law: which rows it predicts.
        core: what predicts them.
    """

    law: RowLaw
    core: Core

    @property
    def n_features(self) -> int:
        """Columns that it reads."""
        return len(self.law.may_be_absent)

    def predicted(self, x: Array) -> Array:
        """For each row the probability of class 1, or the value; NaN where the law has no prediction.

        Raises:
            DataError: there are more or fewer columns than the model was trained on.
        """
        rows, is_kept = self._kept(x)
        found = np.full(len(rows), np.nan)
        if is_kept.any():
            found[is_kept] = self.core.predicted(rows[is_kept])
        return found

    def contributions(self, x: Array) -> Array:
        """What each feature adds to the score of each row: one row a sample, one column a feature.

        In logits for classes and boosting or regression, in probabilities for classes and a forest, else in values. NaN
        where the law has no prediction.
        """
        rows, is_kept = self._kept(x)
        found = np.full(rows.shape, np.nan)
        if is_kept.any():
            found[is_kept] = self.core.contributions(rows[is_kept])
        return found

    def _kept(self, x: Array) -> tuple[Array, Mask]:
        """The rounded rows, and which of them the law admits."""
        if x.ndim != 2 or x.shape[1] != self.n_features:  # noqa: PLR2004  # rows and columns
            message = f"rows of shape {x.shape} meet a model of {self.n_features} features; give that many columns"
            raise DataError(message)
        rows = rounded(x)
        return rows, ~self.law.has_none(rows)

    def drawn(self, drawing: Drawing, features: Value) -> Value:
        """The prediction for features as they come."""
        rows = drawing.as_single(features)
        return drawing.operation("Add", self.core.drawn(drawing, rows), self.law.drawn(drawing, rows))

    def onnx(self) -> bytes:
        """The model as ONNX, which predicts the same and has none for the same rows."""
        return graph_of(self)


def graph_of(model: DrawnModel) -> bytes:
    """A model as one finished graph."""
    drawing = Drawing(model.n_features)
    return drawing.model(model.drawn(drawing, "features"))


def scaled(drawing: Drawing, column: Value, factor: float, offset: float) -> Value:
    """A column of one number a row, as a vector, times a factor plus an offset."""
    vector = drawing.operation("Reshape", column, drawing.constant(np.array([-1], np.int64)))
    if factor != 1.0:
        vector = drawing.operation("Mul", vector, drawing.constant(np.array(factor)))
    return drawing.operation("Add", vector, drawing.constant(np.array(offset))) if offset else vector


def shared_width(models: Sequence[DrawnModel]) -> int:
    """The number of columns that all models read. Raises DataError where they differ."""
    widths = sorted({model.n_features for model in models})
    if len(widths) != 1:
        message = f"members read {widths} features; join only models of the same features"
        raise DataError(message)
    return widths[0]
