"""Why a decision is not another: the rules that spoke against the order, by how much, and what would have quieted them.

Everything but the search itself is read from the log. The search (`governance.counterfactual`) runs the recorded plan
again with the code of this process where that gives the very plan that was recorded, otherwise with the archived
sources in a child process. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from dataflows.engine.compile import Generation
from dataflows.engine.decision import RuleOutcome
from dataflows.engine.plan import NodeKind, Plan, PlanNode, PlanRule
from dataflows.engine.recorded import RecordedRun, recorded_run
from governance import counterfactual
from governance.counterfactual import Finding, Question, RuleFinding, plan_of_rule
from governance.input_bounds import input_bounds
from governance.ports import LogReader
from governance.rebuilding import RunRequest, rebuilt_generation
from governance.replay import ArchivedCode
from governance.rows import Record
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import AssayError, LogError
from nodes.vocabulary.verdict import Verdict
from policies.grammar import And, Between, Comparison, Expression, Literal, Name, Not, Operand, Or, printed, rule_tree

_KEPT_GENERATIONS = 4
_NUMBERS = (int, float, Decimal)


@dataclass(frozen=True)
class RuleOperand:
    """A name that a rule compares.

    Attributes:
        name: the node, input or limit.
        unit: its unit.
        kind: "input", "node", "limit" or "parameter".
        value: its value in the pass in which the rule spoke.
    """

    name: str
    unit: str
    kind: str
    value: Any


@dataclass(frozen=True)
class Margin:
    """How far one comparison of a rule was from turning.

    Attributes:
        comparison: its text.
        operand: the side that is compared.
        limit: the side that it is compared with.
        value: of the operand.
        limit_value: of the limit.
        margin: room that was left; negative: by how much it failed; None where no number says it.
        unit: of all three.
    """

    comparison: str
    operand: str
    limit: str
    value: Any
    limit_value: Any
    margin: Any
    unit: str


@dataclass(frozen=True)
class BindingRule:
    """A rule that spoke against the order.

    Attributes:
        rule: the rule in the plan.
        require: what must hold.
        source: where it comes from.
        outcome: what it said in the pass in which it spoke.
        at_size: "proposed", or "final" when it held until the order was clipped.
        operands: what it compared.
        margins: how far each comparison was from turning.
        absent: inputs that it needs and that were not known, with the reasons.
        search: what would have quieted it; None where the recorded code cannot run here.
    """

    rule: PlanRule
    require: str
    source: str
    outcome: RuleOutcome
    at_size: str
    operands: tuple[RuleOperand, ...]
    margins: tuple[Margin, ...]
    absent: tuple[tuple[str, str], ...]
    search: RuleFinding | None


@dataclass(frozen=True)
class WhyNot:
    """Why a decision is not another.

    Attributes:
        record: the decision's entry.
        run: its order run.
        rules: the rules that spoke against it, gravest first.
        finding: what would have changed it as a whole.
        is_archived_code: whether the archived sources ran, and not the code of this process.
    """

    record: Record
    run: RecordedRun
    rules: tuple[BindingRule, ...]
    finding: Finding
    is_archived_code: bool = False


def why_not(reader: LogReader, record: Record, archived_code: ArchivedCode, n_inputs: int = 1) -> WhyNot:
    """Why a decision is not another. Raises LogError when what it stands on is missing or broken.

    Args:
        reader: the log.
        record: the decision's entry.
        archived_code: runs the recorded code where this process has another.
        n_inputs: how many inputs may change together.
    """
    facts = record.entry.facts
    if "order_manifest_ref" not in facts or record.decision_id is None:
        message = f"entry {record.sequence} is a {record.kind}, not a decision; name a decision"
        raise LogError(message)
    run = recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["order_manifest_ref"]))
    spoke = run.decision.failed
    question = _question(reader, facts, run, tuple(rule.rule_id for rule in spoke))
    finding, is_archived = _finding(reader, run, replace(question, n_inputs=n_inputs), archived_code, facts)
    searches = {search.rule_id: search for search in finding.rules}
    rules = tuple(_binding(run, outcome, searches.get(outcome.rule_id)) for outcome in spoke)
    return WhyNot(record, run, rules, finding, is_archived_code=is_archived)


def _question(reader: LogReader, facts: Mapping[str, Any], run: RecordedRun, rule_ids: tuple[str, ...]) -> Question:
    return Question(
        policy=reader.body(facts["policy_ref"]),
        session_manifest=reader.body(facts["session_manifest_ref"]),
        order_manifest=reader.body(facts["order_manifest_ref"]),
        run=_request(reader, facts, run),
        rule_ids=rule_ids,
    )


def _finding(
    reader: LogReader, run: RecordedRun, question: Question, archived: ArchivedCode, facts: Mapping[str, Any]
) -> tuple[Finding, bool]:
    """What would have changed the decision, and whether archived code said so."""
    here = _generation_here(question.policy, question.session_manifest, question.order_manifest)
    if here is not None and here.order.digest == run.plan.digest:
        return counterfactual.found(here.order, question, input_bounds(here)), False
    answer = archived.answer(decode(reader.body(facts["sources_ref"])), encode(question))
    finding = counterfactual.finding_from_bytes(answer)
    if finding.missing or finding.plan_digest == run.plan.digest:
        return finding, True
    return Finding(b"", missing="neither the code of this process nor the archived code gives the recorded plan"), True


def _request(reader: LogReader, facts: Mapping[str, Any], run: RecordedRun) -> RunRequest:
    return RunRequest(
        kind=run.plan.kind.value,
        origin=run.trace.header.origin,
        environment=reader.body(facts["environment_ref"]),
        inputs={name: run.values[name] for name in run.plan.inputs},
        as_of=run.trace.as_of,
        cites=run.trace.cites,
        key=None,
    )


@lru_cache(maxsize=_KEPT_GENERATIONS)
def _generation_here(policy: bytes, session_manifest: bytes, order_manifest: bytes) -> Generation | None:
    """The generation that the code of this process makes of archived policy and manifests; None when it makes none."""
    try:
        return rebuilt_generation(policy, session_manifest, order_manifest)
    except (AssayError, ImportError):
        return None


def _binding(run: RecordedRun, outcome: RuleOutcome, search: RuleFinding | None) -> BindingRule:
    rule = next(rule for rule in run.plan.rules if rule.rule_id == outcome.rule_id)
    proposed = next(each for each in run.proposed_rules if each.rule_id == outcome.rule_id)
    is_proposed = proposed.verdict is not Verdict.PASS
    values = run.proposed if is_proposed else run.values
    node = run.plan.node(rule.node)
    part = plan_of_rule(run.plan, rule.rule_id)
    return BindingRule(
        rule=rule,
        require=node.doc.formula,
        source=node.doc.source,
        outcome=proposed if is_proposed else outcome,
        at_size="proposed" if is_proposed else "final",
        operands=tuple(_operand(run.plan.node(name), values) for name in node.arguments),
        margins=tuple(margins(node.doc.formula, run.plan, values)),
        absent=tuple((name, str(values[name])) for name in part.inputs if isinstance(values[name], Absent)),
        search=search,
    )


def _operand(node: PlanNode, values: Mapping[str, Any]) -> RuleOperand:
    return RuleOperand(node.name, node.unit.name, node.kind.value, values[node.name])


def margins(text: str, plan: Plan, values: Mapping[str, Any]) -> Iterator[Margin]:
    """How far each comparison of a rule's text was from turning."""
    for comparison in _comparisons(rule_tree(text)):
        yield _margin(comparison, plan, values)


def is_free(text: str, values: Mapping[str, Any]) -> bool:
    """Whether a flag alone lets a rule hold, so that none of its comparisons can turn it."""
    tree = rule_tree(text)
    return isinstance(tree, Or) and any(_is_set(item, values) for item in tree.items)


def _is_set(item: Expression, values: Mapping[str, Any]) -> bool:
    match item:
        case Name(name):
            return values.get(name) is True
        case Not(Name(name)):
            return values.get(name) is False
        case _:
            return False


def _comparisons(tree: Expression) -> Iterator[Comparison]:
    """The comparisons of a rule; a range is two."""
    match tree:
        case Comparison():
            yield tree
        case Between(operand, low, high, negated=False):
            yield Comparison(">=", operand, low)
            yield Comparison("<=", operand, high)
        case Not(item):
            yield from _comparisons(item)
        case And(items) | Or(items):
            for item in items:
                yield from _comparisons(item)


def _margin(comparison: Comparison, plan: Plan, values: Mapping[str, Any]) -> Margin:
    left, right, op = comparison.left, comparison.right, comparison.op
    if _is_limit(left, plan) and not _is_limit(right, plan):
        left, right, op = right, left, _TURNED.get(op, op)
    value, limit_value = _value(left, values), _value(right, values)
    room = _room(op, value, limit_value)
    unit = plan.node(left.name).unit.name if isinstance(left, Name) else ""
    return Margin(printed(comparison), printed(left), printed(right), value, limit_value, room, unit)


def _room(op: str, value: Any, limit_value: Any) -> float | Decimal | None:  # noqa: ANN401  # any values of nodes
    """How much of a limit is left; None where no subtraction says it."""
    if op not in _SIGNS or not (isinstance(value, _NUMBERS) and isinstance(limit_value, _NUMBERS)):
        return None
    if isinstance(value, float) or isinstance(limit_value, float):
        return _SIGNS[op] * (float(limit_value) - float(value))
    return _SIGNS[op] * (limit_value - value)


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SIGNS = {"<": 1, "<=": 1, ">": -1, ">=": -1}


def _is_limit(operand: Operand, plan: Plan) -> bool:
    if isinstance(operand, Literal):
        return True
    return plan.node(operand.name).kind in (NodeKind.LIMIT, NodeKind.PARAMETER)


def _value(operand: Operand, values: Mapping[str, Any]) -> Any:  # noqa: ANN401  # any value of a node
    return operand.value if isinstance(operand, Literal) else values[operand.name]
