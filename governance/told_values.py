"""Whether a value tells another one, in whatever form it stands: nested, as another type of number, or within a text.

858235.30 is told by the decimal, by the float, by `[858235.3]`, by "cash 858,235.30", and by "858,235", which is it
rounded: every value is taken apart into numbers, texts and bytes, and those are looked up. Rather too much is found
than too little: what is found is left out of a bundle, or named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date
from decimal import Context, Decimal, InvalidOperation
from enum import Enum
from typing import Any

import msgspec
import numpy as np
import polars as pl

from nodes.vocabulary.absent import Absent
from nodes.vocabulary.reading import EnumName

_DAYS = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+Z?)?", re.ASCII)
_NUMBERS = re.compile(r"\d[\d,_]*(?:\.\d+)?(?:[eE][+-]?\d{1,3}(?![\w.]))?", re.ASCII)
_MIN_DIGITS = 4
"""Fewer digits of a rounded number, or of one that stands among letters, say nothing of where it comes from."""
_FLOAT_DIGITS = 12
_SCALED_DIGITS = 3
_SCALES = (1, 100, 10_000)
"""A share is also written in percent and basis points, a price in hundredths of a cent."""
_MIN_TEXT = 4
_ONE_DIGIT = 10
_TRIVIAL = frozenset({Decimal(0), Decimal(1)})
_EXACT = Context(prec=400, Emax=10_000, Emin=-10_000)


@dataclass(frozen=True)
class Secrets:
    """What is not to be told.

    Attributes:
        numbers: each number, its roundings and its scalings.
        texts: texts and instants.
        parts: texts that are long enough to be looked for within others.
        data: byte strings, such as digests of columns.
    """

    numbers: frozenset[Decimal] = frozenset()
    texts: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    data: frozenset[bytes] = frozenset()

    def are_told_by(self, value: Any) -> bool:  # noqa: ANN401  # any value of the vocabulary
        """Whether a value, or anything inside it, is one of them."""
        return any(self._is(leaf) for leaf in _leaves(value, with_keys=True))

    def _is(self, leaf: object) -> bool:
        if isinstance(leaf, str):
            is_text = leaf in self.texts or any(part in leaf for part in self.parts)
            return is_text or any(self._is_number(number) for number in _numbers(leaf))
        if isinstance(leaf, bytes):
            return leaf in self.data
        return isinstance(leaf, Decimal) and self._is_number(leaf)

    def _is_number(self, number: Decimal) -> bool:
        return number in self.numbers or _rounded(number, _FLOAT_DIGITS) in self.numbers


def secrets(values: Iterable[Any]) -> Secrets:
    """What some values say; nothing of those that say nothing, like an absence, a truth value, 0 or 1."""
    numbers: set[Decimal] = set()
    texts: set[str] = set()
    data: set[bytes] = set()
    for value in values:
        is_whole = not isinstance(value, _COLLECTIONS)
        for leaf in _leaves(value, with_keys=False):
            if isinstance(leaf, bytes):
                data.add(leaf)
            elif isinstance(leaf, Decimal):
                numbers.update(_forms(leaf, is_whole=is_whole))
            elif leaf and (is_whole or len(leaf) >= _MIN_TEXT):
                texts.add(leaf)
                numbers.update(form for each in _numbers(leaf) for form in _forms(each, is_whole=False))
    parts = frozenset(text for text in texts if len(text) >= _MIN_TEXT)
    return Secrets(frozenset(numbers) - _TRIVIAL, frozenset(texts), parts, frozenset(data) - {b""})


_COLLECTIONS = (list, tuple, set, frozenset, Mapping, pl.Series, pl.DataFrame, np.ndarray, msgspec.Struct)
_Leaf = str | bytes | Decimal


def _leaves(value: Any, *, with_keys: bool) -> Iterator[_Leaf]:  # noqa: ANN401
    """The numbers, texts and bytes of a value, sizes of numbers without their sign; days and instants as texts."""
    if isinstance(value, str | bytes):
        yield value
    elif isinstance(value, bool | np.bool_ | None | Absent):
        yield from (value.reason,) if isinstance(value, Absent) else ()
    elif isinstance(value, Enum | EnumName):
        yield value.name if isinstance(value, Enum) else value.member
    elif isinstance(value, date):
        yield value.isoformat()
    elif isinstance(value, int | float | Decimal | np.number):
        yield from _number(value)
    else:
        for inner in _inside(value, with_keys=with_keys):
            yield from _leaves(inner, with_keys=with_keys)


def _inside(value: Any, *, with_keys: bool) -> Iterator[Any]:  # noqa: ANN401
    if isinstance(value, pl.DataFrame):
        yield from value.to_dict(as_series=False).values()
    elif isinstance(value, pl.Series | np.ndarray):
        yield from value.to_list() if isinstance(value, pl.Series) else value.ravel().tolist()
    elif isinstance(value, msgspec.Struct):
        yield from msgspec.structs.asdict(value).values()
    elif is_dataclass(value) and not isinstance(value, type):
        yield from asdict(value).values()
    elif isinstance(value, Mapping):
        yield from value.keys() if with_keys else ()
        yield from value.values()
    else:
        yield from value


def _number(value: Any) -> Iterator[Decimal]:  # noqa: ANN401
    found = value if isinstance(value, Decimal) else Decimal(str(value))
    if found.is_finite():
        yield _normal(found)


def _normal(number: Decimal) -> Decimal:
    return _EXACT.normalize(abs(number)) if len(number.as_tuple().digits) < _EXACT.prec else abs(number)


def _numbers(text: str) -> Iterator[Decimal]:
    """The numbers in a text, without those of its dates and the short ones that stand among letters, as in ids."""
    text = _DAYS.sub(" ", text)
    for match in _NUMBERS.finditer(text):
        plain = match[0].replace(",", "").replace("_", "")
        is_alone = not text[: match.start()][-1:].isalpha() and not text[match.end() :][:1].isalpha()
        if is_alone or sum(map(str.isdigit, plain)) >= _MIN_DIGITS:
            try:
                yield _normal(Decimal(plain))
            except InvalidOperation:
                continue


def _forms(number: Decimal, *, is_whole: bool) -> Iterator[Decimal]:
    """A number as it may be written: rounded to fewer digits, in percent, in basis points."""
    n_digits = len(number.as_tuple().digits)
    if not is_whole and number < _ONE_DIGIT and number == int(number):
        return
    for scale in _SCALES if n_digits >= _SCALED_DIGITS else (1,):
        scaled = _normal(number * scale)
        yield scaled
        for digits in range(_MIN_DIGITS, min(n_digits, _FLOAT_DIGITS + 1)):
            yield _rounded(scaled, digits)


def _rounded(number: Decimal, n_digits: int) -> Decimal:
    return Context(prec=n_digits, Emax=10_000, Emin=-10_000).plus(number).normalize()
