"""Packed values read back as they were written, whatever is absent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflows.engine.packing import Layout
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


def test_commitments_of_equal_values_at_two_places_differ() -> None:
    layout = Layout([_node(0, float), _node(1, float)])
    first, second = layout.cut(layout.packed([1.0, 1.0]))
    assert first != second
