"""Gradient boosting by LightGBM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from adapters.models.drawing import Drawing, Value
from adapters.models.fitted import LawfulModel, scaled
from adapters.models.knobs import Knob, turned
from adapters.models.libraries import model_library
from adapters.models.rows import Kind, TrainingRows, training_rows
from adapters.models.trees import LEAF, Tree, drawn_trees
from dataflows.research.ports import Settings
from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import EdgeError

_N_TREES = "num_iterations"
KNOBS = {
    "n_trees": Knob(_N_TREES, 200, 1, 5_000),
    "learning_rate": Knob("learning_rate", 0.05, 0.0001, 1.0),
    "n_leaves": Knob("num_leaves", 15, 2, 4_096),
    "max_depth": Knob("max_depth", 6, 1, 40),
    "min_leaf_samples": Knob("min_data_in_leaf", 20, 1, 1_000_000),
    "feature_share": Knob("feature_fraction", 1.0, 0.001, 1.0),
    "row_share": Knob("bagging_fraction", 1.0, 0.001, 1.0),
    "l1": Knob("lambda_l1", 0.0, 0.0, 1e6),
    "l2": Knob("lambda_l2", 1.0, 0.0, 1e6),
}
_FIXED: dict[str, object] = {
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "bagging_freq": 1,
    "verbosity": -1,
    "feature_pre_filter": False,
    "zero_as_missing": False,
}


@dataclass(frozen=True)
class LightGbm:
    """Boosted trees that grow leaf by leaf over binned features.

    Source: Ke et al. (2017), LightGBM: a highly efficient gradient boosting decision tree, NeurIPS 30.
    """

    kind: Kind
    name: str = "lightgbm"

    def fitted(self, x: Array, y: Array, weights: Array, settings: Settings, seed: int) -> LawfulModel:
        """The boosted trees of some rows."""
        rows = training_rows(self.kind, x, y, weights)
        told = turned(self.name, KNOBS, settings)
        return LawfulModel(rows.law, _Boosted(booster(rows, told, _objective(self.kind), seed), self.kind))


@dataclass(frozen=True)
class QuantileLightGbm:
    """The same trees under the loss of a quantile: the value that the target exceeds with probability 1 - level."""

    level: float
    name: str = "lightgbm-quantile"

    def fitted(self, x: Array, y: Array, weights: Array, settings: Settings, seed: int) -> LawfulModel:
        """The boosted trees of some rows."""
        rows = training_rows("value", x, y, weights)
        told = turned(self.name, KNOBS, settings)
        return LawfulModel(
            rows.law, _Boosted(booster(rows, told, {"objective": "quantile", "alpha": self.level}, seed), "value")
        )


def booster(rows: TrainingRows, told: dict[str, float], objective: dict[str, object], seed: int) -> Any:  # noqa: ANN401
    """What LightGBM grows. Raises EdgeError when it fails on rows that are sound."""
    library = model_library("lightgbm")
    settings = {**_FIXED, **told, **objective, "seed": seed}
    n_trees = int(settings.pop(_N_TREES))  # type: ignore[call-overload]  # a whole number by its knob
    try:
        data = library.Dataset(rows.x, rows.y, weight=rows.weights, params=settings)
        return library.train(settings, data, num_boost_round=n_trees)
    except library.basic.LightGBMError as error:
        message = f"LightGBM failed on {rows.x.shape} rows under {settings}: {error}; change the settings"
        raise EdgeError(message) from error


def _objective(kind: Kind) -> dict[str, object]:
    return {"objective": "binary" if kind == "class" else "regression"}


@dataclass(frozen=True)
class _Boosted:
    grown: Any
    kind: Kind

    def predicted(self, rows: Array) -> Array:
        return np.asarray(self.grown.predict(rows, num_threads=1), np.float64)

    def contributions(self, rows: Array) -> Array:
        return np.asarray(self.grown.predict(rows, num_threads=1, pred_contrib=True), np.float64)[:, :-1]

    def drawn(self, drawing: Drawing, rows: Value) -> Value:
        trees = [_tree(told["tree_structure"]) for told in self.grown.dump_model()["tree_info"]]
        score = scaled(drawing, drawn_trees(trees, is_strict=False, drawing=drawing, rows=rows), 1.0, 0.0)
        return drawing.sigmoid(score) if self.kind == "class" else score


def _tree(root: dict[str, Any]) -> Tree:
    """The tree of a nested description, its nodes in the order in which they are met."""
    nodes, left, right = [root], [], []
    for node in nodes:  # grows while it is walked
        is_inner = "left_child" in node
        left.append(len(nodes) if is_inner else LEAF)
        right.append(len(nodes) + 1 if is_inner else LEAF)
        if is_inner:
            nodes += [node["left_child"], node["right_child"]]
    return Tree(
        left=np.array(left),
        right=np.array(right),
        feature=np.array([node.get("split_feature", 0) for node in nodes]),
        threshold=np.array([node.get("threshold", 0.0) for node in nodes], np.float64),
        absent_goes_left=np.array([_absent_goes_left(node) for node in nodes], np.bool_),
        value=np.array([node.get("leaf_value", 0.0) for node in nodes], np.float64),
    )


def _absent_goes_left(node: dict[str, Any]) -> bool:
    """Where LightGBM sends an absence: one that its training never met, it takes for zero."""
    if node.get("missing_type") == "NaN":
        return bool(node["default_left"])
    return bool(node.get("threshold", 0.0) >= 0.0)
