"""What the engine relies upon of apache-hamilton's internals: a failure here means the pin may not move."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hamilton.function_modifiers as modifiers
import pytest
from hamilton import driver

from dataflows.engine.hamilton_graph import LiftedNode, drawing, lifted_driver, resolved_nodes
from nodes.vocabulary.errors import PlanError
from tests.dataflows.engine.modules import orders
from tests.dataflows.engine.random_graphs import module

DECORATED = '''
"""Nodes made by decorators."""
from hamilton.function_modifiers import parameterize, tag, value
from nodes.vocabulary.units import Frac

@parameterize(half_frac={"share": value(0.5)}, third_frac={"share": value(1 / 3)})
def part_frac(whole_frac: Frac, share: float) -> Frac:
    """A part."""
    return whole_frac * share

@tag(owner="risk")
def tagged_frac(half_frac: Frac) -> Frac:
    """Tagged."""
    return half_frac

def _hidden(value: float) -> float:
    return value

def broken(value) -> Frac:
    """No annotation."""
    return value
'''


def test_the_pinned_version_is_installed() -> None:
    from importlib import metadata  # noqa: PLC0415

    assert metadata.version("apache-hamilton").startswith("1.90.")


def test_functions_become_nodes_in_the_order_of_their_arguments() -> None:
    nodes, complaints = resolved_nodes(orders)
    (notional,) = [node for node in nodes if node.name == "order_notional_usd"]
    assert tuple(notional.arguments) == ("order_shares", "close_price_usd")
    assert notional.function is orders.order_notional_usd
    assert complaints == []


def test_decorators_make_nodes_and_a_function_without_annotations_is_a_complaint(tmp_path: Path) -> None:
    nodes, complaints = resolved_nodes(module(DECORATED, "decorated_nodes", tmp_path))
    found = {node.name: node for node in nodes}
    assert set(found) == {"half_frac", "third_frac", "tagged_frac"}
    assert found["half_frac"].function(8.0) == 4.0
    assert found["tagged_frac"].tags["owner"] == "risk"
    assert "broken is no node" in complaints[0]
    assert modifiers is not None


def lifted(name: str, *arguments: str) -> LiftedNode:
    annotations = dict.fromkeys((*arguments, "return"), Any)
    return LiftedNode(name, arguments, annotations, lambda *values: sum(values), f"Sum of {arguments}.")


def test_lifted_nodes_run_in_hamiltons_driver() -> None:
    graph = lifted_driver("sums", (lifted("c", "a", "b"), lifted("d", "c", "a")))
    assert isinstance(graph, driver.Driver)
    assert graph.execute(["d"], inputs={"a": 1, "b": 2}) == {"d": 4}


def test_hamilton_draws_lifted_nodes() -> None:
    text = drawing(lifted_driver("sums", (lifted("c", "a", "b"), lifted("d", "c", "a"))))
    assert text.count("->") >= 2
    assert "digraph" in text


def test_a_clash_of_types_that_hamilton_finds_is_a_plan_error() -> None:
    first = LiftedNode("c", ("a",), {"a": int, "return": int}, lambda a: a, "")
    second = LiftedNode("d", ("c",), {"c": str, "return": str}, lambda c: c, "")
    with pytest.raises(PlanError, match="Hamilton refuses dataflow clash"):
        lifted_driver("clash", (first, second))
