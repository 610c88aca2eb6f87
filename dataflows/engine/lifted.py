"""A plan as Hamilton sees it: the same callables, absence included, joined by Hamilton's own driver.

This draws a plan, runs it wide where Hamilton can, and is what every plan is tested against.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dataflows.engine.evaluation import called, checked
from dataflows.engine.hamilton_graph import Driver, LiftedNode, drawing, lifted_driver
from dataflows.engine.plan import NodeKind, Plan, PlanNode


def plan_driver(plan: Plan) -> Driver:
    """Hamilton's driver over the plan's nodes; inputs, policy values and the order's size are its inputs."""
    nodes = tuple(_lifted(node, dict.fromkeys((*node.arguments, "return"), Any)) for node in _computing(plan))
    return lifted_driver(plan.name, nodes)


def driver_values(graph: Driver, plan: Plan, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Every node's value as Hamilton's driver computes it from snapshot values (and `order_shares`) by name."""
    given: dict[str, Any] = {}
    for node in plan.nodes:
        if node.kind in (NodeKind.PARAMETER, NodeKind.LIMIT):
            given[node.name] = node.value
        elif node.function is None:
            given[node.name] = checked(node, inputs[node.name])
    wanted: list[Any] = [node.name for node in _computing(plan)]
    read = {argument for node in _computing(plan) for argument in node.arguments}
    return given | dict(graph.execute(wanted, inputs={name: given[name] for name in given if name in read}))


def plan_drawing(plan: Plan) -> str:
    """Graphviz source of Hamilton's own drawing of a plan, with the units as types."""
    units = {node.name: node.unit for node in plan.nodes}
    kinds: dict[str, type] = {}
    for unit in units.values():
        kinds.setdefault(unit.name, type(unit.name, (), {}))
    nodes = tuple(
        _lifted(
            node,
            {**{name: kinds[units[name].name] for name in node.arguments}, "return": kinds[units[node.name].name]},
        )
        for node in _computing(plan)
    )
    return drawing(lifted_driver(plan.name, nodes))


def _computing(plan: Plan) -> tuple[PlanNode, ...]:
    return tuple(node for node in plan.nodes if node.function is not None)


def _lifted(node: PlanNode, annotations: Mapping[str, Any]) -> LiftedNode:
    return LiftedNode(node.name, node.arguments, annotations, _absence_aware(node), node.doc.summary)


def _absence_aware(node: PlanNode) -> Callable[..., Any]:
    def lifted(*arguments: Any) -> Any:  # noqa: ANN401
        return called(node, list(arguments))

    return lifted
