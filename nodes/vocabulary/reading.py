"""Reading canonical bytes back: the inverse of `nodes.vocabulary.canonical`, which owns the format.

`read` rebuilds one value and believes nothing: no length is trusted beyond the bytes that are there, and every
way to be broken is a DataError. What it does not ask is whether the bytes are the *only* bytes of their value
(sorted keys, minimal integers, zeroed null slots): `canonical.decode` settles all of that at once, by encoding again.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from nodes.vocabulary import columns
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_from_ns

MAX_DEPTH = 64
DAY_ZERO = date(1970, 1, 1)
LENGTH = struct.Struct(">Q")
DOUBLE = struct.Struct(">d")
LONG = struct.Struct(">q")
DAY = struct.Struct(">i")
ARRAY_TYPES: Mapping[str, np.dtype[Any]] = {name: np.dtype(name) for name in ("float64", "int64", "bool")}
# ArithmeticError: a decimal exponent out of range, a day out of the calendar. TypeError: a set member without a hash.
_BROKEN = (struct.error, ValueError, ArithmeticError, TypeError, pl.exceptions.PolarsError)


@dataclass(frozen=True, slots=True)
class EnumName:
    """An enum member read back from canonical bytes: its class is named, not imported."""

    type_name: str
    member: str


def read(data: bytes) -> Any:  # noqa: ANN401  # any value of the vocabulary
    """The value that starts and ends with `data`. Raises DataError when the bytes are broken."""
    reader = _Reader(data)
    try:
        value = reader.value(0)
    except _BROKEN as error:
        message = f"canonical bytes are broken at offset {reader.at} of {len(data)}: {error}; restore them from a copy"
        raise DataError(message) from error
    if reader.at != len(data):
        message = f"canonical bytes go on {len(data) - reader.at} bytes after the value; restore them from a copy"
        raise DataError(message)
    return value


class _Reader:
    """A cursor over canonical bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes. Raises ValueError when fewer are left."""
        end = self.at + size
        if end > len(self.data):
            message = f"{size} bytes wanted, {len(self.data) - self.at} left"
            raise ValueError(message)
        part = self.data[self.at : end]
        self.at = end
        return part

    def length(self) -> int:
        return int(LENGTH.unpack(self.take(8))[0])

    def sized(self) -> bytes:
        return self.take(self.length())

    def value(self, depth: int) -> Any:  # noqa: ANN401
        """The next value."""
        if depth > MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH}"
            raise ValueError(message)
        tag = self.take(1)
        read_body = _BODIES.get(tag)
        if read_body is None:
            message = f"unknown tag {tag!r}"
            raise ValueError(message)
        return read_body(self, depth)

    def tag(self, wanted: bytes) -> None:
        """Step over a tag. Raises ValueError on another one: the parts of a value are not free to be anything."""
        found = self.take(1)
        if found != wanted:
            message = f"tag {wanted!r} wanted, found {found!r}"
            raise ValueError(message)

    def part(self, tag: bytes) -> Any:  # noqa: ANN401
        """The next value, which has this tag and no values inside it."""
        self.tag(tag)
        return _BODIES[tag](self, MAX_DEPTH)

    def items(self, depth: int) -> list[Any]:
        return [self.value(depth + 1) for _ in range(self.length())]


def _read_decimal(reader: _Reader, _depth: int) -> Decimal:
    sign = 1 if reader.take(1) == b"-" else 0
    exponent = LONG.unpack(reader.take(8))[0]
    digits = tuple(int(digit) for digit in reader.sized().decode("ascii"))
    return Decimal((sign, digits, exponent))


def _read_struct(reader: _Reader, depth: int) -> dict[str, Any]:
    return {reader.part(b"U"): reader.value(depth + 1) for _ in range(reader.length())}


def _read_frame(reader: _Reader, _depth: int) -> pl.DataFrame:
    height, width = reader.length(), reader.length()
    series: dict[str, pl.Series] = {}
    for _ in range(width):
        name = reader.part(b"U")
        series[name] = reader.part(b"C")
    if len(series) != width or any(column.len() != height for column in series.values()):
        message = f"frame of {height} rows and {width} columns has a name twice or a column of another height"
        raise ValueError(message)
    return pl.DataFrame(series or None, height=height)


def _read_array(reader: _Reader, _depth: int) -> np.ndarray:
    name = reader.part(b"U")
    if name not in ARRAY_TYPES:
        message = f"unknown array type {name!r}"
        raise ValueError(message)
    reader.tag(b"L")
    shape = tuple(reader.part(b"I") for _ in range(reader.length()))
    return columns.array_from_bytes(reader.part(b"Y"), ARRAY_TYPES[name], shape)


_BODIES: Mapping[bytes, Any] = {
    b"N": lambda _r, _d: None,
    b"T": lambda _r, _d: True,
    b"F": lambda _r, _d: False,
    b"D": lambda r, _d: DOUBLE.unpack(r.take(8))[0],
    b"I": lambda r, _d: LONG.unpack(r.take(8))[0],
    b"J": lambda r, _d: int.from_bytes(r.sized(), "big", signed=True),
    b"M": _read_decimal,
    b"U": lambda r, _d: r.sized().decode(),
    b"Y": lambda r, _d: r.sized(),
    b"@": lambda r, _d: instant_from_ns(LONG.unpack(r.take(8))[0]),
    b"d": lambda r, _d: DAY_ZERO + timedelta(days=DAY.unpack(r.take(4))[0]),
    b"E": lambda r, _d: EnumName(r.part(b"U"), r.part(b"U")),
    b"X": lambda r, _d: Absent(r.part(b"U"), r.part(b"U")),
    b"L": lambda r, d: tuple(r.items(d)),
    b"S": _read_struct,
    b"Q": lambda r, d: frozenset(r.items(d)),
    b"C": lambda r, _d: columns.column_from_bytes(r.sized()),
    b"P": _read_frame,
    b"A": _read_array,
}
