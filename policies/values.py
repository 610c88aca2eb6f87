"""What a scalar means: by the unit that its name's suffix declares, else by the core schema of YAML 1.2.

`5` and `5.0` are one fraction; an amount of money is the exact decimal that stands in the text; ON and NO
are texts; NaN and infinity are refused everywhere, for a limit that compares with nothing limits nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_from_text
from nodes.vocabulary.units import annotation_of_name, unit_of
from policies.document import Scalar
from policies.slips import Slip, quoted

CoreValue: TypeAlias = bool | int | float | str | None
ScalarValue: TypeAlias = Decimal | float | int | bool | str | datetime | date

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT64 = range(-(2**63), 2**63)
_MAX_DIGITS = 28
_MAX_NUMBER_CHARACTERS = 60
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class SlipError(Exception):
    """A scalar does not mean what its place wants."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.slip = Slip(0, what, mend)


def core_value(scalar: Scalar) -> CoreValue:
    """What a scalar means by YAML 1.2's core schema. Raises SlipError for numbers that are not finite or too long."""
    text = scalar.text
    if scalar.style:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _NOT_FINITE.fullmatch(text):
        raise SlipError(f"{text} is not a finite number", "write a finite number")
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    return text


def named_value(name: str, scalar: Scalar) -> ScalarValue | None:
    """What a scalar means under a name: the name's suffix says its type. None when it is null."""
    value = core_value(scalar)
    if value is None:
        return None
    base = base_of_name(name)
    if base is None:
        return value
    if base is str or isinstance(value, bool) or (base in _NUMBERS and isinstance(value, str)):
        raise _mismatch(name, base, scalar)
    return _CONVERSIONS[base](name, scalar)


def base_of_name(name: str) -> type | None:
    """The class that a name's suffix declares: a number's by its unit, datetime for `_at`, date for `_on`."""
    if name.endswith(("_at", "_utc")):
        return datetime
    if name.endswith("_on"):
        return date
    annotation = annotation_of_name(name)
    return None if annotation is None else unit_of(annotation).base


def instant(scalar: Scalar) -> datetime:
    """The instant that a scalar names, in UTC. Raises SlipError when it names none or has no offset."""
    try:
        return instant_from_text(scalar.text)
    except DataError as error:
        raise SlipError(f"{quoted(scalar.text)} is no instant", "write it like 2026-11-23T14:30:00Z") from error


def exact_decimal(text: str) -> Decimal:
    """The number that a text writes, exactly, without exponent or trailing zeros: one amount has one form."""
    number = Decimal(text)
    if number.adjusted() >= _MAX_DIGITS or len(number.as_tuple().digits) > _MAX_DIGITS:
        raise SlipError(f"{quoted(text)} has more than {_MAX_DIGITS} digits", "write a smaller or a rounder amount")
    plain = format(number, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    if len(plain) > _MAX_NUMBER_CHARACTERS:
        raise SlipError(f"{quoted(text)} has more than {_MAX_DIGITS} decimals", "write a rounder amount")
    return Decimal(plain) or Decimal(0)


def _integer(text: str) -> int:
    if len(text) > _MAX_NUMBER_CHARACTERS:
        raise SlipError(f"{quoted(text)} is too long for a number", "quote it if it is a text")
    radix = {"0o": 8, "0x": 16}.get(text[:2], 10)
    number = int(text[2:] if radix != 10 else text, radix)  # noqa: PLR2004  # ten is the radix of people
    if number not in _INT64:
        raise SlipError(f"{text} does not fit into 64 bits", "write a smaller number")
    return number


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise SlipError(f"{quoted(text)} is not a finite number", "write a smaller number")
    return number or 0.0


def _mismatch(name: str, base: type, scalar: Scalar) -> SlipError:
    what, mend = _WANTED[base]
    written = quoted(scalar.text) if scalar.style else scalar.text
    if base in _NUMBERS and scalar.style and (_INTEGER.fullmatch(scalar.text) or _FLOAT.fullmatch(scalar.text)):
        mend = f"write {scalar.text} without quotes"
    elif base in _NUMBERS and _INTEGER.fullmatch(plain := scalar.text.replace("_", "").replace(",", "")):
        mend = f"write {plain}"
    return SlipError(f"{name} was {written}, expected {what}", mend)


def _named_integer(name: str, scalar: Scalar) -> int:
    if _INTEGER.fullmatch(scalar.text):
        return _integer(scalar.text)
    raise _mismatch(name, int, scalar)


def _named_float(_name: str, scalar: Scalar) -> float:
    value = core_value(scalar)
    return float(value or 0.0)


def _named_decimal(_name: str, scalar: Scalar) -> Decimal:
    value = core_value(scalar)
    return exact_decimal(str(value) if isinstance(value, int) else scalar.text)


def _named_instant(name: str, scalar: Scalar) -> datetime:
    try:
        return instant(scalar)
    except SlipError as error:
        raise _mismatch(name, datetime, scalar) from error


def _named_date(name: str, scalar: Scalar) -> date:
    try:
        if _DATE.fullmatch(scalar.text):
            return date.fromisoformat(scalar.text)
    except ValueError as error:
        raise _mismatch(name, date, scalar) from error
    raise _mismatch(name, date, scalar)


_NUMBERS = frozenset({int, float, Decimal, dict})
_WANTED: dict[type, tuple[str, str]] = {
    int: ("a whole number", "write digits only"),
    float: ("a number", "write it like 0.05"),
    Decimal: ("an amount", "write it like 2500.50"),
    dict: ("a mapping of weights", "write it like {momentum_frac: 1.0}"),
    datetime: ("an instant", "write it like 2026-11-23T14:30:00Z"),
    date: ("a date", "write it like 2026-11-23"),
}
_CONVERSIONS: dict[type, Callable[[str, Scalar], ScalarValue]] = {
    int: _named_integer,
    float: _named_float,
    Decimal: _named_decimal,
    datetime: _named_instant,
    date: _named_date,
}
