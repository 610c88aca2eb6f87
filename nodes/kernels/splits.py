"""Splits of samples into what is learnt from and what is tested, such that no label is learnt from a tested time.

Samples that start together are tested together. A training sample is purged when its span meets the span of what is
tested, and when it starts within the embargo after that (Lopez de Prado 2018, Advances in Financial Machine Learning,
chapters 7 and 12). Spans are inclusive at both ends, so a span that ends on the bar where a test begins is purged too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from nodes.kernels.arrays import Array, Index
from nodes.kernels.spans import Spans
from nodes.vocabulary.errors import DataError

_LEAST_GROUPS = 2
"""One group alone would leave nothing to learn from."""


@dataclass(frozen=True, eq=False)
class Split:
    """Which samples are learnt from and which are tested.

    Attributes:
        train: places of training samples, increasing.
        test: places of tested samples, increasing.
    """

    train: Index
    test: Index


@dataclass(frozen=True, eq=False)
class CombinatorialSplits:
    """Every choice of some test groups out of all, and the paths that their predictions make.

    Attributes:
        splits: one a choice of test groups, choices in lexical order.
        tested: groups tested by each split: int64, shape (n_splits, n_test_groups).
        group_of: group of each sample: int64, shape (n,).
        paths: split that predicts each group on each path: int64, shape (n_paths, n_groups). Every pair of a split
            and a group that it tests belongs to exactly one path.
    """

    splits: tuple[Split, ...]
    tested: Index
    group_of: Index
    paths: Index

    def path_values(self, predictions: Sequence[Array]) -> Array:
        """Each path's value for every sample: float64, shape (n_paths, n).

        Args:
            predictions: for each split, one value a sample of its `test`, in that order.
        """
        if len(predictions) != len(self.splits):
            raise DataError(f"{len(predictions)} predictions meet {len(self.splits)} splits; give one array a split")
        whole = np.full((len(self.splits), len(self.group_of)), np.nan)
        for number, (split, values) in enumerate(zip(self.splits, predictions, strict=True)):
            if len(values) != len(split.test):
                message = f"split {number} tests {len(split.test)} samples and has {len(values)} predictions"
                raise DataError(f"{message}; give one value a tested sample")
            whole[number, split.test] = values
        found: Array = whole[self.paths[:, self.group_of], np.arange(len(self.group_of))]
        return found


def walk_forward(spans: Spans, n_folds: int, embargo: int = 0, train_length: int | None = None) -> tuple[Split, ...]:
    """Folds that are tested in order of time, each learnt from what was over before it.

    The times are cut into n_folds + 1 groups as even as can be; the first is never tested.

    Args:
        spans: of the samples, sorted by start.
        n_folds: how many are tested.
        embargo: a training span ends more than this before the test starts, in the unit of the spans.
        train_length: only samples that start within this before the test are learnt from; all where None.
    """
    _require_embargo(embargo)
    group_of = _groups(spans, n_folds + 1)
    splits = []
    for fold in range(1, n_folds + 1):
        test = np.flatnonzero(group_of == fold)
        begin = spans.starts[test[0]]
        keeps = spans.ends < begin - embargo
        if train_length is not None:
            keeps &= spans.starts >= begin - train_length
        splits.append(_split(keeps, test, f"walk-forward fold {fold} of {n_folds}"))
    return tuple(splits)


def purged_folds(spans: Spans, n_folds: int, embargo: int = 0) -> tuple[Split, ...]:
    """K folds in order of time, each tested once; samples that meet the tested span or its embargo are not learnt from.

    Source: Lopez de Prado (2018), snippets 7.1 to 7.3.

    Args:
        spans: of the samples, sorted by start.
        n_folds: how many.
        embargo: how long after the tested span no training sample may start, in the unit of the spans.
    """
    _require_embargo(embargo)
    group_of = _groups(spans, n_folds)
    meets = _meetings(spans, group_of, n_folds, embargo)
    return tuple(
        _split(~meets[fold], np.flatnonzero(group_of == fold), f"fold {fold + 1} of {n_folds}")
        for fold in range(n_folds)
    )


def combinatorial_purged(spans: Spans, n_groups: int, n_test_groups: int, embargo: int = 0) -> CombinatorialSplits:
    """Every choice of `n_test_groups` out of `n_groups` groups in order of time, purged as in `purged_folds`.

    There are C(n_groups, n_test_groups) splits. C(n_groups - 1, n_test_groups - 1) of them test any one sample, so
    that there are as many paths: n_test_groups / n_groups x C(n_groups, n_test_groups).
    Source: Lopez de Prado (2018), sections 12.3 and 12.4.

    Args:
        spans: of the samples, sorted by start.
        n_groups: how many groups.
        n_test_groups: how many of them each split tests.
        embargo: how long after a tested span no training sample may start, in the unit of the spans.
    """
    _require_embargo(embargo)
    if not 1 <= n_test_groups < n_groups:
        message = f"{n_test_groups} test groups of {n_groups} leave no split; test at least 1"
        raise DataError(f"{message} and fewer than all groups")
    group_of = _groups(spans, n_groups)
    meets = _meetings(spans, group_of, n_groups, embargo)
    tested = np.array(list(combinations(range(n_groups), n_test_groups)), np.int64)
    splits = tuple(
        _split(
            ~meets[choice].any(axis=0),
            np.flatnonzero(np.isin(group_of, choice)),
            f"split {number + 1} of {len(tested)}, which tests groups {choice.tolist()}",
        )
        for number, choice in enumerate(tested)
    )
    return CombinatorialSplits(splits, tested, group_of, _paths(tested, n_groups))


def _paths(tested: Index, n_groups: int) -> Index:
    """Path p takes each group from the p-th split that tests it."""
    return np.column_stack([np.flatnonzero((tested == group).any(axis=1)) for group in range(n_groups)]).astype(
        np.int64
    )


def _groups(spans: Spans, n_groups: int) -> Index:
    """The group of each sample: distinct starts cut into runs as even as can be, longer runs first."""
    starts, place = np.unique(spans.starts, return_inverse=True)
    if not _LEAST_GROUPS <= n_groups <= len(starts):
        message = f"{len(spans)} samples with {len(starts)} distinct starts cannot be cut into {n_groups} groups"
        raise DataError(f"{message}; ask for at least {_LEAST_GROUPS} and at most one a distinct start")
    sizes = [len(part) for part in np.array_split(starts, n_groups)]
    return np.repeat(np.arange(n_groups, dtype=np.int64), sizes)[place]


def _meetings(spans: Spans, group_of: Index, n_groups: int, embargo: int) -> npt.NDArray[np.bool_]:
    """Whether each sample meets the span of each group, or starts within the embargo after it."""
    meets = np.empty((n_groups, len(spans)), np.bool_)
    for group in range(n_groups):
        inside = group_of == group
        begin, end = spans.starts[inside].min(), spans.ends[inside].max()
        meets[group] = (spans.ends >= begin) & (spans.starts <= end + embargo)
    return meets


def _split(keeps: npt.NDArray[np.bool_], test: Index, what: str) -> Split:
    train = np.flatnonzero(keeps).astype(np.int64)
    if not len(train):
        message = f"{what} leaves no training sample: all spans meet its {len(test)} tested ones or their embargo"
        raise DataError(f"{message}; shorten the labels or the embargo, or ask for other folds")
    return Split(train, test.astype(np.int64))


def _require_embargo(embargo: int) -> None:
    if embargo < 0:
        raise DataError(f"an embargo of {embargo} would let tests be learnt from; give 0 or more")


def held_out(spans: Spans, split: Split) -> tuple[Index, Index]:
    """The first and the last time around each tested sample's start that no training span of the split meets.

    Empty (last before first) where a training span meets the start itself. This is measured on the split, not claimed
    for it: what was made of the tested samples may be called out of sample between these times and nowhere else.

    Args:
        spans: of the samples.
        split: of the same samples.
    """
    at = spans.starts[split.test]
    starts, limits = spans.starts[split.train], np.iinfo(np.int64)
    begun = np.searchsorted(starts, at, side="right")
    reached = np.maximum.accumulate(np.append(limits.min, spans.ends[split.train]))[begun]
    following = np.append(starts, limits.max)[begun]
    first = np.where(reached == limits.min, reached, reached + 1)
    last = np.where(following == limits.max, following, following - 1)
    meets = reached >= at
    return np.where(meets, at, first).astype(np.int64), np.where(meets, at - 1, last).astype(np.int64)
