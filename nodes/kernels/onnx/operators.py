"""What each operator of an exported model makes of its values: as ONNX has it, in one order, one number at a time.

Sums run from the first term to the last, and exponentials and logarithms are taken number by number, so that a row has
the same bits alone and among others, whatever the batch. An operator that is not here is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.onnx.graph import Tensor
from nodes.kernels.onnx.trees import tree_sums
from nodes.vocabulary.errors import DataError

Operator: TypeAlias = Callable[[Sequence[Tensor], Mapping[str, Any]], Tensor]
_FLOAT, _DOUBLE = 1, 11


def operator(kind: str) -> Operator:
    """The operator of that name. Raises DataError for one that no exported model has."""
    found = _OPERATORS.get(kind)
    if found is None:
        message = f"operator {kind} is unknown here, known are {', '.join(sorted(_OPERATORS))}"
        raise DataError(f"{message}; give a model that research exported")
    return found


def _plain(function: Callable[..., Tensor]) -> Operator:
    """An operator of values alone."""

    def applied(values: Sequence[Tensor], _attributes: Mapping[str, Any]) -> Tensor:
        return function(*values)

    return applied


def _cast(values: Sequence[Tensor], attributes: Mapping[str, Any]) -> Tensor:
    kinds = {_FLOAT: np.float32, _DOUBLE: np.float64}
    if attributes.get("to") not in kinds:
        message = f"numbers are to become type {attributes.get('to')}; expected 1 or 11, 32-bit or 64-bit floats"
        raise DataError(message)
    return values[0].astype(kinds[attributes["to"]])


def _gathered(values: Sequence[Tensor], attributes: Mapping[str, Any]) -> Tensor:
    return np.take(values[0], values[1], axis=attributes.get("axis", 0))


def _expanded(value: Tensor, shape: Tensor) -> Tensor:
    return np.broadcast_to(value, np.broadcast_shapes(value.shape, tuple(shape.tolist())))


def _unsqueezed(value: Tensor, axes: Tensor) -> Tensor:
    return np.expand_dims(value, tuple(axes.tolist()))


def _reshaped(value: Tensor, shape: Tensor) -> Tensor:
    return value.reshape(tuple(shape.tolist()))


def _row_sums(values: Sequence[Tensor], attributes: Mapping[str, Any]) -> Tensor:
    table, axes = values
    if table.ndim != 2 or axes.tolist() != [1] or attributes.get("keepdims", 1):  # noqa: PLR2004  # rows and columns
        message = f"sums over axes {axes.tolist()} of {table.shape} are asked for; expected those along each row"
        raise DataError(message)
    total = np.zeros(len(table))
    for place in range(table.shape[1]):
        total = total + table[:, place]
    return total


def logistic_value(value: float) -> float:
    """1 / (1 + exp(-value)), without overflow on either side. NaN stays NaN."""
    if value >= 0.0:
        return 1.0 / (1.0 + math.exp(-value))
    grown = math.exp(value)
    return grown / (1.0 + grown)


def _log_value(value: float) -> float:
    if value > 0.0:
        return math.log(value)
    return -math.inf if value == 0.0 else math.nan


def _each(function: Callable[[float], float]) -> Callable[[Tensor], Array]:
    """A function of each number; of columns that are copies of the first, once a row."""

    def applied(values: Tensor) -> Array:
        is_copied = values.ndim == 2 and values.shape[1] > 0 and values.strides[1] == 0  # noqa: PLR2004  # a table
        once = values[:, :1] if is_copied else values
        found = np.array([function(value) for value in once.ravel().tolist()], np.float64).reshape(once.shape)
        return np.broadcast_to(found, values.shape)

    return applied


_OPERATORS: Mapping[str, Operator] = {
    "Abs": _plain(np.abs),
    "Add": _plain(np.add),
    "And": _plain(np.logical_and),
    "Cast": _cast,
    "Div": _plain(np.divide),
    "Expand": _plain(_expanded),
    "Gather": _gathered,
    "Identity": _plain(np.asarray),
    "IsInf": _plain(np.isinf),
    "IsNaN": _plain(np.isnan),
    "LessOrEqual": _plain(np.less_equal),
    "Log": _plain(_each(_log_value)),
    "Max": _plain(np.maximum),
    "Min": _plain(np.minimum),
    "Mul": _plain(np.multiply),
    "Or": _plain(np.logical_or),
    "ReduceSum": _row_sums,
    "Reshape": _plain(_reshaped),
    "Sigmoid": _plain(_each(logistic_value)),
    "Sub": _plain(np.subtract),
    "TreeEnsemble": tree_sums,
    "Unsqueeze": _plain(_unsqueezed),
    "Where": _plain(np.where),
}
