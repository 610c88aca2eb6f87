"""Packed values read back as they were written, whatever is absent."""

from __future__ import annotations

import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflows.engine.packing import Layout, PassReading
from dataflows.engine.plan import NodeKind, PlanNode
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import LogError
from nodes.vocabulary.units import Unit
from tests.strategies import decimals, texts

_BASES = {
    float: st.floats(allow_nan=False),
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    Decimal: decimals(),
    str: texts(),
    tuple: st.tuples(st.integers(), texts()),
}
_ABSENT = st.builds(Absent, texts(), texts())


def _node(number: int, base: type, kind: NodeKind = NodeKind.FUNCTION) -> PlanNode:
    return PlanNode(f"node_{number}", kind, Unit(base.__name__, base))


@given(st.data(), st.lists(st.sampled_from([*_BASES, None]), max_size=12))
def test_unpacking_gives_back_what_was_packed(data: st.DataObject, bases: list[type | None]) -> None:
    nodes = [_node(at, base or bool, NodeKind.FUNCTION if base else NodeKind.RULE) for at, base in enumerate(bases)]
    drawn = [st.sampled_from([True, False, None]) if base is None else _ABSENT | _BASES[base] for base in bases]
    values = [data.draw(item) for item in drawn]
    layout = Layout(nodes)
    again = layout.unpacked(layout.packed(values))
    assert encode(again) == encode(tuple(values))


@given(st.data(), st.lists(st.sampled_from([*_BASES, None]), max_size=8))
def test_one_value_alone_is_that_of_all_of_them(data: st.DataObject, bases: list[type | None]) -> None:
    nodes = [_node(at, base or bool, NodeKind.FUNCTION if base else NodeKind.RULE) for at, base in enumerate(bases)]
    drawn = [st.sampled_from([True, False, None]) if base is None else _ABSENT | _BASES[base] for base in bases]
    values, layout = [data.draw(item) for item in drawn], Layout(nodes)
    packed = layout.packed(values)
    for node, base, value in zip(nodes, bases, values, strict=True):
        if base not in {None, bool, int, float}:
            assert encode(layout.value(packed, node.name)) == encode(None if isinstance(value, Absent) else value)
    assert layout.value(packed, "no_such_node") is None
    reading = PassReading(layout, packed)
    order = data.draw(st.permutations(range(len(nodes))))
    assert encode([reading.value(place) for place in order]) == encode([values[place] for place in order])


@given(st.binary(max_size=60))
def test_foreign_bytes_are_refused_or_read_back_the_same(data: bytes) -> None:
    layout = Layout([_node(0, float), _node(1, str), _node(2, bool, NodeKind.RULE)])
    try:
        values = layout.unpacked(data)
    except LogError:
        return
    assert layout.packed(values) == data


def test_truncated_bytes_are_refused_with_the_mend() -> None:
    layout = Layout([_node(0, str)])
    with pytest.raises(LogError, match=r"do not fit their plan.*restore the body"):
        layout.unpacked(layout.packed(["text"])[:-1])


def test_preimages_of_equal_values_at_two_places_differ() -> None:
    layout = Layout([_node(0, float), _node(1, float)])
    first, second = layout.preimages(layout.packed([1.0, 1.0]), bytes(32))
    assert first != second


@pytest.mark.parametrize(
    ("base", "value", "shown"),
    [
        (float, 1.5, struct.pack("<d", 1.5)),
        (int, -2, struct.pack("<q", -2)),
        (bool, True, struct.pack("<q", 1)),
        (Decimal, Decimal("1.50"), b"1.50"),
        (str, "\u00e9", b"\xc3\xa9"),
        (tuple, (1,), encode((1,))),
    ],
)
def test_a_preimage_is_head_salt_and_the_bytes_of_its_value_alone(base: type, value: object, shown: bytes) -> None:
    """Written out by hand: number 1 of three, whose neighbours are a text and an absence (ENG-10)."""
    layout = Layout([_node(0, str), _node(1, base), _node(2, float)])
    own = bytes(range(48))
    for after, tail in ((2.5, struct.pack("<d", 2.5)), (Absent("c", "why"), encode(Absent("c", "why")))):
        seen = layout.preimages(layout.packed(["text", value, after]), own)
        assert seen[0] == b"\x00\x00\x00\x00\x00\x00\x00\x00" + own[:16] + b"text"
        assert seen[1] == b"\x00\x00\x00\x00\x00\x00\x00\x01" + own[16:32] + shown
        is_absent = isinstance(after, Absent)
        assert seen[2] == bytes([0, is_absent, 0, 0, 0, 0, 0, 2]) + own[32:] + tail


def test_a_layout_of_nothing_packs_to_nothing_and_commits_to_nothing() -> None:
    assert Layout([]).packed([]) == b""
    assert not Layout([]).preimages(b"", b"")


@pytest.mark.parametrize("raw", [2, -1, 256])
def test_a_truth_value_other_than_0_and_1_is_refused(raw: int) -> None:
    layout = Layout([_node(0, bool)])
    with pytest.raises(LogError, match=r"do not fit their plan"):
        layout.unpacked(bytes(8) + struct.pack("<q", raw))


def test_every_value_has_a_slot_of_eight_bytes() -> None:
    layout = Layout([_node(0, bool, NodeKind.RULE), _node(1, Decimal), _node(2, float)])
    packed = layout.packed([None, Decimal("-1.0"), 0.5])
    assert packed == bytes(8) + struct.pack("<qqd", 2, 4, 0.5) + b"-1.0"


@pytest.mark.parametrize(("count", "size"), [(1, 8), (64, 8), (65, 16)])
def test_the_bitmap_fills_whole_words(count: int, size: int) -> None:
    layout = Layout([_node(number, bool) for number in range(count)])
    packed = layout.packed([*[True] * (count - 1), Absent("a", "b")])
    assert packed[:size] == (1 << (count - 1)).to_bytes(size, "little")
    assert packed[size : size + 8 * count] == struct.pack("<q", 1) * (count - 1) + bytes(8)
