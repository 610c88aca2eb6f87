"""Reads a run back from its archive: the plan from its manifest, the values from the body of its trace.

A plan read back cannot run (its functions are in the archived sources, not here), but it knows every node, unit, rule
and text, so that values can be unpacked, shown and compared long after the code has moved on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import polars as pl

from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.decision import Decision, RuleOutcome, TruthTable, clipped, unclipped
from dataflows.engine.docstrings import NodeDoc
from dataflows.engine.packing import Layout
from dataflows.engine.plan import ORDER_SIZE, PLAN_SCHEME, NodeKind, Plan, PlanNode, PlanRule
from dataflows.engine.trace import Trace, trace_and_values
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import decode
from nodes.vocabulary.errors import DataError, LogError
from nodes.vocabulary.units import Unit
from nodes.vocabulary.verdict import Action, Verdict
from policies.contracts import contract_from_content

_BASES: Mapping[str, type] = {
    base.__name__: base
    for base in (float, int, bool, str, Decimal, date, datetime, dict, pl.Series, pl.DataFrame, np.ndarray)
}

_KEPT_PLANS = 16


@dataclass(frozen=True)
class PlanReading:
    """What every trace of a plan is read with.

    Attributes:
        plan: the plan, read back from its manifest.
        layout: how its values are packed.
        blank: its policy values, and None for every other node, by name in plan order.
    """

    plan: Plan
    layout: Layout
    blank: Mapping[str, Any]

    @cached_property
    def table(self) -> TruthTable:
        """What judges its rules."""
        return TruthTable(self.plan)

    def values(self, computed: tuple[Any, ...]) -> dict[str, Any]:
        """Values by name in plan order, policy values included."""
        names = (node.name for node in self.layout.nodes)
        return {**self.blank, **dict(zip(names, computed, strict=True))}


@dataclass(frozen=True)
class RecordedRun:
    """A run as its trace says it was.

    Attributes:
        plan: the plan, read back from its manifest; it cannot run.
        trace: the trace, its digest computed again from its bytes.
        values: every node's value in the final pass, policy values included, by name in plan order.
        proposed: the same at the proposed size; the same mapping when nothing was clipped.
        reading: what it was read with.
    """

    plan: Plan
    trace: Trace
    values: Mapping[str, Any]
    proposed: Mapping[str, Any]
    reading: PlanReading = field(repr=False, compare=False)

    @cached_property
    def rules(self) -> tuple[RuleOutcome, ...]:
        """The truth table at the final size."""
        return self.reading.table.outcomes(self.values)

    @cached_property
    def proposed_rules(self) -> tuple[RuleOutcome, ...]:
        """The truth table at the proposed size."""
        return self.rules if self.proposed is self.values else self.reading.table.outcomes(self.proposed)

    @property
    def decision(self) -> Decision:
        """The decision that follows from the recorded values, by the rules of this version."""
        size = self.values[ORDER_SIZE]
        if isinstance(size, Absent):
            reason = f"the proposed size is {size}"
            return Decision(Verdict.DENY, Action.DENY, 0, self.rules, self.proposed_rules, reason)
        if len(self.trace.packed) == 1:
            return unclipped(self.rules, size)
        return clipped(self.proposed_rules, self.rules, size)


def recorded_run(body: bytes, manifest: bytes) -> RecordedRun:
    """The run that an archived trace and the manifest of its plan record. Raises LogError when they do not fit."""
    reading = plan_reading(manifest)
    plan = reading.plan
    trace, unpacked = trace_and_values(body, reading.layout)
    if trace.header.plan_digest != plan.digest:
        message = (
            f"trace names plan {trace.header.plan_digest.hex()}, the manifest is of {plan.digest.hex()}; "
            "take the manifest that the trace's entry names"
        )
        raise LogError(message)
    passes = [reading.values(values) for values in unpacked]
    return RecordedRun(plan, trace, passes[0], passes[-1], reading)


def recorded_values(body: bytes, manifest: bytes, names: Sequence[str]) -> tuple[Any, ...]:
    """Some values of the variable part of an archived trace, as `Layout.value` reads them: columns, frames and texts.

    A tenth of the time of `recorded_run`, for series over many runs; the trace's digest is not computed again.
    """
    packed: bytes = decode(body)["packed"][0]
    layout = plan_reading(manifest).layout
    return tuple(layout.value(packed, name) for name in names)


@lru_cache(maxsize=_KEPT_PLANS)
def plan_reading(manifest: bytes) -> PlanReading:
    """What traces of the plan that a manifest describes are read with. Raises LogError when it describes none."""
    plan = recorded_plan(manifest)
    blank = {node.name: node.value for node in plan.nodes}
    return PlanReading(plan, Layout(plan.computed), blank)


@lru_cache(maxsize=_KEPT_PLANS)
def recorded_plan(manifest: bytes) -> Plan:
    """The plan that a manifest describes. Raises LogError when it describes none, or another than it would write.

    The last few are kept: a plan is a function of the manifest's bytes, and thousands of decisions share one.
    """
    try:
        plan = _plan(decode(manifest))
    except (DataError, KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"{len(manifest)} bytes are no manifest of scheme {PLAN_SCHEME}: {error}; restore them from a copy"
        raise LogError(message) from error
    if plan.manifest != manifest:
        message = f"manifest of plan {plan.name} does not read back to itself; read it with the version that wrote it"
        raise LogError(message)
    return plan


def _plan(content: Mapping[str, Any]) -> Plan:
    dataflow = Dataflow(content["dataflow"], Kind(content["kind"]), stages=(), snapshot=object, outputs=())
    return Plan(
        dataflow=dataflow,
        policy_digest=content["policy_digest"],
        nodes=tuple(_node(node, content["contracts"].get(node["name"])) for node in content["nodes"]),
        rules=tuple(_rule(rule) for rule in content["rules"]),
        lot_shares=content["lot_shares"],
        sources={},
    )


def _node(content: Mapping[str, Any], contract: Mapping[str, Any] | None) -> PlanNode:
    base = content["base"]
    return PlanNode(
        name=content["name"],
        kind=NodeKind(content["kind"]),
        unit=Unit(content["unit"], _BASES.get(base) or type(base, (), {})),
        arguments=content["arguments"],
        accepts_absent=content["accepts_absent"],
        value=content["value"],
        is_sized=content["is_sized"],
        module=content["module"],
        stage=content["stage"],
        doc=NodeDoc(content["summary"], content["formula"], "", content["missing"], content["source"]),
        code_digest=content["code_digest"],
        contract=None if contract is None else contract_from_content(contract),
    )


def _rule(content: Mapping[str, Any]) -> PlanRule:
    return PlanRule(
        rule_id=content["rule_id"],
        node=content["node"],
        effect=Verdict[content["effect"].member],
        cap=content["cap"],
        on_unknown_warns=content["on_unknown_warns"],
        skips_reducing=content["skips_reducing"],
        because=content["because"],
        plain=content["plain"],
        operands=content["operands"],
    )
