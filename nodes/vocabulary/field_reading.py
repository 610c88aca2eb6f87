"""Reading the same few fields of many structs, most of which have the same fields in the same order.

What stands before each value, its field's name above all, is learned from the first struct and held to every other one,
byte for byte. A struct that is otherwise is read by `reading.read_fields`, which says the same, and learned anew.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import Any, NamedTuple

from nodes.vocabulary.reading import LENGTH, QUICK, SURPRISES, place_after, read_fields

_HEAD = 9
_TEXT, _NUMBERS = ord("U"), frozenset(b"DI@d")
_DIGEST = b"Y" + LENGTH.pack(32)


class _Step(NamedTuple):
    """One field on the way.

    Attributes:
        head: its name with tag and length, before the first one also what stands before that, and all of a value that
            says how long its last part is when that is a digest or a number that nobody asks for.
        size: of that.
        rest: bytes of that last part; 0 where the value has to be looked at.
        name: of a field that is asked for; "" for any other.
    """

    head: bytes
    size: int
    rest: int
    name: str


class FieldReader:
    """Reads some fields of many structs, as `read_fields` does.

    Args:
        names: the fields; one that a struct does not have is left out.
        within: the field that holds the struct that is meant; by default the bytes are that struct.
    """

    def __init__(self, names: AbstractSet[str], within: str = "") -> None:
        self._names, self._within = names, within
        self._course: tuple[_Step, ...] = ()

    def fields(self, data: bytes) -> dict[str, Any]:
        """The fields of a struct. Raises DataError when the bytes are broken."""
        if self._course:
            with suppress(*SURPRISES):
                return self._found(data)
        found = read_fields(data, self._names, self._within)
        self._course = ()
        if len(found) == len(self._names):
            with suppress(*SURPRISES):  # values of uncommon types before the last field: those take their time
                self._course = self._learned(data)
        return found

    def _found(self, data: bytes) -> dict[str, Any]:
        """The fields, when the struct is like the one that was learned. Raises one of SURPRISES otherwise."""
        found: dict[str, Any] = {}
        at = 0
        for head, size, rest, name in self._course:
            if not data.startswith(head, at):
                raise KeyError(at)
            at += size
            if rest:
                if name:
                    found[name] = data[at : at + rest]
                at += rest
            elif not name:
                at = place_after(data, at, 1)
            elif data[at] == _TEXT:
                start = at + _HEAD
                at = start + int.from_bytes(data[at + 1 : start])
                found[name] = data[start:at].decode()
            else:
                found[name], at = QUICK[data[at]](data, at + 1, 1)
        if at > len(data):
            raise IndexError(at)
        return found

    def _learned(self, data: bytes) -> tuple[_Step, ...]:
        """What stands before each value up to the last one that is asked for, of a struct that has them all."""
        steps: list[_Step] = []
        inside, left, begun, at = not self._within, len(self._names), 0, _HEAD
        while left:
            start = at + _HEAD
            at = start + int.from_bytes(data[at + 1 : start])
            name = data[start:at].decode()
            if not inside and name == self._within:
                inside, at = True, at + _HEAD
                continue
            asked = name if inside and name in self._names else ""
            left -= bool(asked)
            end, n_known = place_after(data, at, 1), 0
            if data.startswith(_DIGEST, at):
                n_known = _HEAD
            elif not asked and data[at] in _NUMBERS:
                n_known = 1
            at += n_known
            steps.append(_Step(data[begun:at], at - begun, end - at if n_known else 0, asked))
            begun = at = end
        return tuple(steps)
