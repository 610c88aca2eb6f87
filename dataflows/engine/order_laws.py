"""What the engine itself needs of an order dataflow: a lot, a flag that tells reducing orders, usable caps.

A gate judges no order, so that its rules may not speak of sizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dataflows.engine.graph import Complaints, near, sized, value_path
from dataflows.engine.plan import CONSTANT_KINDS, LOT, ORDER_SIZE, REDUCES_RISK, NodeKind, PlanNode, PlanRule
from nodes.vocabulary.units import Flag, Shares
from policies.schema import AppliesTo, Policy


def lot_faults(policy: Policy, nodes: Mapping[str, PlanNode], complaints: Complaints) -> None:
    """Complains of a lot that no size can be rounded to."""
    lot = nodes.get(LOT)
    if lot is None:
        return
    if lot.kind not in CONSTANT_KINDS:
        complaints.code.append(f"{LOT} is a node of the {lot.kind.value} kind, not a parameter; rename the node")
    elif type(lot.value) is int and lot.value < 1:
        complain = complaints.of_policy(*value_path(policy, LOT))
        complain(f"{LOT} was {lot.value}, expected at least 1", f"write {LOT}: 1 to trade single shares")


def reducing_faults(rules: Iterable[PlanRule], nodes: Mapping[str, PlanNode], complaints: Complaints) -> None:
    """Complains of a node that is to tell whether an order reduces risk, and is no truth value."""
    node = nodes.get(REDUCES_RISK)
    if node is not None and node.unit.base is not bool and any(rule.skips_reducing for rule in rules):
        place = f"{node.module}.{node.name}" if node.module else node.name
        complaints.code.append(
            f"{place} is {node.unit.name}, but rules for increasing orders need a truth value; return {Flag.__name__}"
        )


def sizeless_faults(policy: Policy, complaints: Complaints) -> None:
    """Complains of rules of a gate that speak of an order's size: what it judges has none."""
    for position, rule in enumerate(policy.rules):
        if rule.then.cap is not None:
            complain = complaints.of_policy("rules", position, "then")
            complain("clip sets the size of an order, and a gate judges none", "write deny, review or warn")
        if rule.applies_to is AppliesTo.INCREASING:
            complain = complaints.of_policy("rules", position, "applies_to")
            complain("increasing is said of orders, and a gate judges none", "leave applies_to out")


def cap_faults(
    policy: Policy,
    rules: Iterable[PlanRule],
    nodes: Mapping[str, PlanNode],
    order: Iterable[str],
    complaints: Complaints,
) -> None:
    """Complains of every cap that cannot set a size."""
    positions = {rule.id: position for position, rule in enumerate(policy.rules)}
    depending = sized(order, nodes)
    for rule in rules:
        if rule.cap is None:
            continue
        complain = complaints.of_policy("rules", positions[rule.rule_id], "then")
        cap = nodes.get(rule.cap)
        if cap is None:
            complain(f"unknown cap {rule.cap}", near(rule.cap, nodes, "name a node that returns Shares"))
        elif cap.unit.name != Shares.__name__:
            complain(f"cap {rule.cap} is {cap.unit.name}", "name a node that returns Shares")
        elif rule.cap in depending or cap.kind is NodeKind.SIZE:
            complain(f"cap {rule.cap} depends on {ORDER_SIZE}, which it is to set", "compute it from other nodes")
