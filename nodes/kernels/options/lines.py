"""Many lines through points at once: what each says at a place, and the middle of many groups of values."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array, Index


def on_lines(line: Index, x: Array, y: Array, wanted: float, n_lines: int) -> Array:
    """The value of each line at `wanted`: straight between its points, NaN outside them.

    Args:
        line: the line of each point, ascending.
        x: place of each point, ascending within its line.
        y: value of each point.
        wanted: the place to read at.
        n_lines: how many lines there are; one without points says nothing.
    """
    ends = np.searchsorted(line, np.arange(n_lines), side="right")
    n_up_to = np.bincount(line[x <= wanted], minlength=n_lines)
    found = np.full(n_lines, np.nan)
    some = np.flatnonzero(n_up_to)
    left = np.append(0, ends)[some] + n_up_to[some] - 1
    is_there = x[left] == wanted
    found[some[is_there]] = y[left[is_there]]
    between = ~is_there & (left + 1 < ends[some])
    some, left = some[between], left[between]
    right = left + 1
    found[some] = (y[right] - y[left]) / (x[right] - x[left]) * (wanted - x[left]) + y[left]
    return found


def medians(group: Index, values: Array, n_groups: int) -> Array:
    """The median of each group's values; NaN where a group has none."""
    order = np.lexsort((values, group))
    ordered, counts = values[order], np.bincount(group, minlength=n_groups)
    starts = np.cumsum(counts) - counts
    found, some = np.full(n_groups, np.nan), counts > 0
    low, high = (starts + (counts - 1) // 2)[some], (starts + counts // 2)[some]
    found[some] = 0.5 * (ordered[low] + ordered[high])
    return found
