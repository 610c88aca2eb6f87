"""Hypothesis strategies, shared by every test: a new type joins here, and the properties then hold of it too.

Strategies are cached, since Hypothesis spends more time on building one than on drawing from it.

Canonical values come first: everything that `nodes.vocabulary.canonical` can write and read back. Then the
rules of policies, as trees and as rows of values for them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache, partial
from typing import Any

import numpy as np
import polars as pl
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nodes.vocabulary.absent import Absent
from nodes.vocabulary.reading import EnumName
from policies.grammar import And, Between, Comparison, Expression, In, IsNull, Literal, Name, Not, Or

# The years whose instants fit int64 nanoseconds.
_FIRST_INSTANT, _LAST_INSTANT = datetime(1678, 1, 1), datetime(2262, 4, 11)  # noqa: DTZ001  # hypothesis adds the zone
_ZONES = st.builds(timezone, st.timedeltas(timedelta(hours=-23), timedelta(hours=23)))


@cache
def texts() -> st.SearchStrategy[str]:
    """Any text that has UTF-8 bytes."""
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@cache
def decimals() -> st.SearchStrategy[Decimal]:
    """Finite decimals in every form of the same number: 1, 1.0, 10E-1, -0, 0E+5."""
    return st.builds(
        lambda sign, coefficient, exponent: Decimal((sign, tuple(map(int, str(coefficient))), exponent)),
        st.integers(0, 1),
        st.integers(0, 10**30) | st.integers(0, 11),
        st.integers(-40, 40),
    )


@cache
def instants() -> st.SearchStrategy[datetime]:
    """Aware datetimes in any zone, within int64 nanoseconds."""
    return st.datetimes(_FIRST_INSTANT, _LAST_INSTANT, timezones=st.just(UTC) | _ZONES)


@cache
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


@cache
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


@cache
def columns(height: int | None = None) -> st.SearchStrategy[pl.Series]:
    """Columns of any type that has canonical bytes, with nulls; of up to 20 rows when no height is given."""
    low, high = (0, 20) if height is None else (height, height)
    return st.one_of(
        [
            st.lists(st.none() | items, min_size=low, max_size=high).map(partial(pl.Series, dtype=dtype))
            for dtype, items in _COLUMN_ITEMS.items()
        ]
    )


@cache
def frames() -> st.SearchStrategy[pl.DataFrame]:
    """Frames of up to four such columns."""
    names = st.lists(texts(), min_size=1, max_size=4, unique=True)
    return names.flatmap(lambda chosen: st.integers(0, 10).flatmap(lambda height: _frames_of(tuple(chosen), height)))


def _frames_of(names: tuple[str, ...], height: int) -> st.SearchStrategy[pl.DataFrame]:
    return st.tuples(*(columns(height) for _ in names)).map(
        lambda drawn: pl.DataFrame(dict(zip(names, drawn, strict=True)))
    )


@cache
def values() -> st.SearchStrategy[Any]:
    """Every value that canonical bytes can hold, nested."""
    members = st.recursive(scalars(), lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=4)
    leaves = st.one_of(scalars(), arrays(), columns(), frames(), st.frozensets(members, max_size=4))
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts(), inner, max_size=4),
        max_leaves=8,
    )


RULE_TYPES: Mapping[str, type] = {
    "drift_frac": float,
    "limit_frac": float,
    "order_shares": int,
    "lot_shares": int,
    "cash_usd": Decimal,
    "order_usd": Decimal,
    "symbol": str,
    "venue_name": str,
    "is_halted": bool,
    "is_open": bool,
}
"""Names that generated rules read, with the class of their values: two of each, so that names meet names."""

_RULE_TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=6) | st.sampled_from(["ON", "it's", ""])
_SMALL = st.integers(-3, 3)
_CENTS = st.integers(-(10**9), 10**9) | st.integers(-300, 300)
_NUMBERS = _SMALL | _CENTS.map(lambda cents: canonical_number(Decimal(cents) / 100))
_RULE_LITERALS: Mapping[type, st.SearchStrategy[Any]] = {
    float: _NUMBERS,
    int: _SMALL | st.integers(-(2**53), 2**53),
    Decimal: _NUMBERS,
    str: _RULE_TEXTS,
    bool: st.booleans(),
}
_RULE_VALUES: Mapping[type, st.SearchStrategy[Any]] = {
    float: st.floats() | _NUMBERS.map(float) | st.sampled_from([math.nan, math.inf, -math.inf, -0.0, 0.0]),
    int: _SMALL | st.integers(-(2**53), 2**53),
    Decimal: _CENTS.map(lambda cents: Decimal(cents) / 100),
    str: _RULE_TEXTS,
    bool: st.booleans(),
}


def canonical_number(number: Decimal) -> int | Decimal:
    """The number as the rule language keeps it: whole when it is whole."""
    return int(number) if number == number.to_integral_value() else Decimal(format(number, "f").rstrip("0"))


def rule_rows(types: Mapping[str, type] = RULE_TYPES) -> st.SearchStrategy[dict[str, Any]]:
    """Values for the names of generated rules: None, NaN, infinities and -0.0 among them."""
    return st.fixed_dictionaries({name: st.none() | _RULE_VALUES[base] for name, base in types.items()})


@st.composite
def rule_predicates(draw: st.DrawFn, types: Mapping[str, type] = RULE_TYPES) -> Expression:
    """A comparison, IN, BETWEEN, IS NULL or flag, well typed."""
    name = draw(st.sampled_from(sorted(types)))
    base = types[name]
    peers = st.sampled_from(sorted(peer for peer in types if types[peer] is base)).map(Name)
    operands = peers | st.builds(Literal, _RULE_LITERALS[base])
    negated = draw(st.booleans())
    forms = ["comparison", "in", "null", "flag" if base is bool else "between"]
    match draw(st.sampled_from(forms)):
        case "comparison":
            op = draw(st.sampled_from(["=", "<>"] if base is bool else ["=", "<>", "<", "<=", ">", ">="]))
            sides = (Name(name), draw(operands))
            return Comparison(op, *(sides[::-1] if negated else sides))
        case "in":
            return In(Name(name), tuple(draw(st.lists(operands, min_size=1, max_size=3))), negated)
        case "between":
            return Between(Name(name), draw(operands), draw(operands), negated)
        case "null":
            return IsNull(Name(name), negated)
        case _:
            return Name(name)


def rule_trees(types: Mapping[str, type] = RULE_TYPES) -> st.SearchStrategy[Expression]:
    """Well-typed trees of the rule language, in the form that reading a text gives."""
    return st.recursive(rule_predicates(types), _larger_rules, max_leaves=8)


def _larger_rules(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=2, max_size=3)
    negations = inner.filter(lambda item: isinstance(item, Comparison | Name | And | Or)).map(Not)
    return negations | several.map(lambda items: _joined(And, items)) | several.map(lambda items: _joined(Or, items))


def _joined(kind: type[And | Or], items: list[Expression]) -> And | Or:
    flat: list[Expression] = []
    for item in items:
        flat.extend(item.items if isinstance(item, And | Or) and isinstance(item, kind) else (item,))
    return kind(tuple(flat))
