"""Runs the cases of a policy through its compiled order plan, or its gate's: the same code as any order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from dataflows.engine.dataflow import Kind
from dataflows.engine.decision import RuleOutcome
from dataflows.engine.plan import Plan
from dataflows.engine.run import GateRun, OrderRun, Runner
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.verdict import Verdict
from policies.cases import Case, CaseResult, RuleWant

_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)


def case_results(plan: Plan, cases: Iterable[Case]) -> tuple[CaseResult, ...]:
    """What the plan answers to each case. A field of the snapshot that a case does not give is absent."""
    runner = Runner(plan, "research/cases", b"")
    if plan.kind is Kind.GATE:
        return tuple(_gate_result(plan, runner.gate(_snapshot(plan, case), _INSTANT)) for case in cases)
    return tuple(_result(plan, runner.order(_snapshot(plan, case), _INSTANT)) for case in cases)


def case_inputs(plan: Plan) -> tuple[str, ...]:
    """The names that a case may give."""
    return tuple(field.name for field in fields(plan.dataflow.snapshot))


def _snapshot(plan: Plan, case: Case) -> Any:  # noqa: ANN401  # the dataflow's own snapshot type
    return plan.dataflow.snapshot(**{name: case.given.get(name) for name in case_inputs(plan)})


def _result(plan: Plan, run: OrderRun) -> CaseResult:
    return CaseResult(
        rules={rule.rule_id: _want(rule) for rule in run.decision.proposed_rules},
        operands=_operands(plan, run.proposed),
        action=run.decision.action,
        verdict=run.decision.verdict,
        order_shares=run.decision.order_shares,
        reasons=tuple(rule.because for rule in run.decision.proposed_rules if rule.verdict is not Verdict.PASS),
    )


def _gate_result(plan: Plan, run: GateRun) -> CaseResult:
    return CaseResult(
        rules={rule.rule_id: _want(rule) for rule in run.rules},
        operands=_operands(plan, run.values),
        action=run.action,
        verdict=run.verdict,
        order_shares=0,
        reasons=tuple(rule.because for rule in run.failed),
    )


def _operands(plan: Plan, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        rule.rule_id: {name: _operand(values[name]) for name in plan.node(rule.node).arguments} for rule in plan.rules
    }


def _want(rule: RuleOutcome) -> RuleWant:
    return RuleWant(rule.outcome.value) if rule.applies else RuleWant.SKIPPED


def _operand(value: Any) -> Any:  # noqa: ANN401  # a value of a node
    return None if isinstance(value, Absent) else value
