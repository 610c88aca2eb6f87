"""Reading the bytes of Protocol Buffers messages: fields by number, as they come.

An exported model is such a message. Nothing of it is run or trusted here: bytes that break the format are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from nodes.vocabulary.errors import DataError

Field: TypeAlias = tuple[int, int | bytes]
"""A field's number and its value: a whole number (64 bits, signed), or the bytes of a text, a message or a list."""

_VARINT, _DOUBLE, _BYTES, _SINGLE = 0, 1, 2, 5
_SIZES = {_DOUBLE: 8, _SINGLE: 4}
_MOST_SHIFT = 63
_HALF, _WHOLE = 1 << 63, 1 << 64


def fields(data: bytes) -> Iterator[Field]:
    """Every field of a message, in order. Raises DataError when the bytes are no message.

    Source: Protocol Buffers, Encoding. Numbers of 32 and 64 bits stay the bytes that they are.
    """
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield key >> 3, value if value < _HALF else value - _WHOLE
            continue
        size, at = _varint(data, at) if kind == _BYTES else (_SIZES.get(kind, -1), at)
        if size < 0 or at + size > end:
            message = f"message of {end} bytes is broken at byte {at}; give the bytes of an exported model"
            raise DataError(message)
        yield key >> 3, data[at : at + size]
        at += size


def whole_numbers(value: int | bytes) -> list[int]:
    """The whole numbers of a repeated field: one by itself, or a packed list of them."""
    if isinstance(value, int):
        return [value]
    found, at = [], 0
    while at < len(value):
        number, at = _varint(value, at)
        found.append(number if number < _HALF else number - _WHOLE)
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends."""
    found, shift = 0, 0
    while at < len(data) and shift <= _MOST_SHIFT:
        byte = data[at]
        found |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004  # the bit that says that more follows
            return found % _WHOLE, at
    message = f"message of {len(data)} bytes has no whole number that ends at byte {at}; give an exported model"
    raise DataError(message)
