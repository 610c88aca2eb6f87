"""Labels are known only later: only labels read them, and nothing that decides is compiled with them.

A label may be an output of a dataflow for research, which has no stage that decides. Every path from a label to
anything else has a first edge, and that edge is refused; so no path leads from a label to a decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dataflows.engine.dataflow import Dataflow, Kind, Strategy
from dataflows.engine.graph import Complaints
from dataflows.engine.plan import PlanNode

LABELS = "labels"
DECIDING_STAGES = frozenset({"signals", "portfolio", "stops", "guardrails", "routing", "execution", "journal"})


def label_faults(
    dataflow: Dataflow, names: Iterable[str], nodes: Mapping[str, PlanNode], complaints: Complaints
) -> None:
    """Complains of every label in a dataflow that decides, and of everything but a label that reads one."""
    reached = sorted(names)
    decides = dataflow.kind is Kind.ORDER or not DECIDING_STAGES.isdisjoint(dataflow.stages)
    for name in reached:
        node = nodes[name]
        if node.stage == LABELS and decides:
            complaints.code.append(
                f"{node.module}.{name} is a label, known only later, yet dataflow {dataflow.name} "
                "reads it; take it out of the decision"
            )
        if node.stage != LABELS:
            place = f"{node.module}.{name}" if node.module else name
            complaints.code.extend(
                f"{place} reads {argument}, a label, known only later; only labels may: read what was known by the bar"
                for argument in node.arguments
                if argument in nodes and nodes[argument].stage == LABELS
            )


def strategy_label_faults(strategy: Strategy, complaints: Complaints) -> None:
    """Complains of a strategy whose dataflows take part of the labels: what a session run gives, an order run reads."""
    complaints.code.extend(
        f"dataflow {dataflow.name} of strategy {strategy.name} has the stage {LABELS}, known only later; "
        "a strategy decides, so take the stage out"
        for dataflow in (strategy.session, strategy.order)
        if LABELS in dataflow.stages
    )
