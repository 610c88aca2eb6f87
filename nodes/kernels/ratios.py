"""Ratios of scalars and of columns, by the same arithmetic.

A ratio with nothing under the line has no value: None for scalars, null in columns. Decimals and integers become the
nearest float first, so that a scalar and a row of a column give the same bits.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import overload

import polars as pl

from nodes.kernels.arrays import array, column, positive

Number = int | float | Decimal


@overload
def ratio(part: pl.Series, whole: pl.Series) -> pl.Series: ...
@overload
def ratio(part: Number, whole: Number) -> float | None: ...
def ratio(part: Number | pl.Series, whole: Number | pl.Series) -> float | pl.Series | None:
    """`part` / `whole` where `whole` is positive; absent elsewhere."""
    if isinstance(part, pl.Series) and isinstance(whole, pl.Series):
        return column(array(part) / positive(array(whole)))
    divisor = float(whole)
    quotient = float(part) / divisor if divisor > 0.0 else math.nan
    return quotient if math.isfinite(quotient) else None


def shortfall(level: Number, reference: Number) -> float | None:
    """By what fraction `level` lies under `reference`; negative when it lies above. Absent unless reference > 0."""
    quotient = ratio(level, reference)
    return None if quotient is None else 1.0 - quotient
