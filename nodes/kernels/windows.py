"""Windows over the rows of each symbol: their places, their share basis, and where their results belong.

A window is walked oldest value first, vectorised over windows and never over the values of one window: a window
computed alone is bit for bit the same window inside twenty years.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.panels import row_in_block
from nodes.vocabulary.errors import DataError

Columns: TypeAlias = list[Array] | Array
"""For each place in the window, oldest first, its value in every window; a matrix where windows are few."""

_FEW = 4
"""Windows are few where a gather of them costs less than slices over all rows."""
_MATRIX = 64
"""So few windows are taken as one matrix: a call over all places costs less than a call for each place."""
_ALONE = 2
"""Entries of segments where there is one symbol."""


def windows(values: Array, segments: Index, window: int) -> Columns:
    """For each place in the window, oldest first, its value in every window; empty when no window fits.

    Long blocks are walked as slices, over the few windows too that reach from one symbol into the next. Where those
    are most, as in a panel of last windows alone, only windows within a symbol are walked. The arithmetic of a window
    is the same either way.
    """
    require_window(window, 1)
    count = len(values) - window + 1
    if count <= 0:
        return []
    if count == 1 and len(segments) == _ALONE:
        alone: Array = values.reshape(window, 1)
        return alone
    ends = _few_ends(segments, window)
    if ends is None and count <= _MATRIX:
        every: Array = values[np.arange(window)[:, None] + np.arange(count)]
        return every
    if ends is None:
        return [values[place : place + count] for place in range(window)]
    if 0 < len(ends) <= _MATRIX:
        matrix: Array = values[ends - np.arange(window - 1, -1, -1)[:, None]]
        return matrix
    return [values[ends - (window - 1 - place)] for place in range(window)] if len(ends) else []


def total(columns: Columns) -> Array:
    """The sum over the places of the window, oldest value first."""
    if isinstance(columns, np.ndarray):
        summed: Array = np.add.accumulate(columns, axis=0)[-1]
        return summed
    found = columns[0].copy()
    for step in columns[1:]:
        found += step
    return found


def share_bases(ratio: Array, segments: Index, window: int) -> Iterator[Array]:
    """For each place in the window, what a price there is multiplied with to stand on the window's oldest basis.

    Args:
        ratio: adjustment ratio of each row: 2.0 on the day of a 2:1 split, 1.0 on a day without an event.
        segments: first row of each symbol, then the height.
        window: how many rows a window has.
    """
    basis: Array | None = None
    with np.errstate(invalid="ignore", over="ignore"):
        steps = windows(ratio, segments, window)
        if isinstance(steps, np.ndarray):
            yield from np.multiply.accumulate(np.vstack((np.ones((1, steps.shape[1])), steps[1:])), axis=0)
            return
        for step in steps:
            basis = np.ones(len(step)) if basis is None else basis * step
            yield basis


def placed(results: Array, segments: Index, window: int) -> Array:
    """The results on the last row of their window; NaN where the window reaches into another symbol."""
    rows = np.full(int(segments[-1]), np.nan)
    if not len(results):
        return rows
    if len(segments) == _ALONE:
        rows[window - 1 :] = results
        return rows
    ends = _few_ends(segments, window)
    if ends is not None:
        rows[ends] = results
        return rows
    rows[window - 1 :] = results
    rows[row_in_block(segments) < window - 1] = np.nan
    return rows


def _few_ends(segments: Index, window: int) -> Index | None:
    """The last rows of the windows that lie within a symbol, where they are few; None where they are most."""
    sizes = np.diff(segments)
    fitting = np.maximum(sizes - window + 1, 0)
    n_fitting = int(fitting.sum())
    if n_fitting * _FEW > int(segments[-1]) - window + 1:
        return None
    starts = np.repeat(segments[:-1] + window - 1, fitting)
    before = np.repeat(np.cumsum(fitting) - fitting, fitting)
    ends: Index = starts + np.arange(n_fitting) - before
    return ends


def require_window(window: int, least: int) -> None:
    """Raises DataError when a window has fewer rows than the statistic needs."""
    if window < least:
        message = f"a window of {window} sessions is too short; give at least {least}"
        raise DataError(message)
