"""What a model takes in: rows rounded to 32-bit floats once, for training, prediction and ONNX alike.

Three laws hold for every model, whichever library is under it:

- scikit-learn and XGBoost compare 32-bit floats, LightGBM 64-bit ones. All are given the same rounded number.
- LightGBM takes what is next to zero for zero when it predicts, but not when it splits. For all of them it is zero.
- What a model has not learnt to do without, it cannot do without: a row that lacks a feature which no training row
  lacked, or holds an infinity or a number beyond 32-bit floats, has no prediction (NaN). The libraries would take such
  an absence for zero (LightGBM), for the larger branch (scikit-learn) or for a fixed side (XGBoost).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from adapters.models.drawing import NEXT_TO_ZERO, Drawing, Value
from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError

Kind: TypeAlias = Literal["class", "value"]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class RowLaw:
    """Which rows a model predicts.

    Attributes:
        may_be_absent: for each feature, whether it was absent from a training row.
    """

    may_be_absent: Mask

    def has_none(self, rows: Array) -> Mask:
        """Which of the rounded rows have no prediction."""
        is_refused = np.isinf(rows) | (np.isnan(rows) & ~self.may_be_absent)
        return np.asarray(is_refused.any(axis=1), np.bool_)

    def drawn(self, drawing: Drawing, rows: Value) -> Value:
        """For each row 0, or NaN where it has no prediction."""
        is_absent = drawing.operation("IsNaN", rows)
        is_unlearnt = drawing.operation("And", is_absent, drawing.constant(~self.may_be_absent))
        is_refused = drawing.operation("Or", drawing.operation("IsInf", rows), is_unlearnt)
        nothing, zero = drawing.constant(np.array(np.nan)), drawing.constant(np.array(0.0))
        return drawing.row_sums(drawing.operation("Where", is_refused, nothing, zero))


@dataclass(frozen=True)
class TrainingRows:
    """What a trainer learns from, checked.

    Attributes:
        x: features, rounded to 32-bit floats and held as 64-bit ones.
        y: class or value.
        weights: of the rows.
        law: which rows the model will predict.
    """

    x: Array
    y: Array
    weights: Array
    law: RowLaw


def rounded(x: Array) -> Array:
    """The nearest 32-bit floats, held as 64-bit floats; what is beyond them is infinite, what is next to 0 is 0."""
    with np.errstate(over="ignore", under="ignore"):
        found = np.asarray(x, np.float64).astype(np.float32).astype(np.float64)
    return np.where(np.abs(found) <= NEXT_TO_ZERO, 0.0, found)


def training_rows(kind: Kind, x: Array, y: Array, weights: Array) -> TrainingRows:
    """The rows of a training, rounded.

    Raises:
        DataError: the arrays do not fit together, or hold what nothing can be learnt from.
    """
    if x.ndim != 2 or len(x) != len(y) or len(x) != len(weights) or not x.size:  # noqa: PLR2004  # rows and columns
        message = (
            f"features of shape {x.shape}, {len(y)} targets and {len(weights)} weights; give a row for each target"
        )
        raise DataError(message)
    rows = rounded(x)
    _check_features(rows)
    _check_target(kind, y, weights)
    return TrainingRows(rows, np.asarray(y, np.float64), weights, RowLaw(np.asarray(np.isnan(rows).any(axis=0))))


def _check_features(rows: Array) -> None:
    places = np.argwhere(np.isinf(rows))
    if len(places):
        row, column = places[0].tolist()
        message = f"feature {column} of training row {row} is infinite in 32-bit floats; leave such values absent"
        raise DataError(message)


def _check_target(kind: Kind, y: Array, weights: Array) -> None:
    if not np.isfinite(y).all():
        message = f"target of training row {int(np.argmin(np.isfinite(y)))} is not finite; leave out rows without one"
        raise DataError(message)
    if not (np.isfinite(weights) & (weights >= 0)).all() or not weights.sum() > 0:
        message = (
            f"weights run from {np.min(weights)} to {np.max(weights)}; give finite ones, none negative, some positive"
        )
        raise DataError(message)
    classes = np.unique(y[weights > 0])
    if kind == "class" and classes.tolist() != [0.0, 1.0]:
        message = f"classes of the training rows are {classes[:5].tolist()}; give rows of class 0 and of class 1"
        raise DataError(message)
