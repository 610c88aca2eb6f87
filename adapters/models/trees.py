"""Decision trees in one form, whichever library grew them, and their drawing as one ONNX operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from adapters.models.drawing import Drawing, Value
from nodes.kernels.arrays import Array, Index

LEAF = -1
_AT_MOST = 0
_BELOW = 1
Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Tree:
    """One tree; each array has an entry a node, the root first.

    Attributes:
        left: node for rows whose feature is at most (or below) the threshold; LEAF where the node is a leaf.
        right: node for the other rows.
        feature: column that is compared.
        threshold: what it is compared with.
        absent_goes_left: where a row without the feature goes.
        value: what a leaf adds.
    """

    left: Index
    right: Index
    feature: Index
    threshold: Array
    absent_goes_left: Flags
    value: Array


@dataclass(frozen=True)
class Branches:
    """Inner nodes and leaves of one tree apart, as ONNX numbers them."""

    tree: Tree
    is_leaf: Flags
    inner: Index
    leaf: Index

    @property
    def n_inner(self) -> int:
        """Inner nodes; a tree that is one leaf has one, both sides of which lead to it."""
        return max(1, int((~self.is_leaf).sum()))


def drawn_trees(trees: Sequence[Tree], *, is_strict: bool, drawing: Drawing, rows: Value) -> Value:
    """The sum of the trees' leaves for each row, in one column.

    Args:
        trees: at least one.
        is_strict: whether rows below the threshold go left, rather than those at most at it.
        drawing: where it is drawn.
        rows: features.
    """
    branches = [_branches(tree) for tree in trees]
    roots = np.cumsum([0, *(branch.n_inner for branch in branches)])
    leaves = np.cumsum([0, *(int(branch.is_leaf.sum()) for branch in branches)])
    parts = [_attributes(branch, int(roots[at]), int(leaves[at])) for at, branch in enumerate(branches)]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    mode = _BELOW if is_strict else _AT_MOST
    return drawing.tree_ensemble(
        rows,
        tree_roots=roots[:-1],
        nodes_modes=np.full(int(roots[-1]), mode, np.uint8),
        leaf_targetids=np.zeros(int(leaves[-1]), np.int64),
        post_transform=np.array(0),
        **joined,
    )


def _branches(tree: Tree) -> Branches:
    is_leaf = tree.left == LEAF
    return Branches(tree, is_leaf, np.cumsum(~is_leaf) - 1, np.cumsum(is_leaf) - 1)


def _attributes(branches: Branches, first_inner: int, first_leaf: int) -> dict[str, npt.NDArray[Any]]:
    """The attributes of the operator for one tree, numbered from where the trees before it end."""
    tree, is_leaf = branches.tree, branches.is_leaf
    if is_leaf[0]:
        only = np.array([0])
        sides = dict.fromkeys(("true", "false"), only)
        kept = np.array([True])
    else:
        kept = ~is_leaf
        sides = {"true": tree.left[kept], "false": tree.right[kept]}
    found: dict[str, npt.NDArray[Any]] = {
        "nodes_featureids": np.where(is_leaf, 0, tree.feature)[kept],
        "nodes_splits": np.where(is_leaf, 0.0, tree.threshold)[kept],
        "nodes_missing_value_tracks_true": tree.absent_goes_left[kept].astype(np.int64),
        "leaf_weights": tree.value[is_leaf].astype(np.float64),
    }
    for side, nodes in sides.items():
        ends = is_leaf[nodes]
        found[f"nodes_{side}leafs"] = ends.astype(np.int64)
        numbers = np.where(ends, branches.leaf[nodes] + first_leaf, branches.inner[nodes] + first_inner)
        found[f"nodes_{side}nodeids"] = numbers
    return found
