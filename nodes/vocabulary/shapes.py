"""The canonical bytes of small values of one shape, written by the thousand.

A shape is the names and the types of the fields of a struct, or the types of the items of a sequence. For each shape a
function is generated once that writes it: everything that the shape fixes (names, tags, order) is there as constants,
so that one join makes the bytes. They are those of `canonical.encode`, which also writes whatever is out of the
ordinary and says what is wrong with a value that has none; a property test holds the two equal.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from nodes.vocabulary.canonical import encode
from nodes.vocabulary.instants import instant_ns
from nodes.vocabulary.reading import LENGTH

_SHORT = 4096
_LONG = struct.Struct(">cq")
_DOUBLE = struct.Struct(">cd")


def plain_bytes(value: Any) -> bytes:  # noqa: ANN401  # any value of the vocabulary
    """The canonical bytes of a value, by its shape where it has one. Raises DataError for a value that has none."""
    if value.__class__ is tuple:
        return sequence_bytes(value)
    return struct_bytes(value) if value.__class__ is dict else encode(value)


_NAMES: dict[str, Any] = {
    "encode": encode,
    "join": b"".join,
    "texts": tuple(b"U" + LENGTH.pack(length) for length in range(_SHORT)),
    "octets": tuple(b"Y" + LENGTH.pack(length) for length in range(_SHORT)),
    "long": _LONG.pack,
    "double": _DOUBLE.pack,
    "day": lru_cache(maxsize=256)(encode),
    "instant_ns": instant_ns,
}
_EXPRESSIONS: dict[type, tuple[str, ...]] = {
    str: ("texts[len({0} := {0}.encode())]", "{0}"),
    bytes: ("octets[len({0})]", "{0}"),
    int: ('long(b"I", {0})',),
    float: ('double(b"D", {0}) if {0} == {0} else encode({0})',),
    bool: ('b"T" if {0} else b"F"',),
    date: ("day({0})",),
    datetime: ('long(b"@", instant_ns({0}))',),
}
"""How a value is written of each type that has an expression of its own; `encode` writes the others."""
_Writer = Callable[[Iterable[Any]], bytes]


def struct_bytes(values: dict[str, Any]) -> bytes:
    """The canonical bytes of a struct. Raises DataError for a value that has none."""
    items = values.values()
    try:
        return _struct_writer(tuple(values), tuple(map(type, items)))(items)
    except (IndexError, UnicodeEncodeError, struct.error):  # long texts, lone surrogates, numbers beyond int64
        return encode(values)


def fields_bytes(value: Any, names: tuple[str, ...]) -> bytes:  # noqa: ANN401  # any dataclass
    """The canonical bytes of a dataclass with two fields or more, all of them named."""
    return struct_bytes(dict(zip(names, _fields(names)(value), strict=True)))


def sequence_bytes(values: tuple[Any, ...]) -> bytes:
    """The canonical bytes of a sequence. Raises DataError for a value that has none."""
    try:
        return _sequence_writer(tuple(map(type, values)))(values)
    except (IndexError, UnicodeEncodeError, struct.error):
        return encode(values)


@lru_cache(maxsize=64)
def _fields(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*names)


@lru_cache(maxsize=1024)
def _struct_writer(names: tuple[str, ...], types: tuple[type, ...]) -> _Writer:
    if any(type(name) is not str for name in names):
        return lambda items: encode(dict(zip(names, items, strict=True)))  # which refuses it
    places = sorted(range(len(names)), key=names.__getitem__)
    heads = [encode(names[place]) for place in places]
    return _writer(b"S", heads, [(place, types[place]) for place in places])


@lru_cache(maxsize=1024)
def _sequence_writer(types: tuple[type, ...]) -> _Writer:
    return _writer(b"L", [b""] * len(types), list(enumerate(types)))


def _writer(tag: bytes, heads: list[bytes], fields: list[tuple[int, type]]) -> _Writer:
    """A function of the values, in their own order, that joins heads and written values in that of the fields."""
    parts, before = [], tag + LENGTH.pack(len(fields))
    for head, (place, kind) in zip(heads, fields, strict=True):
        before += head
        if kind is type(None):
            before += b"N"
            continue
        parts.append(repr(before))
        before = b""
        parts += [part.format(f"v{place}") for part in _EXPRESSIONS.get(kind, ("encode({0})",))]
    parts.append(repr(before))
    names = "".join(f"v{place}, " for place in range(len(fields)))
    text = f"def written(values):\n    [{names}] = values\n    return join(({', '.join(parts)},))\n"
    scope = dict(_NAMES)
    exec(text, scope)  # noqa: S102  # made of the constants above and of field names that `repr` quotes
    written: _Writer = scope["written"]
    return written
