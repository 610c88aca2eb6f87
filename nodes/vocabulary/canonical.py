"""Canonical bytes: one byte string for one value, and no byte string for two.

Every value is a one-byte tag and a body of fixed or length-prefixed parts, so that values of different
types never share bytes (1, 1.0, True and Decimal(1) are four values). Integers are big-endian.

    N none   T true   F false   X absent   D float64   I int64   J bigint   M decimal   U text   Y bytes
    @ instant (int64 ns UTC)   d date (int32 days)   E enum (by name)   L sequence   S struct (sorted keys)
    Q set (sorted)   C column   P frame   A array

Scheme 1. A change to anything here is a new scheme number and an ADR; old schemes verify forever.
`decode` inverts `encode` up to `EnumName` for enums and `dict` for structs: encode(decode(b)) == b.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec
import numpy as np
import polars as pl

from nodes.vocabulary import columns
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_from_ns, instant_ns

NAN_BITS = b"\x7f\xf8\x00\x00\x00\x00\x00\x00"
_INT64 = range(-(2**63), 2**63)
_DAY_ZERO = date(1970, 1, 1)
_LENGTH = struct.Struct(">Q")
_DOUBLE = struct.Struct(">d")
_LONG = struct.Struct(">q")
_DAY = struct.Struct(">i")
_MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class EnumName:
    """An enum member read back from canonical bytes: its class is named, not imported."""

    type_name: str
    member: str


def digest(domain: str, *parts: bytes) -> bytes:
    """SHA-256 over a domain-separation prefix and the length-prefixed parts: 32 bytes.

    `domain` names what is hashed ("policy", "trace"), so that a digest of one kind never passes for another.
    """
    hasher = hashlib.sha256(b"assay/1/" + domain.encode() + b"\x00")
    for part in parts:
        hasher.update(_LENGTH.pack(len(part)))
        hasher.update(part)
    return hasher.digest()


def digest_text(digest_bytes: bytes) -> str:
    """The digest as people and YAML write it: sha256: and 64 hexadecimal digits."""
    return f"sha256:{digest_bytes.hex()}"


def digest_from_text(text: str) -> bytes:
    """The 32 bytes that a digest text names. Raises DataError when it is not one."""
    scheme, _, digits = text.partition(":")
    if scheme != "sha256" or len(digits) != 64 or digits != digits.lower():  # noqa: PLR2004  # SHA-256 is 64 digits
        message = f"{text!r} is no digest; write sha256: and 64 lower-case hexadecimal digits"
        raise DataError(message)
    try:
        return bytes.fromhex(digits)
    except ValueError as error:
        message = f"{text!r} is no digest; write sha256: and 64 lower-case hexadecimal digits"
        raise DataError(message) from error


def encode(value: Any) -> bytes:  # noqa: ANN401  # any value of the vocabulary
    """The canonical bytes of a value. Raises DataError for a value of a type that has none."""
    out = bytearray()
    _write(out, value, 0)
    return bytes(out)


def decode(data: bytes) -> Any:  # noqa: ANN401  # any value of the vocabulary
    """The value of canonical bytes. Raises DataError when `data` is not the encoding of one value."""
    reader = _Reader(data)
    try:
        value = reader.value(0)
    except (struct.error, IndexError, UnicodeDecodeError, ValueError, OverflowError) as error:
        message = f"canonical bytes are broken at offset {reader.at} of {len(data)}: {error}; restore them from a copy"
        raise DataError(message) from error
    if reader.at != len(data):
        message = f"canonical bytes go on {len(data) - reader.at} bytes after the value; restore them from a copy"
        raise DataError(message)
    return value


def _sized(out: bytearray, tag: bytes, body: bytes) -> None:
    out += tag
    out += _LENGTH.pack(len(body))
    out += body


def _write(out: bytearray, value: Any, depth: int) -> None:  # noqa: ANN401
    if depth > _MAX_DEPTH:
        message = f"value is nested deeper than {_MAX_DEPTH}; flatten it"
        raise DataError(message)
    writer = _WRITERS.get(value.__class__)
    if writer is None:
        writer = _writer_of_kind(value)
    writer(out, value, depth)


def _writer_of_kind(value: Any) -> Any:  # noqa: ANN401
    for kind, writer in _KINDS:
        if isinstance(value, kind):
            return writer
    if is_dataclass(value) and not isinstance(value, type):
        return _write_dataclass
    message = f"{value!r} of type {type(value).__name__} has no canonical bytes; use a type of the vocabulary"
    raise DataError(message)


def _write_none(out: bytearray, _value: None, _depth: int) -> None:
    out += b"N"


def _write_bool(out: bytearray, value: bool, _depth: int) -> None:  # noqa: FBT001  # the value itself
    out += b"T" if value else b"F"


def _write_float(out: bytearray, value: float, _depth: int) -> None:
    out += b"D"
    out += _DOUBLE.pack(value) if value == value else NAN_BITS  # noqa: PLR0124  # NaN is the one value unequal to itself


def _write_int(out: bytearray, value: int, _depth: int) -> None:
    if value in _INT64:
        out += b"I"
        out += _LONG.pack(value)
    else:
        _sized(out, b"J", value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def _write_decimal(out: bytearray, value: Decimal, _depth: int) -> None:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        message = f"Decimal {value} is not finite; a missing amount is Absent, never NaN or infinite"
        raise DataError(message)
    out += b"M-" if sign else b"M+"
    out += _LONG.pack(exponent)
    body = "".join(map(str, digits)).encode()
    out += _LENGTH.pack(len(body))
    out += body


def _write_text(out: bytearray, value: str, _depth: int) -> None:
    _sized(out, b"U", value.encode())


def _write_bytes(out: bytearray, value: bytes, _depth: int) -> None:
    _sized(out, b"Y", bytes(value))


def _write_instant(out: bytearray, value: datetime, _depth: int) -> None:
    out += b"@"
    out += _LONG.pack(instant_ns(value))


def _write_date(out: bytearray, value: date, _depth: int) -> None:
    out += b"d"
    out += _DAY.pack((value - _DAY_ZERO).days)


def _write_enum(out: bytearray, value: Enum, depth: int) -> None:
    _write_enum_name(out, EnumName(type(value).__name__, value.name), depth)


def _write_enum_name(out: bytearray, value: EnumName, depth: int) -> None:
    out += b"E"
    _write_text(out, value.type_name, depth)
    _write_text(out, value.member, depth)


def _write_absent(out: bytearray, value: Absent, depth: int) -> None:
    out += b"X"
    _write_text(out, value.node, depth)
    _write_text(out, value.reason, depth)


def _write_sequence(out: bytearray, value: tuple[Any, ...] | list[Any], depth: int) -> None:
    out += b"L"
    out += _LENGTH.pack(len(value))
    for item in value:
        _write(out, item, depth + 1)


def _write_set(out: bytearray, value: frozenset[Any] | set[Any], _depth: int) -> None:
    out += b"Q"
    out += _LENGTH.pack(len(value))
    for item in sorted(encode(item) for item in value):
        out += item


def _write_struct(out: bytearray, value: Mapping[str, Any], depth: int) -> None:
    out += b"S"
    out += _LENGTH.pack(len(value))
    for key in sorted(value):
        if not isinstance(key, str):
            message = f"struct key {key!r} is not text; use text keys"
            raise DataError(message)
        _write_text(out, key, depth)
        _write(out, value[key], depth + 1)


def _write_dataclass(out: bytearray, value: Any, depth: int) -> None:  # noqa: ANN401
    _write_struct(out, {field.name: getattr(value, field.name) for field in fields(value)}, depth)


def _write_msgspec(out: bytearray, value: msgspec.Struct, depth: int) -> None:
    _write_struct(out, {name: getattr(value, name) for name in value.__struct_fields__}, depth)


def _write_column(out: bytearray, value: pl.Series, _depth: int) -> None:
    _sized(out, b"C", columns.column_bytes(value))


def _write_frame(out: bytearray, value: pl.DataFrame, depth: int) -> None:
    out += b"P"
    out += _LENGTH.pack(value.height)
    out += _LENGTH.pack(value.width)
    for name in value.columns:
        _write_text(out, name, depth)
        _write_column(out, value[name], depth)


def _write_array(out: bytearray, value: np.ndarray, depth: int) -> None:
    if value.dtype not in (np.dtype("float64"), np.dtype("int64"), np.dtype("bool")):
        message = f"array of {value.dtype} has no canonical bytes; use float64, int64 or bool"
        raise DataError(message)
    out += b"A"
    _write_text(out, value.dtype.name, depth)
    _write_sequence(out, value.shape, depth)
    _write_bytes(out, columns.array_bytes(value), depth)


_WRITERS: Mapping[type, Any] = {
    type(None): _write_none,
    bool: _write_bool,
    int: _write_int,
    float: _write_float,
    Decimal: _write_decimal,
    str: _write_text,
    bytes: _write_bytes,
    tuple: _write_sequence,
    list: _write_sequence,
    dict: _write_struct,
    datetime: _write_instant,
    date: _write_date,
    Absent: _write_absent,
    EnumName: _write_enum_name,
    frozenset: _write_set,
    set: _write_set,
    pl.Series: _write_column,
    pl.DataFrame: _write_frame,
    np.ndarray: _write_array,
}
# An enum may also be an int or a str, so it is asked for first.
_KINDS: tuple[tuple[Any, Any], ...] = ((Enum, _write_enum), (Mapping, _write_struct), (msgspec.Struct, _write_msgspec))


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
        return int(_LENGTH.unpack(self.take(8))[0])

    def sized(self) -> bytes:
        return self.take(self.length())

    def value(self, depth: int) -> Any:  # noqa: ANN401
        """The next value."""
        if depth > _MAX_DEPTH:
            message = f"nested deeper than {_MAX_DEPTH}"
            raise ValueError(message)
        tag = self.take(1)
        read = _READERS.get(tag)
        if read is None:
            message = f"unknown tag {tag!r}"
            raise ValueError(message)
        return read(self, depth)

    def text(self) -> str:
        if self.take(1) != b"U":
            message = "text wanted"
            raise ValueError(message)
        return self.sized().decode()


def _read_decimal(reader: _Reader, _depth: int) -> Decimal:
    sign = 1 if reader.take(1) == b"-" else 0
    exponent = _LONG.unpack(reader.take(8))[0]
    return Decimal((sign, tuple(int(digit) for digit in reader.sized().decode("ascii")), exponent))


def _read_struct(reader: _Reader, depth: int) -> dict[str, Any]:
    return {reader.text(): reader.value(depth + 1) for _ in range(reader.length())}


def _read_frame(reader: _Reader, depth: int) -> pl.DataFrame:
    height, width = reader.length(), reader.length()
    series = []
    for _ in range(width):
        name = reader.text()
        series.append(reader.value(depth + 1).alias(name))
    if any(column.len() != height for column in series):
        message = f"frame of {height} rows has a column of another length"
        raise ValueError(message)
    return pl.DataFrame(series)


def _read_array(reader: _Reader, depth: int) -> np.ndarray:
    dtype = np.dtype(reader.text())
    shape = tuple(reader.value(depth + 1))
    return columns.array_from_bytes(reader.value(depth + 1), dtype, shape)


_READERS: Mapping[bytes, Any] = {
    b"N": lambda _r, _d: None,
    b"T": lambda _r, _d: True,
    b"F": lambda _r, _d: False,
    b"D": lambda r, _d: _DOUBLE.unpack(r.take(8))[0],
    b"I": lambda r, _d: _LONG.unpack(r.take(8))[0],
    b"J": lambda r, _d: int.from_bytes(r.sized(), "big", signed=True),
    b"M": _read_decimal,
    b"U": lambda r, _d: r.sized().decode(),
    b"Y": lambda r, _d: r.sized(),
    b"@": lambda r, _d: instant_from_ns(_LONG.unpack(r.take(8))[0]),
    b"d": lambda r, _d: _DAY_ZERO + timedelta(days=_DAY.unpack(r.take(4))[0]),
    b"E": lambda r, _d: EnumName(r.text(), r.text()),
    b"X": lambda r, _d: Absent(r.text(), r.text()),
    b"L": lambda r, d: tuple(r.value(d + 1) for _ in range(r.length())),
    b"S": _read_struct,
    b"Q": lambda r, d: frozenset(r.value(d + 1) for _ in range(r.length())),
    b"C": lambda r, _d: columns.column_from_bytes(r.sized()),
    b"P": _read_frame,
    b"A": _read_array,
}

