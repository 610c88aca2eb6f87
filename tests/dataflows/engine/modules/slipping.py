"""Node functions that reach for a banned reduction by another way than its plain name, and some that do not."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass
from functools import reduce

import numpy as np
import polars as pl
from numpy import sum as total
from polars import mean as middle

from nodes.kernels import cross_section
from nodes.vocabulary.units import Frac, FracColumn

_TOTAL = np.add.reduce
_MIDDLE = pl.col("a").mean()


def _helped(column: pl.Series) -> float:
    return float(column.sum())


@dataclass(frozen=True)
class _Helper:
    """Reduces in a method."""

    scale: float = 1.0

    def value(self, column: pl.Series) -> float:
        """Its sum."""
        return self.scale * float(column.sum())


def helper_frac(a: FracColumn) -> Frac:
    """In a helper of its module."""
    return Frac(_helped(a))


def helper_of_helper_frac(a: FracColumn) -> Frac:
    """In a helper's helper."""
    return _through(a)


def _through(column: pl.Series) -> Frac:
    return Frac(_helped(column))


def method_frac(a: FracColumn) -> Frac:
    """In a method."""
    return Frac(_Helper().value(a))


def alias_frac(a: FracColumn) -> Frac:
    """Under another name."""
    return Frac(float(total(a.to_numpy())))


def polars_alias_frac(a: FracColumn) -> Frac:
    """Inside a selection, under another name."""
    return Frac(float(a.to_frame("a").select(middle("a")).item()))


def ufunc_frac(a: FracColumn) -> Frac:
    """By a method of a universal function."""
    return Frac(float(np.add.reduce(a.to_numpy())))


def ufunc_alias_frac(a: FracColumn) -> Frac:
    """By the same, taken at import."""
    return Frac(float(_TOTAL(a.to_numpy())))


def text_frac(a: FracColumn) -> Frac:
    """By the text of its name."""
    return Frac(float(getattr(a, "sum")()))  # noqa: B009  # the fault under test


def caller_frac(a: FracColumn) -> Frac:
    """By a caller of methods."""
    return Frac(float(operator.methodcaller("mean")(a)))


def expression_frac(a: FracColumn) -> Frac:
    """By an expression made at import."""
    return Frac(float(a.to_frame("a").select(_MIDDLE).item()))


def reference_frac(a: FracColumn) -> Frac:
    """By a reference that is called elsewhere."""
    return Frac(float(next(map(pl.Series.sum, [a]))))


def local_import_frac(a: FracColumn) -> Frac:
    """By an import of its own."""
    from numpy import std  # noqa: PLC0415  # the fault under test

    return Frac(float(std(a.to_numpy())))


def sql_frac(a: FracColumn) -> Frac:
    """By SQL."""
    return Frac(float(a.to_frame("a").sql("SELECT SUM(a) FROM self").item()))


def sound_frac(a: FracColumn) -> Frac:
    """Folds from left to right, and takes a kernel from its module."""
    pairs = [functools.reduce(operator.add, [1.0, 2.0]), reduce(operator.mul, [1.0, 2.0])]
    return Frac(pairs[0] if cross_section.__name__ else pairs[1] + len(a))
