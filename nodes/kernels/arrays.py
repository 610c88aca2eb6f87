"""The border between polars columns and the float64 arrays that kernels work on.

A missing value is null in a column and NaN in an array. An infinity is no market value: it leaves as null.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

Array: TypeAlias = npt.NDArray[np.float64]
Index: TypeAlias = npt.NDArray[np.int64]


def array(column: pl.Series) -> Array:
    """The values of a numeric column in one float64 array, NaN where it has none."""
    return column.cast(pl.Float64).rechunk().to_numpy().astype(np.float64, copy=False)


def column(values: Array) -> pl.Series:
    """A column of the values, null where they are NaN or infinite."""
    return pl.Series("", np.where(np.isfinite(values), values, np.nan), dtype=pl.Float64, nan_to_null=True)


def whole_column(values: Array) -> pl.Series:
    """A column of the values cut to whole numbers towards zero, null where they are NaN or infinite."""
    return column(np.trunc(values)).cast(pl.Int64)


def positive(values: Array) -> Array:
    """The values that are positive and finite; NaN in place of the others: a price of zero is no price."""
    with np.errstate(invalid="ignore"):
        return np.where((values > 0.0) & np.isfinite(values), values, np.nan)
