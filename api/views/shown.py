"""Values as people read them: one line of text beside the exact value.

`shown` is total: whatever a trace holds, a page or a table can print it. It rounds for the eye only;
`Shown.exact` keeps what was computed, so that nobody has to trust the rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import numpy as np
import polars as pl

from nodes.vocabulary.absent import Absent
from nodes.vocabulary.instants import instant_text
from nodes.vocabulary.reading import EnumName

_MAX_TEXT = 48
_SMALL = 1e-4
_MAX_PARTS = 24


@dataclass(frozen=True)
class Shown:
    """A value for the eye.

    Attributes:
        text: short and rounded, with its unit's sign.
        exact: the value to the last digit; for a table, what it holds in words.
        is_absent: whether there is no value, and `exact` says why.
        parts: the value broken down, for a value a symbol or a weight a feature: (label, text) pairs.
    """

    text: str
    exact: str
    is_absent: bool = False
    parts: tuple[tuple[str, str], ...] = ()


NOTHING = Shown("absent", "no value was recorded", is_absent=True)


def told_apart(one: Shown, other: Shown) -> tuple[Shown, Shown]:
    """Two values as written side by side: exactly, when rounding would make unequal ones look equal."""
    if one.text != other.text or one.exact == other.exact:
        return one, other
    return replace(one, text=one.exact), replace(other, text=other.exact)


def _money(value: Decimal | float, most_places: int) -> str:
    """Dollars with at least cents and at most `most_places` digits after the point."""
    whole, _, digits = f"{value:,.{most_places}f}".partition(".")
    cents = digits.rstrip("0").ljust(2, "0") if digits else ""
    return f"${whole}{'.' if cents else ''}{cents}".replace("$-", "-$")


def _percent(value: float) -> str:
    """A fraction in percent: two decimals, or three digits where two decimals would say little."""
    percent = value * 100
    return f"{percent:,.2f} %" if percent == 0 or abs(percent) >= 1 else f"{percent:.3g} %"


def _real(value: float) -> str:
    return f"{value:,.4f}" if value == 0 or abs(value) >= _SMALL else f"{value:.3g}"


# A column of money holds floats, for statistics; the account's own amounts are Decimal.
_BY_UNIT: Mapping[tuple[str, type], Callable[[Any], str]] = {
    ("Usd", Decimal): lambda value: _money(value, 2),
    ("Usd", float): lambda value: _money(value, 2),
    ("UsdPerShare", Decimal): lambda value: _money(value, 4),
    ("UsdPerShare", float): lambda value: _money(value, 4),
    ("Frac", float): _percent,
    ("Bps", float): lambda value: f"{value:,.1f} bps",
    ("Score", float): lambda value: f"{value:+.3f}",
    ("Sessions", int): lambda value: f"{value:,} session{'' if value == 1 else 's'}",
    ("Seconds", int): lambda value: f"{value:,} s",
}
# A column or a row is made of the scalars of its stem: FracColumn of Frac.
_STEMS = ("Column", "Row", "Matrix")


def scalar_unit(unit: str) -> str:
    """The unit of one element of a column, row or matrix unit; the unit itself when it is no such thing."""
    for stem in _STEMS:
        if unit.endswith(stem):
            return unit.removesuffix(stem)
    return unit


def shown(value: Any, unit: str = "", labels: tuple[str, ...] = ()) -> Shown:  # noqa: ANN401  # traces hold any value
    """A value for the eye.

    Args:
        value: any value of a trace.
        unit: the unit's name, e.g. "Frac".
        labels: what the elements of a row stand for (the symbols of the panel), when they are known.
    """
    if isinstance(value, Absent):
        return Shown("absent", f"{value.reason} (at {value.node})", is_absent=True)
    if value is None:
        return Shown("absent", "no value", is_absent=True)
    for kind, writer in _KINDS:
        if isinstance(value, kind):
            return writer(value, unit, labels)
    return _short(str(value), repr(value))


def scalar_text(value: Any, unit: str) -> str:  # noqa: ANN401  # any scalar
    """One scalar in its unit, rounded for the eye."""
    if value is None:
        return "absent"
    if isinstance(value, bool):
        return "yes" if value else "no"
    writer = _BY_UNIT.get((scalar_unit(unit), type(value)))
    if writer is not None:
        return writer(value)
    return _real(value) if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _short(text: str, exact: str, parts: tuple[tuple[str, str], ...] = ()) -> Shown:
    text = " ".join(text.split())
    return Shown(text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…", exact, parts=parts)


def _scalar(value: Any, unit: str, _labels: tuple[str, ...]) -> Shown:  # noqa: ANN401
    return _short(scalar_text(value, unit), str(value))


def _instant(value: datetime, _unit: str, _labels: tuple[str, ...]) -> Shown:
    text = instant_text(value)
    return Shown(text, text)


def _day(value: date, _unit: str, _labels: tuple[str, ...]) -> Shown:
    return Shown(value.isoformat(), value.isoformat())


def _enum(value: Enum, _unit: str, _labels: tuple[str, ...]) -> Shown:
    return _short(value.name.lower(), f"{type(value).__name__}.{value.name}")


def _enum_name(value: EnumName, _unit: str, _labels: tuple[str, ...]) -> Shown:
    return _short(value.member.lower(), f"{value.type_name}.{value.member}")


def _column(value: pl.Series, unit: str, labels: tuple[str, ...]) -> Shown:
    missing = f", {value.null_count():,} missing" if value.null_count() else ""
    exact = f"{value.len():,} values of {value.dtype}{missing}"
    if value.len() == len(labels) and labels:
        parts = tuple((label, scalar_text(item, unit)) for label, item in zip(labels, value, strict=True))
        return Shown(f"{value.len()} values", exact, parts=parts[:_MAX_PARTS])
    last = f", last {scalar_text(value[-1], unit)}" if value.len() else ""
    return _short(f"{value.len():,} values{last}", exact)


def _frame(value: pl.DataFrame, _unit: str, _labels: tuple[str, ...]) -> Shown:
    return _short(
        f"{value.height:,} rows, {value.width} columns", f"{value.height:,} rows of {', '.join(value.columns)}"
    )


def _array(value: np.ndarray, _unit: str, _labels: tuple[str, ...]) -> Shown:
    shape = " by ".join(f"{length:,}" for length in value.shape)
    return _short(f"{shape} numbers", f"{shape} numbers of {value.dtype}")


def _mapping(value: Mapping[str, Any], unit: str, _labels: tuple[str, ...]) -> Shown:
    parts = tuple((str(key), shown(item, scalar_unit(unit)).text) for key, item in sorted(value.items()))
    return _short(
        ", ".join(f"{key} {text}" for key, text in parts) or "none", f"{len(parts)} entries", parts[:_MAX_PARTS]
    )


def _sequence(value: tuple[Any, ...] | list[Any], _unit: str, _labels: tuple[str, ...]) -> Shown:
    return _short(", ".join(shown(item).text for item in value) or "none", f"{len(value)} entries")


_KINDS: tuple[tuple[Any, Callable[[Any, str, tuple[str, ...]], Shown]], ...] = (
    (Enum, _enum),
    (EnumName, _enum_name),
    (bool, _scalar),
    (str, _scalar),
    (int, _scalar),
    (float, _scalar),
    (Decimal, _scalar),
    (datetime, _instant),
    (date, _day),
    (pl.Series, _column),
    (pl.DataFrame, _frame),
    (np.ndarray, _array),
    (Mapping, _mapping),
    (tuple, _sequence),
    (list, _sequence),
)
