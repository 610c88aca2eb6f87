"""Sums that no order of addition can change: values are rounded to a grid so fine that their sums are whole numbers.

A bootstrap adds the same values thousands of times, which only a matrix product does fast, and the order in which a
product adds is BLAS's own. Over whole numbers below 2^53 every order gives the same bits, whatever the library, its
threads or its blocks: this is the one module of the kernels that multiplies matrices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array

_EXACT_BITS = 52
_LEAST_EXPONENT = -1000


@dataclass(frozen=True)
class Grid:
    """The columns of a panel on a grid of their own.

    Attributes:
        whole: whole numbers in float64, one row a period, one column a strategy.
        spacing: what one of them is worth, a power of two, one a column.
    """

    whole: Array
    spacing: Array


def on_grid(values: Array, n_terms: int) -> Grid:
    """The values rounded to a grid on which every sum of up to `n_terms` of them is exact.

    Formula: whole = round(value / spacing), spacing = 2^(e - 52 + ceil(log2 n_terms)), where 2^e bounds the column.
    Of 2,500 terms the rounding is under 1e-12 of a column's largest value. Missing: the values must be finite.
    Source: IEEE 754-2019, section 5.4.1: an addition whose result can be represented is exact.
    """
    _, exponent = np.frexp(np.max(np.abs(values), axis=0))
    room = _EXACT_BITS - math.ceil(math.log2(max(n_terms, 1)))
    spacing = np.ldexp(1.0, np.maximum(exponent - room, _LEAST_EXPONENT))
    return Grid(np.ascontiguousarray(np.rint(values / spacing)), spacing)


def exact_sums(weights: Array, whole: Array) -> Array:
    """Sum of the rows of `whole`, each taken as often as its weight says; one row of weights, one row of sums.

    Formula: weights x whole. Exact while both hold whole numbers and no sum passes 2^53: the caller's grid sees to it.
    """
    return weights @ whole
