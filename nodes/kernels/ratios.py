"""Ratios of scalars and of columns, by the same arithmetic.

A ratio with nothing under the line has no value: None for scalars, null in columns. Decimals and integers become the
nearest float first, so that a scalar and a row of a column give the same bits.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TypeAlias

import numpy as np
import polars as pl

from nodes.kernels.arrays import array, column, positive
from nodes.vocabulary.units import Frac

Number: TypeAlias = int | float | Decimal


def ratio(part: Number, whole: Number) -> Frac | None:
    """`part` / `whole` where `whole` is positive and the quotient finite; None elsewhere."""
    divisor = float(whole)
    quotient = float(part) / divisor if divisor > 0.0 else math.nan
    return Frac(quotient) if math.isfinite(quotient) else None


def ratio_column(part: pl.Series, whole: pl.Series) -> pl.Series:
    """The same for columns, row by row; null elsewhere."""
    with np.errstate(over="ignore", invalid="ignore"):
        return column(array(part) / positive(array(whole)))


def growth_column(later: pl.Series, earlier: pl.Series) -> pl.Series:
    """By what fraction `later` lies over `earlier`, row by row; null unless earlier > 0."""
    return ratio_column(later - earlier, earlier)


def shortfall(level: Decimal, reference: Decimal) -> Frac | None:
    """By what fraction `level` lies under `reference`; negative when it lies above. None unless reference > 0."""
    return ratio(reference - level, reference)
