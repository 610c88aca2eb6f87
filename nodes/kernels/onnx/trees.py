"""Sums over decision trees, as operator TreeEnsemble of ONNX has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.onnx.graph import Tensor
from nodes.vocabulary.errors import DataError

_AT_MOST, _BELOW = 0, 1
_SUM = 1
_LISTS = (
    "tree_roots",
    "nodes_featureids",
    "nodes_truenodeids",
    "nodes_trueleafs",
    "nodes_falsenodeids",
    "nodes_falseleafs",
    "nodes_missing_value_tracks_true",
)
_TENSORS = ("nodes_splits", "nodes_modes", "leaf_weights")


def tree_sums(values: Sequence[Tensor], attributes: Mapping[str, Any]) -> Tensor:
    """For each row the sum of the leaf that it reaches in each tree, first tree first, in one column.

    Raises DataError when the trees are no such trees, or a row is led in a circle.

    Source: ONNX operators, ai.onnx.ml, TreeEnsemble, version 5.
    """
    rows = values[0]
    trees = _checked(rows, attributes)
    leaves = _leaves(rows, trees)
    weights, total = trees["leaf_weights"], np.zeros(len(rows))
    for place in range(leaves.shape[1]):
        total = total + weights[leaves[:, place]]
    return total[:, None]


def _leaves(rows: Tensor, trees: Mapping[str, Tensor]) -> Index:
    """For each row and tree the leaf that is reached."""
    at = np.broadcast_to(trees["tree_roots"], (len(rows), len(trees["tree_roots"]))).copy()
    is_leaf = np.zeros(at.shape, np.bool_)
    for _ in range(len(trees["nodes_splits"])):
        row, tree = np.nonzero(~is_leaf)
        if not len(row):
            return at
        node = at[row, tree]
        is_true = _answers(rows[row, trees["nodes_featureids"][node]], node, trees)
        at[row, tree] = np.where(is_true, trees["nodes_truenodeids"][node], trees["nodes_falsenodeids"][node])
        ends = np.where(is_true, trees["nodes_trueleafs"][node], trees["nodes_falseleafs"][node])
        is_leaf[row, tree] = ends != 0
    if not is_leaf.all():
        message = f"trees of {len(trees['nodes_splits'])} nodes lead a row in a circle; give an exported model"
        raise DataError(message)
    return at


def _answers(value: Array, node: Index, trees: Mapping[str, Tensor]) -> Tensor:
    """Whether each value takes the true side of its node; an absent one goes where the tree learnt to send it."""
    split = trees["nodes_splits"][node]
    below = np.where(trees["nodes_modes"][node] == _BELOW, value < split, value <= split)
    return np.where(np.isnan(value), trees["nodes_missing_value_tracks_true"][node] != 0, below)


def _checked(rows: Tensor, attributes: Mapping[str, Any]) -> dict[str, Tensor]:
    """The trees' arrays. Raises DataError where one is missing, or leads out of the others."""
    missing = [name for name in (*_LISTS, *_TENSORS) if name not in attributes]
    if missing:
        raise DataError(f"trees have no {', '.join(missing)}; give a model that research exported")
    trees = {name: np.asarray(attributes[name], np.int64) for name in _LISTS}
    trees |= {name: np.asarray(attributes[name]) for name in _TENSORS}
    n_nodes, n_leaves = len(trees["nodes_splits"]), len(trees["leaf_weights"])
    bounds = {"tree_roots": n_nodes, "nodes_featureids": rows.shape[1]}
    is_sound = attributes.get("aggregate_function", _SUM) == _SUM and attributes.get("n_targets", 1) == 1
    is_sound &= bool(np.isin(trees["nodes_modes"], (_AT_MOST, _BELOW)).all())
    is_sound &= all(len(trees[name]) == n_nodes for name in _LISTS[1:]) and len(trees["nodes_modes"]) == n_nodes
    is_sound &= all(_is_within(trees[name], most) for name, most in bounds.items())
    if is_sound:
        for side in ("true", "false"):
            most = np.where(trees[f"nodes_{side}leafs"] != 0, n_leaves, n_nodes)
            is_sound &= _is_within(trees[f"nodes_{side}nodeids"], most)
    if not is_sound:
        message = f"trees of {n_nodes} nodes and {n_leaves} leaves do not fit together; give an exported model"
        raise DataError(message)
    return trees


def _is_within(numbers: Tensor, most: Any) -> bool:  # noqa: ANN401  # one bound, or one a number
    return bool(((numbers >= 0) & (numbers < most)).all())
