"""What a scalar means: by the unit that its name's suffix declares, else by the core schema of YAML 1.2.

`5` and `5.0` are one fraction; an amount of money is the exact decimal that stands in the text; ON and NO
are texts; NaN and infinity are refused everywhere, for a limit that compares with nothing limits nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_from_text, instant_ns
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
_RADIX = {"0o": 8, "0x": 16}
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
        raise _not_finite(text)
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    return text


def named_value(name: str, scalar: Scalar) -> ScalarValue | None:
    """What a scalar means under a name: the name's suffix says its type. None when it is null."""
    base = base_of_name(name)
    is_constant = not scalar.style and scalar.text in _CONSTANTS
    if base is None or (is_constant and _CONSTANTS[scalar.text] is None):
        return core_value(scalar)
    if not scalar.style and _NOT_FINITE.fullmatch(scalar.text):
        raise _not_finite(scalar.text)
    is_number = not scalar.style and _is_number(scalar.text)
    if is_constant or base not in _CONVERSIONS or (base in _NUMBERS and not is_number):
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
        found = instant_from_text(scalar.text)
    except DataError as error:
        raise SlipError(f"{quoted(scalar.text)} is no instant", "write it like 2026-11-23T14:30:00Z") from error
    if instant_ns(found) not in _INT64:
        what = f"{quoted(scalar.text)} is out of the range of instants, 1677-09-22 to 2262-04-11"
        raise SlipError(what, "write an instant within it")
    return found


def exact_decimal(text: str) -> Decimal:
    """The number that a text writes, exactly, without exponent or trailing zeros: one amount has one form."""
    too_long = SlipError(f"{quoted(text)} has more than {_MAX_DIGITS} digits", "write a smaller or a rounder amount")
    if len(text) > _MAX_NUMBER_CHARACTERS:
        raise too_long
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise too_long from error
    if number and (number.adjusted() >= _MAX_DIGITS or -number.adjusted() > _MAX_DIGITS):
        raise too_long
    plain = format(number, "f") if number else "0"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    if len(plain.lstrip("-").replace(".", "").lstrip("0")) > _MAX_DIGITS:
        raise too_long
    return Decimal(plain)


def _is_number(text: str) -> bool:
    return bool(_INTEGER.fullmatch(text) or _FLOAT.fullmatch(text))


def _not_finite(text: str) -> SlipError:
    return SlipError(f"{quoted(text)[1:-1]} is not a finite number", "write a finite number")


def _integer(text: str) -> int:
    if len(text) > _MAX_NUMBER_CHARACTERS:
        raise SlipError(f"{quoted(text)} is too long for a number", "quote it if it is a text")
    radix = _RADIX.get(text[:2])
    number = int(text[2:], radix) if radix else int(text)
    if number not in _INT64:
        raise SlipError(f"{text} does not fit into 64 bits", "write a smaller number")
    return number


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _not_finite(text)
    return number or 0.0


def _mismatch(name: str, base: type, scalar: Scalar) -> SlipError:
    what, mend = _WANTED[base]
    written = quoted(scalar.text) if scalar.style else scalar.text
    if base in _NUMBERS:
        mend = _number_mend(base, scalar) or mend
    return SlipError(f"{name} was {written}, expected {what}", mend)


def _number_mend(base: type, scalar: Scalar) -> str:
    """How to write the number that the author had in mind, when it can be told; else empty."""
    plain = scalar.text.replace("_", "").replace(",", "")
    if base is float and _FLOAT.fullmatch(plain.removesuffix("%")) and plain.endswith("%"):
        return f"write {exact_decimal(plain[:-1] + 'e-2')}"
    if _FLOAT.fullmatch(plain) and base is int and float(plain).is_integer():
        return f"write {float(plain):.0f}"
    if _is_number(plain) and base is not int:
        return f"write {plain} without quotes" if scalar.style else f"write {plain}"
    return ""


def _named_integer(name: str, scalar: Scalar) -> int:
    if _INTEGER.fullmatch(scalar.text):
        return _integer(scalar.text)
    raise _mismatch(name, int, scalar)


def _named_float(_name: str, scalar: Scalar) -> float:
    return float(_integer(scalar.text)) if scalar.text[:2] in _RADIX else _float(scalar.text)


def _named_decimal(_name: str, scalar: Scalar) -> Decimal:
    return Decimal(_integer(scalar.text)) if scalar.text[:2] in _RADIX else exact_decimal(scalar.text)


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


_NUMBERS = frozenset({int, float, Decimal})
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
