"""Calibrated models: a trainer whose probabilities are corrected by what came of rows it had not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from adapters.models.drawing import Drawing, Value
from adapters.models.fitted import DrawnModel, graph_of
from adapters.models.unseen import Recipe, drawable, unseen_predictions
from dataflows.research.samples import Samples
from nodes.kernels.arrays import Array
from nodes.kernels.calibration import LEAST_PROBABILITY, IsotonicMap, PlattMap, isotonic_map, platt_map
from nodes.kernels.splits import purged_folds
from nodes.vocabulary.errors import DataError

Method: TypeAlias = Literal["platt", "isotonic"]


@dataclass(frozen=True, slots=True)
class CalibrationDesign:
    """How a calibration is fitted.

    Attributes:
        method: platt needs few rows; isotonic takes any shape, and some thousand rows.
        n_folds: purged folds inside of the training samples.
        embargo: of those folds, in the unit of the spans.
    """

    method: Method
    n_folds: int
    embargo: int


@dataclass(frozen=True)
class CalibratedModel:
    """A model and the map that its probabilities go through.

    Attributes:
        model: trained on all training samples.
        map: fitted on predictions for unseen ones.
    """

    model: DrawnModel
    map: PlattMap | IsotonicMap

    @property
    def n_features(self) -> int:
        """Columns that it reads."""
        return self.model.n_features

    def predicted(self, x: Array) -> Array:
        """For each row the calibrated probability of class 1; NaN where the model has none."""
        return self.map.calibrated(self.model.predicted(x))

    def drawn(self, drawing: Drawing, features: Value) -> Value:
        """The prediction for features as they come."""
        given = self.model.drawn(drawing, features)
        return _platt(drawing, given, self.map) if isinstance(self.map, PlattMap) else _line(drawing, given, self.map)

    def onnx(self) -> bytes:
        """Model and map as one ONNX graph."""
        return graph_of(self)


def calibrated_model(recipe: Recipe, samples: Samples, design: CalibrationDesign) -> CalibratedModel:
    """A model of the samples with a map fitted inside of them: no other sample is looked at.

    Raises:
        DataError: the samples are no classes, or too few for the folds.
    """
    if samples.kind != "class":
        message = f"samples of kind {samples.kind!r} have no probabilities; calibrate models of classes"
        raise DataError(message)
    folds = purged_folds(samples.spans, design.n_folds, design.embargo)
    unseen = unseen_predictions(recipe, samples, folds)
    fit = platt_map if design.method == "platt" else isotonic_map
    found = fit(unseen, samples.target, samples.weights)
    return CalibratedModel(drawable(recipe.fitted(samples)), found)


def _platt(drawing: Drawing, given: Value, told: PlattMap) -> Value:
    held = _within(drawing, given, LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY)
    other = drawing.operation("Sub", drawing.constant(np.array(1.0)), held)
    logit = drawing.by_eights("Log", drawing.operation("Div", held, other))
    scaled = drawing.operation("Mul", logit, drawing.constant(np.array(told.slope)))
    score = drawing.operation("Add", scaled, drawing.constant(np.array(told.intercept)))
    return _absent_where(drawing, given, drawing.sigmoid(score))


def _line(drawing: Drawing, given: Value, told: IsotonicMap) -> Value:
    """The sum of the pieces of the line that lie below the given probability."""
    column = drawing.operation("Unsqueeze", given, drawing.constant(np.array([1], np.int64)))
    start, rise = drawing.constant(np.array(told.observed[0])), np.diff(told.observed)
    if not len(rise):
        return drawing.operation("Add", drawing.operation("Mul", given, drawing.constant(np.array(0.0))), start)
    width = np.diff(told.given)
    beyond = drawing.operation("Sub", column, drawing.constant(told.given[:-1]))
    share = _within(drawing, drawing.operation("Div", beyond, drawing.constant(width)), 0.0, 1.0)
    pieces = drawing.operation("Mul", share, drawing.constant(rise))
    return _absent_where(drawing, given, drawing.operation("Add", drawing.row_sums(pieces), start))


def _within(drawing: Drawing, value: Value, low: float, high: float) -> Value:
    raised = drawing.operation("Max", value, drawing.constant(np.array(low)))
    return drawing.operation("Min", raised, drawing.constant(np.array(high)))


def _absent_where(drawing: Drawing, given: Value, value: Value) -> Value:
    """The value, or NaN where nothing was given: Min and Max need not carry a NaN on."""
    nothing = drawing.constant(np.array(np.nan))
    return drawing.operation("Where", drawing.operation("IsNaN", given), nothing, value)
