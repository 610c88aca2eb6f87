"""Policies before they run: read and compiled with every fault named, and their cases answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dataflows.engine.compile import Generation, compiled_strategy, installed_strategy
from dataflows.engine.decision import RuleOutcome
from dataflows.engine.run import Runner
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import EdgeError, Fault, PolicyError
from nodes.vocabulary.verdict import Verdict
from policies.cases import Case, CaseResult, RuleWant, parsed_cases, unknown_names, unmet
from policies.coverage import coverage_faults
from policies.parse import ParsedPolicy, parsed_policy

_CASES_SUFFIX = ".cases.yaml"
_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Candidate:
    """A policy that was read and compiled, and is not active by that.

    Attributes:
        text: the bytes of its file.
        parsed: the policy with its marks.
        generation: what it compiles to.
    """

    text: bytes
    parsed: ParsedPolicy
    generation: Generation


@dataclass(frozen=True)
class PolicyTest:
    """What running the cases of a policy showed.

    Attributes:
        cases: the cases, in the order of their file.
        results: what the engine answered to each.
        faults: every wish that was not met and every gap in what the cases cover.
    """

    cases: tuple[Case, ...]
    results: tuple[CaseResult, ...]
    faults: tuple[Fault, ...]


def file_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises EdgeError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}; name a file that exists and that you may read"
        raise EdgeError(message) from error


def candidate(text: bytes, file: str) -> Candidate:
    """The candidate in a policy's text. Raises PolicyError or PlanError with every fault."""
    parsed = parsed_policy(text, file)
    return Candidate(text, parsed, compiled_strategy(parsed, installed_strategy(parsed.policy.strategy)))


def cases_file(policy_file: Path) -> Path:
    """Where the cases of a policy's file belong: v3.cases.yaml beside v3.yaml."""
    return policy_file.with_name(policy_file.name.removesuffix(policy_file.suffix) + _CASES_SUFFIX)


def policy_test(tested: Candidate, text: bytes, file: str) -> PolicyTest:
    """The cases of a candidate, run. Raises PolicyError when the cases cannot be read or name what does not exist."""
    cases = parsed_cases(text, file)
    snapshot_type = tested.generation.order.dataflow.snapshot
    faults = unknown_names(cases, tested.parsed.policy, (field.name for field in fields(snapshot_type)))
    if faults:
        raise PolicyError(faults)
    results = case_results(tested.generation, cases)
    missed = [fault for case, result in zip(cases, results, strict=True) for fault in unmet(case, result)]
    return PolicyTest(cases, results, tuple(missed) + coverage_faults(tested.parsed, results))


def case_results(generation: Generation, cases: Iterable[Case]) -> tuple[CaseResult, ...]:
    """What the order plan answers to each case; inputs that a case does not give are absent."""
    runner = Runner(generation.order, "research/cases", b"")
    return tuple(_result(runner, case) for case in cases)


def _result(runner: Runner, case: Case) -> CaseResult:
    snapshot_type = runner.plan.dataflow.snapshot
    given = {field.name: case.given.get(field.name) for field in fields(snapshot_type)}
    run = runner.order(snapshot_type(**given), _INSTANT)
    operands = {
        rule.rule_id: {name: _present(run.proposed[name]) for name in rule.operands} for rule in runner.plan.rules
    }
    failed = [rule for rule in run.decision.failed if rule.verdict is not Verdict.PASS]
    return CaseResult(
        rules={rule.rule_id: _want(rule) for rule in run.decision.proposed_rules},
        operands=operands,
        action=run.decision.action,
        verdict=run.decision.verdict,
        order_shares=run.decision.order_shares,
        reasons=tuple(rule.because for rule in failed),
    )


def _want(rule: RuleOutcome) -> RuleWant:
    return RuleWant(rule.outcome.value) if rule.applies else RuleWant.SKIPPED


def _present(value: Any) -> Any:  # noqa: ANN401  # any value of a node
    return None if isinstance(value, Absent) else value
