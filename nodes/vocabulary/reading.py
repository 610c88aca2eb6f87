"""Reading canonical bytes back: the inverse of `nodes.vocabulary.canonical`, which owns the format.

`read` rebuilds one value and believes nothing: no length is trusted beyond the bytes that are there, and every
way to be broken is a DataError. What it does not ask is whether the bytes are the *only* bytes of their value
(sorted keys, minimal integers, zeroed null slots): `canonical.decode` settles all of that at once, by encoding again.

Values of the common types are read by functions that know only how it goes well, in a third of the time; whatever
surprises them is read again from the start with care, which says what is wrong and where.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
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
_SIGNS = {ord("+"): "", ord("-"): "-"}
# ArithmeticError: a decimal exponent out of range, a day out of the calendar. TypeError: a set member without a hash.
_BROKEN = (struct.error, ValueError, ArithmeticError, TypeError, pl.exceptions.PolarsError)


# IndexError: bytes that end early. KeyError: a tag, or a sign, that is not among the common ones.
SURPRISES = (*_BROKEN, IndexError, KeyError)


@dataclass(frozen=True, slots=True)
class EnumName:
    """An enum member read back from canonical bytes: its class is named, not imported."""

    type_name: str
    member: str


def read(data: bytes) -> Any:  # noqa: ANN401  # any value of the vocabulary
    """The value that starts and ends with `data`. Raises DataError when the bytes are broken."""
    try:
        value, end = QUICK[data[0]](data, 1, 0)
    except SURPRISES:
        return read_with_care(data)
    return value if end == len(data) else read_with_care(data)


def read_fields(data: bytes, names: AbstractSet[str], within: str = "") -> dict[str, Any]:
    """Some fields of the struct that `data` is, or of the one that its field `within` is; the others are stepped over.

    For many structs of which few fields are asked for, out of bytes that their digest was held to. A name that the
    struct does not have is left out. Raises DataError when the bytes are broken.
    """
    try:
        at = _place_of(data, within.encode()) if within else 0
        return _picked(data, at, {name.encode(): name for name in names})
    except SURPRISES:
        found = read(data)
        found = found.get(within) if within and isinstance(found, dict) else found
        if not isinstance(found, dict):
            message = f"canonical bytes hold no struct {within!r}; look their kind up where they are named"
            raise DataError(message) from None
        return {name: value for name, value in found.items() if name in names}


def read_with_care(data: bytes) -> Any:  # noqa: ANN401  # any value of the vocabulary
    """The same for values of any type, and for bytes that are broken."""
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


_length_at, _long_at, _double_at = LENGTH.unpack_from, LONG.unpack_from, DOUBLE.unpack_from


def _quick_part(data: bytes, at: int) -> tuple[bytes, int]:
    """Bytes behind their length, and where they end."""
    start = at + 8
    end = start + _length_at(data, at)[0]
    if end > len(data):
        raise IndexError(end)
    return data[start:end], end


def _quick_bytes(data: bytes, at: int, _depth: int) -> tuple[bytes, int]:
    return _quick_part(data, at)


def _quick_text(data: bytes, at: int, _depth: int) -> tuple[str, int]:
    part, end = _quick_part(data, at)
    return part.decode(), end


def _quick_decimal(data: bytes, at: int, _depth: int) -> tuple[Decimal, int]:
    digits, end = _quick_part(data, at + 9)
    if not digits.isdigit():
        raise ValueError(digits)
    return Decimal(f"{_SIGNS[data[at]]}{digits.decode()}E{LONG.unpack_from(data, at + 1)[0]}"), end


def _quick_sequence(data: bytes, at: int, depth: int) -> tuple[tuple[Any, ...], int]:
    if depth >= MAX_DEPTH:
        raise ValueError(depth)
    items: list[Any] = []
    (n_items,), at = _length_at(data, at), at + 8
    for _ in range(n_items):
        item, at = QUICK[data[at]](data, at + 1, depth + 1)
        items.append(item)
    return tuple(items), at


def _quick_struct(data: bytes, at: int, depth: int) -> tuple[dict[str, Any], int]:
    if depth >= MAX_DEPTH:
        raise ValueError(depth)
    struct_of: dict[str, Any] = {}
    (n_items,), at = _length_at(data, at), at + 8
    for _ in range(n_items):
        if data[at] != _TEXT:
            raise ValueError(at)
        start = at + 9
        at = start + _length_at(data, at + 1)[0]
        struct_of[data[start:at].decode()], at = QUICK[data[at]](data, at + 1, depth + 1)  # a cut name has no value
    return struct_of, at


def _picked(data: bytes, at: int, names: Mapping[bytes, str]) -> dict[str, Any]:
    """Some fields of the struct at an offset."""
    if data[at] != _STRUCT:
        raise ValueError(at)
    found: dict[str, Any] = {}
    (n_items,), at = _length_at(data, at + 1), at + 9
    for _ in range(n_items):
        start = at + 9
        at = start + _length_at(data, at + 1)[0]
        name, tag = data[start:at], data[at]
        if name in names:
            found[names[name]], at = QUICK[tag](data, at + 1, 1)
            if len(found) == len(names):
                break
        else:
            at = place_after(data, at, 1)
    return found


def place_after(data: bytes, at: int, depth: int) -> int:
    """Where the value at an offset ends."""
    tag = data[at]
    if tag in _LENGTHS:
        at += _LENGTHS[tag]
        return at + 8 + int(_length_at(data, at)[0])
    if tag in _SIZES:
        return at + _SIZES[tag]
    if tag != _LIST or depth >= MAX_DEPTH:
        end: int = QUICK[tag](data, at + 1, depth)[1]
        return end
    (n_items,), at = _length_at(data, at + 1), at + 9
    for _ in range(n_items):
        if data[at] == _BYTES:
            at += 9 + int(_length_at(data, at + 1)[0])
        else:
            at = place_after(data, at, depth + 1)
    return at


def _place_of(data: bytes, wanted: bytes) -> int:
    """Where a field of the struct stands. Raises KeyError when it has none of that name."""
    (n_items,), at = _length_at(data, 1), 9
    for _ in range(n_items):
        start = at + 9
        at = start + _length_at(data, at + 1)[0]
        if data[start:at] == wanted:
            return int(at)
        at = place_after(data, at, 1)
    raise KeyError(wanted)


_LIST, _STRUCT = ord("L"), ord("S")
_SIZES = {ord(tag): size for tag, size in (("N", 1), ("T", 1), ("F", 1), ("D", 9), ("I", 9), ("@", 9), ("d", 5))}
"""Bytes of a value with its tag, where all of them have as many."""
_LENGTHS = {ord("U"): 1, ord("Y"): 1, ord("M"): 10}
"""Where the length of a value's last part stands, which ends it."""
_TEXT, _BYTES = ord("U"), ord("Y")
QUICK: Mapping[int, Callable[[bytes, int, int], tuple[Any, int]]] = {
    ord("N"): lambda _data, at, _depth: (None, at),
    ord("T"): lambda _data, at, _depth: (True, at),
    ord("F"): lambda _data, at, _depth: (False, at),
    ord("D"): lambda data, at, _depth: (_double_at(data, at)[0], at + 8),
    ord("I"): lambda data, at, _depth: (_long_at(data, at)[0], at + 8),
    ord("@"): lambda data, at, _depth: (instant_from_ns(LONG.unpack_from(data, at)[0]), at + 8),
    ord("d"): lambda data, at, _depth: (DAY_ZERO + timedelta(days=DAY.unpack_from(data, at)[0]), at + 4),
    ord("M"): _quick_decimal,
    _TEXT: _quick_text,
    _BYTES: _quick_bytes,
    ord("L"): _quick_sequence,
    ord("S"): _quick_struct,
}
