"""Folds for cross-validation in which what belongs together never sits on both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

from nodes.kernels.arrays import Index
from nodes.vocabulary.errors import DataError


def grouped_folds(groups: Sequence[Hashable], n_folds: int) -> Index:
    """The fold of each row, from 0: rows of one group share it, and folds are as even as whole groups allow.

    The largest group goes to the emptiest fold, and so on; of equal ones, the one seen first. No chance is involved.

    Raises:
        DataError: there are fewer groups than folds.
    """
    sizes = Counter(groups)
    if not 2 <= n_folds <= len(sizes):  # noqa: PLR2004  # one fold would leave nothing to learn from
        message = (
            f"{len(sizes)} groups cannot make {n_folds} folds; supply more labels or ask for fewer folds, at least 2"
        )
        raise DataError(message)
    filled = [0] * n_folds
    fold_of: dict[Hashable, int] = {}
    for group, size in sizes.most_common():
        fold_of[group] = int(np.argmin(filled))
        filled[fold_of[group]] += size
    return np.array([fold_of[group] for group in groups], np.int64)


def linked_groups(*keys: Sequence[Hashable]) -> list[int]:
    """One group for all rows that are linked by an equal key, directly or over other rows: each by its first row.

    Args:
        keys: columns of equal length; rows with the same value in one of them belong together.
    """
    heads = list(range(len(keys[0])))
    for column in keys:
        first: dict[Hashable, int] = {}
        for row, key in enumerate(column):
            _join(heads, row, first.setdefault(key, row))
    return [_head(heads, row) for row in range(len(heads))]


def _join(heads: list[int], row: int, other: int) -> None:
    low, high = sorted((_head(heads, row), _head(heads, other)))
    heads[high] = low


def _head(heads: list[int], row: int) -> int:
    while heads[row] != row:
        heads[row] = heads[heads[row]]
        row = heads[row]
    return row
