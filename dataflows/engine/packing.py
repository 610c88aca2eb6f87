"""The packed layout of a plan's values: bytes whose schema the plan fixes.

    absent bitmap (one bit a node, little-endian) | fixed part | variable part | absences

The fixed part holds, in plan order, float64 and int64 and truth values as themselves, a rule's outcome as one byte
(0 fails, 1 holds, 2 unknown) and, for every other node, the length of its bytes in the variable part: a Decimal or
text as UTF-8, anything else as canonical bytes. Absent nodes are zero or empty there; the absences follow as
canonical bytes, in plan order. Constants of the policy are not packed: the policy's digest covers them.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from itertools import accumulate, pairwise
from typing import Any

from dataflows.engine.plan import NodeKind, PlanNode
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import DataError, LogError

FIXED_CODES = {float: "d", int: "q", bool: "?"}
RULE_BYTES = {False: 0, True: 1, None: 2}
_RULE_VALUES = (False, True, None)
_TEXTS = (Decimal, str)
_HEAD = struct.Struct(">BI?")


class Layout:
    """How the values of some nodes are packed and unpacked.

    Attributes:
        nodes: the nodes, in plan order.
        heads: for each, its head in a commitment when it is not absent.
        cuts: cuts the fixed part into the bytes of each.
        variable: numbers of the nodes whose bytes stand in the variable part.
    """

    def __init__(self, nodes: Sequence[PlanNode]) -> None:
        self.nodes = tuple(nodes)
        self.bitmap_size = (len(self.nodes) + 7) // 8
        codes = [self.code(node) for node in self.nodes]
        self.fixed = struct.Struct("<" + "".join(codes))
        self.variable = [position for position, code in enumerate(codes) if code == "I"]
        ends = accumulate((struct.calcsize(f"<{code}") for code in codes), initial=self.bitmap_size)
        self.heads = [_HEAD.pack(0, position, 0) for position in range(len(codes))]
        self.cuts = struct.Struct("".join(f"{end - start}s" for start, end in pairwise(ends)))

    @staticmethod
    def code(node: PlanNode) -> str:
        """The struct code of a node's place in the fixed part."""
        return "B" if node.kind is NodeKind.RULE else FIXED_CODES.get(node.unit.base, "I")

    def packed(self, values: Sequence[Any]) -> bytes:
        """Packed bytes of one value a node. Raises struct.error for an integer outside int64."""
        bitmap = bytearray(self.bitmap_size)
        fixed: list[Any] = []
        variable: list[bytes] = []
        absences: list[Absent] = []
        for position, (node, value) in enumerate(zip(self.nodes, values, strict=True)):
            if isinstance(value, Absent):
                bitmap[position >> 3] |= 1 << (position & 7)
                absences.append(value)
                fixed.append(0)
            elif node.kind is NodeKind.RULE:
                fixed.append(RULE_BYTES[value])
            elif node.unit.base in FIXED_CODES:
                fixed.append(value)
            else:
                variable.append(value_bytes(node, value))
                fixed.append(len(variable[-1]))
        return b"".join((bitmap, self.fixed.pack(*fixed), *variable, *map(encode, absences)))

    def cut(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """For each value, in plan order, its head (0x00, the node's number, whether it is absent) and its bytes.

        A head and a salt go before the bytes in a commitment, so that no value can stand for another or for a group.
        """
        if any(data[: self.bitmap_size]):
            return [self._committed(position, value) for position, value in enumerate(self.unpacked(data))]
        parts: list[bytes] = list(self.cuts.unpack_from(data, self.bitmap_size))
        fixed, at = self.fixed.unpack_from(data, self.bitmap_size), self.bitmap_size + self.fixed.size
        for position in self.variable:
            end = at + fixed[position]
            parts[position] = data[at:end]
            at = end
        return list(zip(self.heads, parts, strict=True))

    def _committed(self, position: int, value: Any) -> tuple[bytes, bytes]:  # noqa: ANN401
        node, head = self.nodes[position], self.heads[position]
        if isinstance(value, Absent):
            return _HEAD.pack(0, position, 1), encode(value)
        if node.kind is NodeKind.RULE:
            return head, bytes([RULE_BYTES[value]])
        code = FIXED_CODES.get(node.unit.base)
        return head, struct.pack(f"<{code}", value) if code else value_bytes(node, value)

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

    def _unpacked(self, data: bytes) -> tuple[Any, ...]:
        fixed = self.fixed.unpack_from(data, self.bitmap_size)
        at = self.bitmap_size + self.fixed.size
        values: list[Any] = []
        absent = []
        for position, (node, raw) in enumerate(zip(self.nodes, fixed, strict=True)):
            if data[position >> 3] & (1 << (position & 7)):
                absent.append(position)
                values.append(None)
            elif node.kind is NodeKind.RULE:
                values.append(_RULE_VALUES[raw])
            elif node.unit.base in FIXED_CODES:
                values.append(raw)
            else:
                values.append(_value(node, data[at : at + raw]))
                at += raw
        return _with_absences(values, absent, data[at:])


def _with_absences(values: list[Any], absent: list[int], data: bytes) -> tuple[Any, ...]:
    """The values with their absences put in, read from the end of the packed bytes."""
    prefix = b"L" + struct.pack(">Q", len(absent))
    for position, absence in zip(absent, decode(prefix + data), strict=True):
        if not isinstance(absence, Absent):
            message = f"{absence!r} is no absence"
            raise ValueError(message)  # noqa: TRY004  # about bytes, not about a caller's type
        values[position] = absence
    return tuple(values)


def value_bytes(node: PlanNode, value: Any) -> bytes:  # noqa: ANN401
    """Bytes of a value of the variable part."""
    if node.unit.base in _TEXTS:
        return str(value).encode()
    return encode(value)


def _value(node: PlanNode, data: bytes) -> Any:  # noqa: ANN401
    if node.unit.base is Decimal:
        return Decimal(data.decode())
    return data.decode() if node.unit.base is str else decode(data)
