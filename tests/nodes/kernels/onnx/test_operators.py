"""Operators of exported models, against what ONNX says of each."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nodes.kernels.onnx.operators import logistic_value, operator
from nodes.vocabulary.errors import DataError


def _applied(kind: str, *values: Any, **attributes: Any) -> Any:
    return operator(kind)([np.asarray(value) for value in values], attributes).tolist()


@pytest.mark.parametrize(
    ("kind", "values", "attributes", "wanted"),
    [
        ("ReduceSum", ([[1.0, 2.0], [3.0, 4.0]], [1]), {"keepdims": 0}, [3.0, 7.0]),
        ("Gather", ([[1.0, 2.0], [3.0, 4.0]], 0), {"axis": 1}, [1.0, 3.0]),
        ("Expand", ([[1.0], [2.0]], [1, 3]), {}, [[1.0] * 3, [2.0] * 3]),
        ("Unsqueeze", ([1.0, 2.0], [1]), {}, [[1.0], [2.0]]),
        ("Reshape", ([[1.0], [2.0]], [-1]), {}, [1.0, 2.0]),
        ("Cast", ([1e-46, 0.1],), {"to": 1}, [0.0, float(np.float32(0.1))]),
        ("Where", ([True, False], 1.0, 2.0), {}, [1.0, 2.0]),
        ("Log", ([1.0, 0.0],), {}, [0.0, -math.inf]),
        ("Sigmoid", ([0.0, 800.0, -800.0],), {}, [0.5, 1.0, 0.0]),
    ],
)
def test_an_operator_gives_what_onnx_says(
    kind: str, values: tuple[Any, ...], attributes: dict[str, Any], wanted: Any
) -> None:
    assert _applied(kind, *values, **attributes) == wanted


def test_nothing_known_has_no_logistic_value_and_no_logarithm() -> None:
    assert math.isnan(logistic_value(math.nan))
    assert math.isnan(_applied("Log", [math.nan])[0])
    assert math.isnan(_applied("Log", [-1.0])[0])


def test_copies_of_a_column_are_computed_once_and_are_alike() -> None:
    column = np.broadcast_to(np.array([[0.3], [-2.0]]), (2, 8))
    found = operator("Sigmoid")([column], {})
    assert found.shape == (2, 8)
    assert found.tolist() == [[logistic_value(0.3)] * 8, [logistic_value(-2.0)] * 8]


@pytest.mark.parametrize(
    ("kind", "values", "attributes", "message"),
    [
        ("Loop", (), {}, "operator Loop is unknown here"),
        ("Cast", ([1.0],), {"to": 7}, "numbers are to become type 7"),
        ("ReduceSum", ([[1.0]], [0]), {"keepdims": 0}, r"sums over axes \[0\] of \(1, 1\)"),
    ],
)
def test_what_no_exported_model_does_is_refused(
    kind: str, values: tuple[Any, ...], attributes: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        _applied(kind, *values, **attributes)
