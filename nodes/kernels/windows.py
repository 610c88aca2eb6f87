"""Windows over the rows of each symbol: their places, their share basis, and where their results belong.

A window is walked oldest value first, vectorised over windows and never over the values of one window: a window
computed alone is bit for bit the same window inside twenty years.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.panels import row_in_block
from nodes.vocabulary.errors import DataError


def windows(values: Array, window: int) -> list[Array]:
    """For each place in the window, oldest first, its value in every window; empty when no window fits."""
    require_window(window, 1)
    count = len(values) - window + 1
    return [values[place : place + count] for place in range(window)] if count > 0 else []


def share_bases(ratio: Array, window: int) -> Iterator[Array]:
    """For each place in the window, what a price there is multiplied with to stand on the window's oldest basis.

    Args:
        ratio: adjustment ratio of each row: 2.0 on the day of a 2:1 split, 1.0 on a day without an event.
        window: how many rows a window has.
    """
    basis: Array | None = None
    with np.errstate(invalid="ignore", over="ignore"):
        for step in windows(ratio, window):
            basis = np.ones(len(step)) if basis is None else basis * step
            yield basis


def placed(results: Array, segments: Index, window: int) -> Array:
    """The results on the last row of their window; NaN where the window reaches into another symbol."""
    rows = np.full(int(segments[-1]), np.nan)
    if len(results):
        rows[window - 1 :] = results
    rows[row_in_block(segments) < window - 1] = np.nan
    return rows


def require_window(window: int, least: int) -> None:
    """Raises DataError when a window has fewer rows than the statistic needs."""
    if window < least:
        message = f"a window of {window} sessions is too short; give at least {least}"
        raise DataError(message)
