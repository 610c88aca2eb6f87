"""Canonical bytes: one byte string for one value, and no byte string for two.

Every value is a one-byte tag and a body of fixed or length-prefixed parts, so that values of different
types never share bytes (1, 1.0, True and Decimal(1) are four values). Integers are big-endian.

    N none   T true   F false   X absent   D float64   I int64   J bigint   M decimal   U text   Y bytes
    @ instant (int64 ns UTC)   d date (int32 days)   E enum (by name)   L sequence   S struct (sorted keys)
    Q set (sorted)   C column   P frame   A array

Scheme 1. A change to anything here is a new scheme number and an ADR; old schemes verify forever.
`decode` inverts `encode` up to `EnumName` for enums and `dict` for structs. It is strict: encode(decode(b)) == b
for every b that it accepts. `reading` rebuilds the values; this module writes them and owns digests.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from itertools import zip_longest
from typing import Any

import msgspec
import numpy as np
import polars as pl

from nodes.vocabulary import columns
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_ns
from nodes.vocabulary.reading import (
    ARRAY_TYPES,
    DAY,
    DAY_ZERO,
    LENGTH,
    LONG,
    MAX_DEPTH,
    EnumName,
    read,
)

NAN_BITS = b"\x7f\xf8\x00\x00\x00\x00\x00\x00"
_Writer = Callable[[bytearray, Any, int], None]
_TAG_LENGTH = struct.Struct(">cQ")
_TAG_LONG = struct.Struct(">cq")
_TAG_DOUBLE = struct.Struct(">cd")
_SHORT = 256
_TEXT_HEADS, _BYTES_HEADS = ([_TAG_LENGTH.pack(tag, length) for length in range(_SHORT)] for tag in (b"U", b"Y"))
_ONLY_TEXT = frozenset({str})
_DIGEST_TEXT = re.compile("sha256:([0-9a-f]{64})", re.ASCII)
# A decimal digit's ASCII code by its value.
_DIGITS = bytes((value + ord("0")) % 256 for value in range(256))


def digest(domain: str, *parts: bytes) -> bytes:
    """SHA-256 over a domain-separation prefix and the length-prefixed parts: 32 bytes.

    `domain` names what is hashed ("policy", "trace"), so that a digest of one kind never passes for another.
    """
    hashed = [b"assay/1/", domain.encode(), b"\x00"]
    for part in parts:
        hashed += (LENGTH.pack(len(part)), part)
    return hashlib.sha256(b"".join(hashed)).digest()


def digest_text(digest_bytes: bytes) -> str:
    """The digest as people and YAML write it: sha256: and 64 hexadecimal digits."""
    return f"sha256:{digest_bytes.hex()}"


def digest_from_text(text: str) -> bytes:
    """The 32 bytes that a digest text names. Raises DataError when it is not one."""
    match = _DIGEST_TEXT.fullmatch(text)
    if match is None:
        message = f"{text!r:.80} is no digest; write sha256: and 64 lower-case hexadecimal digits"
        raise DataError(message)
    return bytes.fromhex(match[1])


def encode(value: Any) -> bytes:  # noqa: ANN401  # any value of the vocabulary
    """The canonical bytes of a value. Raises DataError for a value of a type that has none."""
    out = bytearray()
    _write(out, value, 0)
    return bytes(out)


def decode(data: bytes) -> Any:  # noqa: ANN401  # any value of the vocabulary
    """The value of canonical bytes. Raises DataError when `data` is not what `encode` writes for one value."""
    value = read(data)
    again = encode(value)
    if again != data:
        at = next(at for at, (ours, theirs) in enumerate(zip_longest(again, data)) if ours != theirs)
        message = f"bytes are not canonical from offset {at} of {len(data)} on; write them with encode"
        raise DataError(message)
    return value


def _sized(out: bytearray, tag: bytes, body: bytes) -> None:
    out += _TAG_LENGTH.pack(tag, len(body))
    out += body


def _write(out: bytearray, value: Any, depth: int) -> None:  # noqa: ANN401
    if depth > MAX_DEPTH:
        message = f"value is nested deeper than {MAX_DEPTH}; flatten it"
        raise DataError(message)
    writer = _WRITERS.get(value.__class__) or _writer_of_kind(value)
    writer(out, value, depth)


def _writer_of_kind(value: Any) -> _Writer:  # noqa: ANN401
    for kind, writer in _KINDS:
        if isinstance(value, kind):
            return writer
    if is_dataclass(value) and not isinstance(value, type):
        return _write_dataclass
    message = f"{value!r:.80} of type {type(value).__name__} has no canonical bytes; use a type of the vocabulary"
    raise DataError(message)


def _write_none(out: bytearray, _value: None, _depth: int) -> None:
    out += b"N"


def _write_bool(out: bytearray, value: bool, _depth: int) -> None:  # noqa: FBT001  # the value itself
    out += b"T" if value else b"F"


def _write_float(out: bytearray, value: float, _depth: int) -> None:
    # NaN is the one value unequal to itself, and struct would keep its sign and payload.
    out += _TAG_DOUBLE.pack(b"D", value) if value == value else b"D" + NAN_BITS  # noqa: PLR0124


def _write_int(out: bytearray, value: int, _depth: int) -> None:
    try:
        out += _TAG_LONG.pack(b"I", value)
    except struct.error:  # beyond int64
        _sized(out, b"J", value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def _write_decimal(out: bytearray, value: Decimal, _depth: int) -> None:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        message = f"Decimal {value} is not finite; a missing amount is Absent, never NaN or infinite"
        raise DataError(message)
    out += b"M-" if sign else b"M+"
    out += LONG.pack(exponent)
    out += LENGTH.pack(len(digits))
    out += bytes(digits).translate(_DIGITS)


def _write_text(out: bytearray, value: str, _depth: int) -> None:
    try:
        body = value.encode()
    except UnicodeEncodeError as error:
        message = f"text {value!a:.80} has a lone surrogate and no UTF-8 form; mend it where it is read"
        raise DataError(message) from error
    length = len(body)
    out += _TEXT_HEADS[length] if length < _SHORT else _TAG_LENGTH.pack(b"U", length)
    out += body


def _write_bytes(out: bytearray, value: bytes, _depth: int) -> None:
    length = len(value)
    out += _BYTES_HEADS[length] if length < _SHORT else _TAG_LENGTH.pack(b"Y", length)
    out += value


def _write_instant(out: bytearray, value: datetime, _depth: int) -> None:
    try:
        out += _TAG_LONG.pack(b"@", instant_ns(value))
    except struct.error as error:
        message = f"instant {value.isoformat()} is out of int64 nanoseconds; use one from 1677-09-22 to 2262-04-11"
        raise DataError(message) from error


def _write_date(out: bytearray, value: date, _depth: int) -> None:
    out += b"d"
    out += DAY.pack((value - DAY_ZERO).days)


def _write_enum(out: bytearray, value: Enum, depth: int) -> None:
    if value.name is None:
        message = f"{value!r} is a flag without a name; use a named member"
        raise DataError(message)
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
    out += _TAG_LENGTH.pack(b"L", len(value))
    for item in value:
        _write(out, item, depth + 1)


def _write_set(out: bytearray, value: frozenset[Any] | set[Any], depth: int) -> None:
    members = set()
    for item in value:
        member = bytearray()
        _write(member, item, depth + 1)
        _refuse_without_hash(item)
        members.add(bytes(member))
    out += _TAG_LENGTH.pack(b"Q", len(members))
    for body in sorted(members):
        out += body


def _refuse_without_hash(item: Any) -> None:  # noqa: ANN401
    """Raise DataError for a set member that would be read back as a dict, which no set can hold."""
    if isinstance(item, tuple | frozenset):
        for inner in item:
            _refuse_without_hash(inner)
    elif (is_dataclass(item) and not isinstance(item, Absent | EnumName)) or isinstance(item, Mapping | msgspec.Struct):
        message = f"{item!r:.80} is a struct inside a set, where it has no order; use a tuple"
        raise DataError(message)


def _write_struct(out: bytearray, value: Mapping[str, Any], depth: int) -> None:
    keys = tuple(value)
    if not _ONLY_TEXT.issuperset(map(type, keys)):
        key = next(key for key in keys if key.__class__ is not str)
        message = f"struct key {key!r:.80} of type {type(key).__name__} is not text; use text keys"
        raise DataError(message)
    out += _TAG_LENGTH.pack(b"S", len(keys))
    known = _WRITERS if depth < MAX_DEPTH else {}  # too deep: `_write` refuses
    for key, written in _sorted_keys(keys):
        out += written
        item = value[key]
        writer = known.get(item.__class__)
        if writer is None:
            _write(out, item, depth + 1)
        else:
            writer(out, item, depth + 1)


@lru_cache(maxsize=1024)
def _sorted_keys(keys: tuple[str, ...]) -> tuple[tuple[str, bytes], ...]:
    """The keys of a struct in order, each with its bytes: structs of one shape are written by the thousand."""
    written = []
    for key in sorted(keys):
        out = bytearray()
        _write_text(out, key, 0)
        written.append((key, bytes(out)))
    return tuple(written)


def _write_dataclass(out: bytearray, value: Any, depth: int) -> None:  # noqa: ANN401
    _write_struct(out, {name: getattr(value, name) for name in _field_names(value.__class__)}, depth)


@lru_cache(maxsize=256)
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _write_msgspec(out: bytearray, value: msgspec.Struct, depth: int) -> None:
    _write_struct(out, {name: getattr(value, name) for name in value.__struct_fields__}, depth)


def _write_column(out: bytearray, value: pl.Series, _depth: int) -> None:
    _sized(out, b"C", columns.column_bytes(value))


def _write_frame(out: bytearray, value: pl.DataFrame, depth: int) -> None:
    out += b"P"
    out += LENGTH.pack(value.height)
    out += LENGTH.pack(value.width)
    for name in value.columns:
        _write_text(out, name, depth)
        _write_column(out, value[name], depth)


def _write_array(out: bytearray, value: np.ndarray, depth: int) -> None:
    if value.dtype not in ARRAY_TYPES.values():
        message = f"array of {value.dtype} has no canonical bytes; use float64, int64 or bool"
        raise DataError(message)
    out += b"A"
    _write_text(out, value.dtype.name, depth)
    _write_sequence(out, value.shape, 0)
    _write_bytes(out, columns.array_bytes(value), depth)


_WRITERS: Mapping[type, _Writer] = {
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
_KINDS: tuple[tuple[type, _Writer], ...] = (
    (Enum, _write_enum),  # first, since it may also be an int or a str
    (Mapping, _write_struct),
    (msgspec.Struct, _write_msgspec),
)
