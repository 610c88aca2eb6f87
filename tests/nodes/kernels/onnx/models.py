"""Exported models for tests of the own evaluator: every trainer, calibrated ones, an ensemble, and rows to try."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from adapters.models.calibration import CalibratedModel
from adapters.models.drawing import Drawing, named
from adapters.models.ensemble import Ensemble
from adapters.models.fitted import DrawnModel, LawfulModel
from adapters.models.rows import Kind
from nodes.kernels.arrays import Array
from nodes.kernels.calibration import IsotonicMap, PlattMap
from tests.adapters.models.made import NAMES, QUICK, edge_rows, fitted, near_rows, rows

TRAINERS = tuple(sorted(QUICK))
KINDS: tuple[Kind, ...] = ("class", "value")


def drawn(name: str, kind: Kind = "class") -> DrawnModel:
    """A fitted model that others can be built on."""
    model = fitted(name, kind)
    assert isinstance(model, LawfulModel)
    return model


@lru_cache
def exported(name: str, kind: Kind = "class") -> bytes:
    """The bytes of a model with the names of its features, as research registers them."""
    return named(_model(name, kind).onnx(), NAMES)


def every_row() -> Array:
    """Training rows, rows next to them, and rows at the ends of the numbers."""
    return np.vstack((rows(), near_rows(), edge_rows()))


def constant_model(value: float, names: tuple[str, ...]) -> bytes:
    """A model that says one number of every row."""
    drawing = Drawing(len(names))
    nothing = drawing.operation("Mul", drawing.row_sums("features"), drawing.constant(np.array(0.0)))
    return named(drawing.model(drawing.operation("Add", nothing, drawing.constant(np.array(value)))), names)


def _model(name: str, kind: Kind) -> DrawnModel:
    if name == "platt":
        return CalibratedModel(drawn("lightgbm"), PlattMap(1.3, -0.2))
    if name == "isotonic":
        line = IsotonicMap(np.array([0.1, 0.4, 0.8]), np.array([0.2, 0.5, 0.6]))
        return CalibratedModel(drawn("random-forest"), line)
    if name == "ensemble":
        return Ensemble((drawn("linear"), drawn("xgboost")), (0.25, 0.75))
    return drawn(name, kind)
