"""Random forests of scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from adapters.models.drawing import Drawing, Value
from adapters.models.fitted import LawfulModel, scaled
from adapters.models.knobs import Knob, turned
from adapters.models.libraries import model_library
from adapters.models.rows import Kind, training_rows
from adapters.models.trees import Tree, drawn_trees
from dataflows.research.ports import Settings
from nodes.kernels.arrays import Array

KNOBS = {
    "n_trees": Knob("n_estimators", 200, 1, 5_000),
    "max_depth": Knob("max_depth", 6, 1, 40),
    "min_leaf_samples": Knob("min_samples_leaf", 20, 1, 1_000_000),
    "feature_share": Knob("max_features", 0.5, 0.001, 1.0),
    "row_share": Knob("max_samples", 1.0, 0.001, 1.0),
}


@dataclass(frozen=True)
class RandomForest:
    """Trees grown on resampled rows, each split over a random share of the features; their mean.

    Source: Breiman (2001), Random Forests, Machine Learning 45(1).
    """

    kind: Kind
    name: str = "random-forest"

    def fitted(self, x: Array, y: Array, weights: Array, settings: Settings, seed: int) -> LawfulModel:
        """The forest of some rows."""
        rows = training_rows(self.kind, x, y, weights)
        told = turned(self.name, KNOBS, settings)
        ensemble = model_library("sklearn.ensemble")
        made = ensemble.RandomForestClassifier if self.kind == "class" else ensemble.RandomForestRegressor
        forest = made(n_jobs=1, random_state=seed, **told)
        with threadpool_limits(1), np.errstate(over="ignore", invalid="ignore"):
            forest.fit(rows.x, rows.y, rows.weights)
        return LawfulModel(rows.law, _Forest(forest, self.kind))


@dataclass(frozen=True)
class _Forest:
    forest: Any
    kind: Kind

    def predicted(self, rows: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):  # it adds all features up to see whether they are finite
            found = self.forest.predict_proba(rows)[:, 1] if self.kind == "class" else self.forest.predict(rows)
        return np.asarray(found, np.float64)

    def contributions(self, rows: Array) -> Array:
        explainer = model_library("shap").TreeExplainer(self.forest, feature_perturbation="tree_path_dependent")
        found = np.asarray(explainer.shap_values(rows, check_additivity=False), np.float64)
        return found[:, :, 1] if self.kind == "class" else found

    def drawn(self, drawing: Drawing, rows: Value) -> Value:
        trees = [_tree(grown.tree_, self.kind) for grown in self.forest.estimators_]
        return scaled(drawing, drawn_trees(trees, is_strict=False, drawing=drawing, rows=rows), 1.0 / len(trees), 0.0)


def _tree(grown: Any, kind: Kind) -> Tree:  # noqa: ANN401  # a tree of scikit-learn
    values = grown.value[:, 0, :]
    return Tree(
        left=grown.children_left,
        right=grown.children_right,
        feature=grown.feature,
        threshold=grown.threshold,
        absent_goes_left=grown.missing_go_to_left.astype(np.bool_),
        value=values[:, 1] / values.sum(axis=1) if kind == "class" else values[:, 0],
    )
