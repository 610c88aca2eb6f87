"""The baseline that any other model has to beat: logistic or ridge regression on standardised features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from adapters.models.drawing import Drawing, Value
from adapters.models.fitted import LawfulModel
from adapters.models.knobs import Knob, turned
from adapters.models.libraries import model_library
from adapters.models.rows import Kind, Mask, TrainingRows, training_rows
from dataflows.research.ports import Settings
from nodes.kernels.arrays import Array
from nodes.kernels.calibration import logistic

KNOBS = {"l2": Knob("l2", 1.0, 1e-6, 1e9)}
_MAX_STEPS = 1_000


@dataclass(frozen=True)
class Linear:
    """A weighted sum of standardised features, and of one sign a feature for being absent.

    An absent feature counts as the training's mean; how its absence itself speaks is learnt. `l2` is the penalty on
    the sum of squared weights.
    """

    kind: Kind
    name: str = "linear"

    def fitted(self, x: Array, y: Array, weights: Array, settings: Settings, seed: int) -> LawfulModel:  # noqa: ARG002
        """The regression of some rows. No chance is involved: the seed changes nothing."""
        rows = training_rows(self.kind, x, y, weights)
        penalty = turned(self.name, KNOBS, settings)["l2"]
        scale = _scale(rows)
        with threadpool_limits(1):
            solver = _solver(self.kind, penalty).fit(scale.columns(rows.x), rows.y, rows.weights)
        coefficients = np.asarray(solver.coef_, np.float64).ravel()
        return LawfulModel(rows.law, _Line(scale, coefficients, float(np.ravel(solver.intercept_)[0]), self.kind))


def _solver(kind: Kind, penalty: float):  # type: ignore[no-untyped-def]  # noqa: ANN202  # an estimator of scikit-learn
    linear = model_library("sklearn.linear_model")
    if kind == "class":
        return linear.LogisticRegression(C=1.0 / penalty, max_iter=_MAX_STEPS, solver="newton-cholesky")
    return linear.Ridge(alpha=penalty, solver="cholesky")


@dataclass(frozen=True)
class _Scale:
    """Mean and spread of each feature over the rows that have it; which may be absent, and what share of those was."""

    means: Array
    spreads: Array
    may_be_absent: Mask
    absence_frac: Array

    def columns(self, rows: Array) -> Array:
        is_absent = np.isnan(rows)
        standard = np.where(is_absent, 0.0, (rows - self.means) / self.spreads)
        return np.hstack((standard, is_absent[:, self.may_be_absent]))


def _scale(rows: TrainingRows) -> _Scale:
    """Weighted moments. A feature that never varies, or is never there, has spread 1: it adds nothing."""
    is_there = ~np.isnan(rows.x)
    weights = np.where(is_there, rows.weights[:, None], 0.0)
    total = weights.sum(axis=0)
    known = np.where(total > 0, total, 1.0)
    values = np.where(is_there, rows.x, 0.0)
    means = (weights * values).sum(axis=0) / known
    spreads = np.sqrt((weights * np.square(values - means)).sum(axis=0) / known)
    may_be_absent = rows.law.may_be_absent
    absence_frac = (1.0 - total / rows.weights.sum())[may_be_absent]
    return _Scale(means, np.where(spreads > 0, spreads, 1.0), may_be_absent, absence_frac)


@dataclass(frozen=True)
class _Line:
    scale: _Scale
    coefficients: Array
    intercept: float
    kind: Kind

    def predicted(self, rows: Array) -> Array:
        score = self.scale.columns(rows) @ self.coefficients + self.intercept
        return logistic(score) if self.kind == "class" else score

    def contributions(self, rows: Array) -> Array:
        """For a line the Shapley value of a feature is its term, less the term of the training's mean."""
        n_features = len(self.scale.means)
        terms = self.scale.columns(rows) * self.coefficients
        found = terms[:, :n_features]
        found[:, self.scale.may_be_absent] += (
            terms[:, n_features:] - self.scale.absence_frac * self.coefficients[n_features:]
        )
        return found

    def drawn(self, drawing: Drawing, rows: Value) -> Value:
        """Products are added along each row by itself, so that a row has the same score alone and in a batch."""
        n_features = len(self.scale.means)
        of_absence = np.zeros(n_features)
        of_absence[self.scale.may_be_absent] = self.coefficients[n_features:]
        of_values = self.coefficients[:n_features] / self.scale.spreads
        centred = drawing.operation("Sub", rows, drawing.constant(self.scale.means))
        weighted = drawing.operation("Mul", centred, drawing.constant(of_values))
        is_absent = drawing.operation("IsNaN", rows)
        terms = drawing.operation("Where", is_absent, drawing.constant(of_absence), weighted)
        score = drawing.operation("Add", drawing.row_sums(terms), drawing.constant(np.array(self.intercept)))
        return drawing.sigmoid(score) if self.kind == "class" else score
