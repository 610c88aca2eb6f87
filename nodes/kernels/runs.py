"""Frames in the order of a key: where a key's run of rows begins, and what comes next within it.

A pass over neighbours does what `over` does by hashing each key, for a fraction of its cost where keys are many.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from nodes.kernels.arrays import Index

Flags = npt.NDArray[np.bool_]


def begins_run(ordered: pl.DataFrame, key: Sequence[str]) -> Flags:
    """Whether each row has another key than the row before it; the first one has. A null is a key like any other."""
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in key)
    begins = ordered.select(differs).to_series().to_numpy().copy()
    begins[:1] = True
    return begins


def _ends_run(ordered: pl.DataFrame, key: Sequence[str]) -> pl.Series:
    return pl.Series(np.append(begins_run(ordered, key), np.True_)[1:])


def in_order(frame: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The frame in the order of the key, as it is where it is in that order already."""
    runs = frame.select(key)[np.flatnonzero(begins_run(frame, key))]
    return frame if runs.equals(runs.sort(key)) and runs.n_unique() == runs.height else frame.sort(key)


def last_of_runs(ordered: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The last row of each run."""
    return ordered.filter(_ends_run(ordered, key))


def next_in_run(ordered: pl.DataFrame, key: Sequence[str], column: str) -> pl.Series:
    """The column's value in the next row of the same key; null in the last."""
    return ordered[column].shift(-1).set(_ends_run(ordered, key), None)


def before_in_run(ordered: pl.DataFrame, key: Sequence[str], column: str) -> pl.Series:
    """The column's value in the row before of the same key; null in the first."""
    return ordered[column].shift(1).set(pl.Series(begins_run(ordered, key)), None)


def running_maximum(values: Index, begins: Flags) -> Index:
    """The greatest value so far within each run."""
    levels = np.unique(values)
    ranked = np.searchsorted(levels, values) + np.cumsum(begins) * len(levels)
    greatest: Index = levels[np.maximum.accumulate(ranked) % max(len(levels), 1)]
    return greatest
