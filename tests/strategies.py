"""Hypothesis strategies, shared by every test: a new type joins here, and the properties then hold of it too.

Canonical values come first: everything that `nodes.vocabulary.canonical` can write and read back.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nodes.vocabulary.absent import Absent
from nodes.vocabulary.reading import EnumName

# The years whose instants fit int64 nanoseconds.
_FIRST_INSTANT, _LAST_INSTANT = datetime(1678, 1, 1), datetime(2262, 4, 11)  # noqa: DTZ001  # hypothesis adds the zone
_ZONES = st.builds(timezone, st.timedeltas(timedelta(hours=-23), timedelta(hours=23)))


def texts() -> st.SearchStrategy[str]:
    """Any text that has UTF-8 bytes."""
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def decimals() -> st.SearchStrategy[Decimal]:
    """Finite decimals in every form of the same number: 1, 1.0, 10E-1, -0, 0E+5."""
    return st.builds(
        lambda sign, coefficient, exponent: Decimal((sign, tuple(map(int, str(coefficient))), exponent)),
        st.integers(0, 1),
        st.integers(0, 10**30) | st.integers(0, 11),
        st.integers(-40, 40),
    )


def instants() -> st.SearchStrategy[datetime]:
    """Aware datetimes in any zone, within int64 nanoseconds."""
    return st.datetimes(_FIRST_INSTANT, _LAST_INSTANT, timezones=st.just(UTC) | _ZONES)


def scalars() -> st.SearchStrategy[Any]:
    """Every scalar of the vocabulary; small numbers often, so that types meet at the same number."""
    small = st.integers(-2, 2)
    return st.one_of(
        st.none(),
        st.booleans(),
        small,
        small.map(float),
        small.map(Decimal),
        small.map(str),
        small.map(lambda number: str(number).encode()),
        st.floats(),
        st.integers(),
        st.integers(-(2**80), 2**80),
        decimals(),
        texts(),
        st.binary(max_size=12),
        instants(),
        st.dates(),
        st.builds(EnumName, texts(), texts()),
        st.builds(Absent, texts(), texts()),
    )


def arrays() -> st.SearchStrategy[np.ndarray]:
    """Arrays of the three types that have canonical bytes, of any shape and memory order."""
    types = st.sampled_from([np.dtype("float64"), np.dtype("int64"), np.dtype("bool")])
    return hnp.arrays(types, hnp.array_shapes(min_dims=0, min_side=0, max_side=4)).map(np.asfortranarray)


_COLUMN_ITEMS: dict[Any, st.SearchStrategy[Any]] = {
    pl.Float64: st.floats(),
    pl.Float32: st.floats(width=32),
    pl.Int64: st.integers(-(2**63), 2**63 - 1),
    pl.Int32: st.integers(-(2**31), 2**31 - 1),
    pl.Int16: st.integers(-(2**15), 2**15 - 1),
    pl.Int8: st.integers(-(2**7), 2**7 - 1),
    pl.UInt64: st.integers(0, 2**64 - 1),
    pl.UInt32: st.integers(0, 2**32 - 1),
    pl.UInt16: st.integers(0, 2**16 - 1),
    pl.UInt8: st.integers(0, 2**8 - 1),
    pl.Boolean: st.booleans(),
    pl.Date: st.dates(),
    pl.String: texts(),
    pl.Categorical: texts(),
    pl.Datetime("ms", "UTC"): instants().map(lambda instant: instant.replace(microsecond=0)),
    pl.Datetime("us", "UTC"): instants(),
    pl.Datetime("ns", "UTC"): instants(),
}


@st.composite
def columns(draw: st.DrawFn, height: int | None = None) -> pl.Series:
    """A column of any type that has canonical bytes, with nulls."""
    dtype = draw(st.sampled_from(list(_COLUMN_ITEMS)))
    rows = draw(st.integers(0, 20)) if height is None else height
    return pl.Series(draw(st.lists(st.none() | _COLUMN_ITEMS[dtype], min_size=rows, max_size=rows)), dtype=dtype)


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    """A frame of such columns."""
    height = draw(st.integers(0, 10))
    names = draw(st.lists(texts(), max_size=4, unique=True))
    return pl.DataFrame([draw(columns(height)).alias(name) for name in names], height=height if names else 0)


def values() -> st.SearchStrategy[Any]:
    """Every value that canonical bytes can hold, nested."""
    members = st.recursive(scalars(), lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=4)
    leaves = st.one_of(scalars(), arrays(), columns(), frames(), st.frozensets(members, max_size=4))
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts(), inner, max_size=4),
        max_leaves=8,
    )
