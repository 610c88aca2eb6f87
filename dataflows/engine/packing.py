"""The packed layout of a plan's values: bytes whose schema the plan fixes.

    absent bitmap (one bit a node, little-endian, in whole words of eight bytes) | slots | variable part | absences

A slot is eight little-endian bytes, one a node in plan order: float64 and int64 as themselves, a truth value as 0 or
1, a rule's outcome as 0 (fails), 1 (holds) or 2 (unknown) and, for every other node, the length of its bytes in the
variable part: a Decimal or text as UTF-8, anything else as canonical bytes. Absent nodes are zero or empty there; the
absences follow as canonical bytes, in plan order. Constants of the policy are not packed: the policy's digest covers
them.

What is hashed of a value in a salted commitment is its head (0x00, whether it is absent, two zero bytes, the node's
number), its salt and its bytes: the slot, or the bytes of the variable part, or the absence. So no value can stand
for another or for a group.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

from dataflows.engine.plan import NodeKind, PlanNode
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import DataError, LogError
from nodes.vocabulary.shapes import plain_bytes

SLOT_SIZE = 8
SALT_SIZE = 16
HEAD_SIZE = 8
RULE_BYTES = {False: 0, True: 1, None: 2}
_CODES = {float: "d", int: "q", bool: "q"}
_RULE_VALUES = {0: False, 1: True, 2: None}
_BOOL_VALUES = {0: False, 1: True}
_TEXTS = (Decimal, str)
_ORDER = "@" if sys.byteorder == "little" else "<"
"""The machine's own layout is quicker, and the same where it is little-endian: all is in words of eight bytes."""
_HEAD = struct.Struct(">B?xxI")
_SALTED_SIZE = HEAD_SIZE + SALT_SIZE


def is_in_slot(node: PlanNode) -> bool:
    """Whether a node's value stands in its slot; else the slot holds the length of its bytes."""
    return node.kind is NodeKind.RULE or node.unit.base in _CODES


def _code(node: PlanNode) -> str:
    return "q" if node.kind is NodeKind.RULE else _CODES.get(node.unit.base, "q")


def _head(number: int, *, is_absent: bool = False) -> bytes:
    return _HEAD.pack(0, is_absent, number)


class Layout:
    """How the values of some nodes are packed, unpacked and made ready for commitments.

    Attributes:
        nodes: the nodes, in plan order.
        bitmap_size: bytes of the bitmap.
        head: packs a bitmap of nothing absent and the slots.
        lengths: reads the slots that are lengths of bytes in the variable part.
        variable: nodes with bytes there, and which of them each is.
    """

    def __init__(self, nodes: Sequence[PlanNode]) -> None:
        self.nodes = tuple(nodes)
        self.bitmap_size = -(-len(self.nodes) // 64) * SLOT_SIZE
        self.head = struct.Struct(f"{_ORDER}{self.bitmap_size}x{''.join(_code(node) for node in self.nodes)}")
        kinds = {position: node.kind is NodeKind.RULE for position, node in enumerate(self.nodes)}
        self._rules = [position for position, is_rule in kinds.items() if is_rule]
        self._truths = [at for at, is_rule in kinds.items() if not is_rule and self.nodes[at].unit.base is bool]
        self._variable = [position for position, node in enumerate(self.nodes) if not is_in_slot(node)]
        self._writers = [(position, self.nodes[position].unit.base in _TEXTS) for position in self._variable]
        self.variable = {position: number for number, position in enumerate(self._variable)}
        self.lengths = _picked(self._variable, self.bitmap_size)
        self._heads = [_head(number) for number in range(len(self.nodes))]
        self._salts = struct.Struct(f"{SALT_SIZE}s" * len(self.nodes))
        self._slots = struct.Struct(f"{SLOT_SIZE}s" * len(self.nodes))

    @cached_property
    def sized(self) -> Layout:
        """The layout of pass 1 of a clipped order: the nodes that depend on the size, since all others are alike."""
        return Layout([node for node in self.nodes if node.is_sized])

    def packed(self, values: Sequence[Any]) -> bytes:
        """Packed bytes of one value a node. Raises struct.error for an integer outside int64 or too few values."""
        slots = list(values)
        bitmap, absences = 0, []
        for position in [place for place, value in enumerate(slots) if value.__class__ is Absent]:
            bitmap |= 1 << position
            absences.append(slots[position])
            slots[position] = 0
        for position in self._rules:
            if not bitmap >> position & 1:
                slots[position] = RULE_BYTES[slots[position]]
        variable = []
        for position, is_text in self._writers:
            if not bitmap >> position & 1:
                value = slots[position]
                part = str(value).encode() if is_text else encode(value)
                variable.append(part)
                slots[position] = len(part)
        head = self.head.pack(*slots)
        if absences:
            head = bitmap.to_bytes(self.bitmap_size, "little") + head[self.bitmap_size :]
        return b"".join((head, *variable, *map(encode, absences)))

    def preimages(self, data: bytes, salts: bytes) -> Sequence[bytes]:
        """For each value, in plan order, what a commitment to it hashes; `salts` are those of all values, joined."""
        at = self.bitmap_size
        shown = list(self._slots.unpack_from(data, at))
        is_absent, at = data.count(0, 0, at) != at, self.head.size
        for position, length in zip(self._variable, self.lengths.unpack_from(data), strict=True):
            shown[position] = data[at : at + length]
            at += length
        rows = zip(self._heads, self._salts.unpack(salts), shown, strict=True)
        preimages = [head + salt + value for head, salt, value in rows]
        if is_absent:
            self._put_absent(preimages, data, at)
        return preimages

    def _put_absent(self, cut: list[bytes], data: bytes, at: int) -> None:
        """Put the absences, which stand from an offset on, in place of the empty slots and bytes."""
        bitmap = int.from_bytes(data[: self.bitmap_size], "little")
        absent = [number for number in range(len(cut)) if bitmap >> number & 1]
        for number, value in zip(absent, _absences(len(absent), data[at:]), strict=True):
            cut[number] = _head(number, is_absent=True) + cut[number][HEAD_SIZE:_SALTED_SIZE] + encode(value)

    def passes(self, parts: Sequence[bytes]) -> tuple[tuple[Any, ...], ...]:
        """Every node's value in each pass of a trace: the final one, then pass 1 when an order was clipped."""
        final = self.unpacked(parts[0])
        if len(parts) == 1:
            return (final,)
        sized = iter(self.sized.unpacked(parts[1]))
        proposed = tuple(next(sized) if node.is_sized else kept for node, kept in zip(self.nodes, final, strict=True))
        return final, proposed

    def unpacked(self, data: bytes) -> tuple[Any, ...]:
        """The values that `packed` wrote, and from nothing else. Raises LogError for bytes of no such layout."""
        try:
            values = self._unpacked(data)
            is_same = self.packed(values) == data
        except (struct.error, IndexError, KeyError, UnicodeError, InvalidOperation, ValueError, DataError) as error:
            message = f"packed values of {len(data)} bytes do not fit their plan: {error}; restore the body from a copy"
            raise LogError(message) from error
        if not is_same:
            message = f"packed values of {len(data)} bytes do not fit their plan; restore the body from a copy"
            raise LogError(message)
        return values

    def value(self, data: bytes, name: str) -> Any:  # noqa: ANN401
        """One value of the variable part out of what `packed` wrote; None where it is absent or no node has that name.

        Nothing else is read, and nothing is checked: for series over many runs, of bytes that verification covers.
        """
        position = next((place for place in self._variable if self.nodes[place].name == name), None)
        bitmap = int.from_bytes(data[: self.bitmap_size], "little")
        if position is None or bitmap >> position & 1:
            return None
        slots, at = self.head.unpack_from(data), self.head.size
        at += sum(slots[place] for place in self._variable if place < position and not bitmap >> place & 1)
        return _value(self.nodes[position], data[at : at + slots[position]])

    def _unpacked(self, data: bytes) -> tuple[Any, ...]:
        values, at = list(self.head.unpack_from(data)), self.head.size
        bitmap = int.from_bytes(data[: self.bitmap_size], "little")
        for position in self._rules:
            values[position] = _RULE_VALUES[values[position]]
        for position in self._truths:
            values[position] = _BOOL_VALUES[values[position]]
        for position in self._variable:
            if not bitmap >> position & 1:
                end = at + values[position]
                values[position] = _value(self.nodes[position], data[at:end])
                at = end
        if not bitmap and at == len(data):
            return tuple(values)
        absent = [position for position in range(len(values)) if bitmap >> position & 1]
        return _with_absences(values, absent, data[at:])


class PassReading:
    """The values of one pass, each read where it stands: for many runs of which few values are asked for.

    Nothing is checked, and nothing that is not asked for is read: for bytes that their digest was held to.

    Attributes:
        slots: one a node, as `Layout.head` reads them.
        bitmap: of what is absent.
    """

    __slots__ = ("_absent", "_data", "_ends", "_layout", "bitmap", "slots")

    def __init__(self, layout: Layout, data: bytes) -> None:
        self.slots: tuple[Any, ...] = layout.head.unpack_from(data)
        self.bitmap = int.from_bytes(data[: layout.bitmap_size], "little")
        self._layout, self._data = layout, data
        self._ends: Sequence[int] | None = None
        self._absent: Mapping[int, Absent] | None = None

    def value(self, place: int) -> Any:  # noqa: ANN401
        """The value of the node at a place of the layout."""
        if self.bitmap >> place & 1:
            return self._absences()[place]
        node = self._layout.nodes[place]
        if node.kind is NodeKind.RULE:
            return _RULE_VALUES[self.slots[place]]
        base = node.unit.base
        if base in _CODES:
            return self.slots[place] if base is not bool else _BOOL_VALUES[self.slots[place]]
        return _value(node, self.part(self._layout.variable[place]))

    def part(self, number: int) -> bytes:
        """The bytes of a node of the variable part."""
        offsets = self._offsets()
        return self._data[offsets[number] : offsets[number + 1]]

    def _offsets(self) -> Sequence[int]:
        """Where the bytes of each node of the variable part begin, and where all end; an absent one has none."""
        if self._ends is None:
            lengths = self._layout.lengths.unpack_from(self._data)
            self._ends = tuple(accumulate(lengths, initial=self._layout.head.size))
        return self._ends

    def _absences(self) -> Mapping[int, Absent]:
        if self._absent is None:
            places = [place for place in range(len(self.slots)) if self.bitmap >> place & 1]
            self._absent = dict(zip(places, _absences(len(places), self._data[self._offsets()[-1] :]), strict=True))
        return self._absent


def _with_absences(values: list[Any], absent: list[int], data: bytes) -> tuple[Any, ...]:
    """The values with their absences put in, read from the end of the packed bytes."""
    for position, absence in zip(absent, _absences(len(absent), data), strict=True):
        values[position] = absence
    return tuple(values)


def _absences(count: int, data: bytes) -> tuple[Absent, ...]:
    """The absences whose canonical bytes stand one after the other."""
    absences: tuple[Absent, ...] = decode(b"L" + struct.pack(">Q", count) + data)
    for absence in absences:
        if not isinstance(absence, Absent):
            message = f"{absence!r} is no absence"
            raise ValueError(message)  # noqa: TRY004  # about bytes, not about a caller's type
    return absences


def _picked(positions: Sequence[int], at: int) -> struct.Struct:
    """Reads the slots at some positions, in order, and skips the others; `at` is where the first slot stands."""
    gaps = [after - before - 1 for before, after in pairwise((-1, *positions))]
    return struct.Struct(f"{_ORDER}{at}x" + "".join(f"{gap * SLOT_SIZE}xq" for gap in gaps))


def value_bytes(node: PlanNode, value: Any) -> bytes:  # noqa: ANN401
    """Bytes of a value of the variable part."""
    if node.unit.base in _TEXTS:
        return str(value).encode()
    return plain_bytes(value)


def _value(node: PlanNode, data: bytes) -> Any:  # noqa: ANN401
    if node.unit.base is Decimal:
        return Decimal(data.decode())
    return data.decode() if node.unit.base is str else decode(data)
