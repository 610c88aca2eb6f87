"""Returns along the rows of each symbol."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.panels import lagged


def returns_from_previous(level: Array, reference: Array, ratio: Array, segments: Index) -> Array:
    """Level over the reference of the symbol's previous row, times the adjustment ratio, less 1.

    NaN on a symbol's first row and where one of the three is missing.
    """
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        return level / lagged(reference, segments, 1) * ratio - 1.0
