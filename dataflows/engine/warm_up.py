"""How many rows of a share a feature reads, from the windows that the contracts state along the graph."""

from __future__ import annotations

from collections.abc import Mapping

from dataflows.engine.contracts import window_terms
from dataflows.engine.plan import NodeKind, Plan, PlanNode


def warm_ups(plan: Plan) -> Mapping[str, int]:
    """Rows up to its own that the last value of each node reads, by name; 1 where only its own row counts.

    A node reads its window of rows of its arguments, and each of those what it reads itself.
    """
    rows: dict[str, int] = {}
    for node in plan.nodes:
        above = max((rows[name] for name in node.arguments), default=1)
        rows[node.name] = above + own_window(node, plan.params) - 1 if node.kind is NodeKind.FUNCTION else 1
    return rows


def own_window(node: PlanNode, params: Mapping[str, int]) -> int:
    """Rows of its arguments that one value of a node reads: what its contract says, else its own row alone."""
    if node.contract is None:
        return 1
    return sum(int(term) if term.isdigit() else params[term] for term in window_terms(node.contract))
