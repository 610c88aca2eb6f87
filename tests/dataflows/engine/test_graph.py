"""Orders of nodes are fixed by their names, and cycles are shown with their path."""

from __future__ import annotations

from graphlib import CycleError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflows.engine.graph import Complaints, cycle_complaint, near, needed, ordered, sized
from dataflows.engine.plan import NodeKind, PlanNode
from nodes.vocabulary.units import Unit

FLOAT = Unit("float", float)


def node(name: str, *arguments: str, kind: NodeKind = NodeKind.FUNCTION) -> PlanNode:
    return PlanNode(name, kind, FLOAT, arguments, (False,) * len(arguments))


def graph(*nodes: PlanNode) -> dict[str, PlanNode]:
    return {item.name: item for item in nodes}


@given(st.permutations(["a", "b", "c", "d"]))
def test_the_order_does_not_depend_on_how_nodes_were_found(names: list[str]) -> None:
    nodes = graph(node("d"), node("c", "d"), node("b", "d"), node("a", "b", "c"))
    shuffled = {name: nodes[name] for name in names}
    assert ordered(set(names), shuffled) == ["d", "b", "c", "a"]


def test_a_cycle_is_shown_from_a_node_back_to_itself() -> None:
    nodes = graph(node("a", "b"), node("b", "c"), node("c", "a"))
    with pytest.raises(CycleError, match="cycle") as caught:
        ordered({"a", "b", "c"}, nodes)
    path = cycle_complaint(caught.value)
    assert path.count(" -> ") == 3
    assert path.endswith("; break it at one of them")


def test_only_what_the_outputs_read_is_needed() -> None:
    nodes = graph(node("a", "b"), node("b"), node("c"))
    assert needed(["a"], nodes, Complaints(), "dataflow") == {"a", "b"}


def test_a_name_that_nothing_provides_is_a_complaint_with_the_nearest_name() -> None:
    complaints = Complaints()
    needed(["a"], graph(node("a", "pirce"), node("price")), complaints, "dataflow")
    assert complaints.code == ["a reads pirce, which nothing provides; did you mean price?"]


def test_what_reads_the_size_directly_or_not_depends_on_it() -> None:
    nodes = graph(node("size", kind=NodeKind.SIZE), node("a", "size"), node("b", "a"), node("c"))
    assert sized(["size", "a", "b", "c"], nodes) == {"size", "a", "b"}


def test_without_a_near_name_the_mend_says_what_to_do() -> None:
    assert near("zzz", ["price"], "add the node") == "add the node"
