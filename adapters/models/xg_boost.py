"""Gradient boosting by XGBoost."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from adapters.models.drawing import Drawing, Value
from adapters.models.fitted import LawfulModel, scaled
from adapters.models.knobs import Knob, turned
from adapters.models.libraries import model_library
from adapters.models.rows import Kind, training_rows
from adapters.models.trees import Tree, drawn_trees
from dataflows.research.ports import Settings
from nodes.kernels.arrays import Array
from nodes.kernels.calibration import logistic
from nodes.vocabulary.errors import EdgeError

_N_TREES = "n_trees"
KNOBS = {
    "n_trees": Knob(_N_TREES, 200, 1, 5_000),
    "learning_rate": Knob("learning_rate", 0.05, 0.0001, 1.0),
    "max_depth": Knob("max_depth", 4, 1, 40),
    "min_leaf_weight": Knob("min_child_weight", 1.0, 0.0, 1e9),
    "feature_share": Knob("colsample_bytree", 1.0, 0.001, 1.0),
    "row_share": Knob("subsample", 1.0, 0.001, 1.0),
    "l1": Knob("alpha", 0.0, 0.0, 1e6),
    "l2": Knob("lambda", 1.0, 0.0, 1e6),
}
_FIXED = {"nthread": 1, "tree_method": "hist", "verbosity": 0}


@dataclass(frozen=True)
class XgBoost:
    """Boosted trees by second-order steps with a penalty on leaves.

    Source: Chen, Guestrin (2016), XGBoost: a scalable tree boosting system, KDD.
    """

    kind: Kind
    name: str = "xgboost"

    def fitted(self, x: Array, y: Array, weights: Array, settings: Settings, seed: int) -> LawfulModel:
        """The boosted trees of some rows. Raises EdgeError when XGBoost fails on rows that are sound."""
        rows = training_rows(self.kind, x, y, weights)
        told = turned(self.name, KNOBS, settings)
        n_trees = int(told.pop(_N_TREES))
        objective = "binary:logistic" if self.kind == "class" else "reg:squarederror"
        library = model_library("xgboost")
        try:
            data = library.DMatrix(rows.x, rows.y, weight=rows.weights, nthread=1)
            grown = library.train({**_FIXED, **told, "objective": objective, "seed": seed}, data, n_trees)
        except library.core.XGBoostError as error:
            message = f"XGBoost failed on {rows.x.shape} rows under {told}: {error}; change the settings"
            raise EdgeError(message) from error
        return LawfulModel(rows.law, _Boosted(grown, self.kind))


@dataclass(frozen=True)
class _Boosted:
    grown: Any
    kind: Kind

    def predicted(self, rows: Array) -> Array:
        data = model_library("xgboost").DMatrix(rows, nthread=1)
        score = np.asarray(self.grown.predict(data, output_margin=True), np.float64)
        return logistic(score) if self.kind == "class" else score

    def contributions(self, rows: Array) -> Array:
        data = model_library("xgboost").DMatrix(rows, nthread=1)
        return np.asarray(self.grown.predict(data, pred_contribs=True), np.float64)[:, :-1]

    def drawn(self, drawing: Drawing, rows: Value) -> Value:
        learner = json.loads(bytes(self.grown.save_raw("json")))["learner"]
        trees = [_tree(told) for told in learner["gradient_booster"]["model"]["trees"]]
        start = float(json.loads(learner["learner_model_param"]["base_score"])[0])
        offset = math.log(start / (1.0 - start)) if self.kind == "class" else start
        score = scaled(drawing, drawn_trees(trees, is_strict=True, drawing=drawing, rows=rows), 1.0, offset)
        return drawing.sigmoid(score) if self.kind == "class" else score


def _tree(told: dict[str, Any]) -> Tree:
    """The tree of a description: 32-bit floats, a leaf's value where other nodes have their threshold."""
    numbers = np.array(told["split_conditions"], np.float32).astype(np.float64)
    return Tree(
        left=np.array(told["left_children"], np.int64),
        right=np.array(told["right_children"], np.int64),
        feature=np.array(told["split_indices"], np.int64),
        threshold=numbers,
        absent_goes_left=np.array(told["default_left"], np.bool_),
        value=numbers,
    )
