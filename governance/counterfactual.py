"""Counterfactuals: the smallest change of an input, or of several, after which a recorded order run says otherwise.

One-step and exact: the recorded order plan runs again on the archived snapshot with one field changed and nothing
else, so a change moves everything that is computed from that field. What the account or the market would have done
next is not asked. Writes nothing.

    axis        the values an input can take, in steps: lots, shares, cents, neighbouring floats; it keeps its sign
    reach       away from the recorded value in growing steps, until the run says what is wanted
    narrow      halve what lies between, until the last value that fails and the first that passes are neighbours
    confirm     run the whole plan at that value, for the verdict that would have followed

The search runs a plan cut down to what the rule reads. A window of passing values that is narrower than a growing step
can be stepped over; the pair of neighbours, one that fails and one that passes, is exact in any case.

Like a replay it can run in a child process on archived code, so question and finding are canonical bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from dataflows.engine.decision import Decision
from dataflows.engine.plan import PROPOSED_SIZE, REDUCES_RISK, NodeKind, Plan, PlanNode
from dataflows.engine.run import Runner
from governance.input_bounds import Bound, input_bounds, plan_bounds
from governance.joint_counterfactual import JointChange, JointPart, direction, joint_change
from governance.rebuilding import RunRequest, rebuilt_generation
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import AssayError
from nodes.vocabulary.verdict import Action, Verdict

Passes = Callable[[Decision], bool]
_QUANTA = {"Usd": Decimal("0.01"), "UsdPerShare": Decimal("0.0001")}
_SIGNED = frozenset({"Frac", "Score", "Usd"})
"""Units in which nothing may become less than nothing; of others there can be none or some."""
_SEVERAL = 2
_MAX_REACH = 2**62
_MAX_WHOLE_STEPS = 2**40
_INFINITY = 0x7FF0_0000_0000_0000
_SIGNLESS = 0x7FFF_FFFF_FFFF_FFFF
_DOUBLE, _LONG = struct.Struct(">d"), struct.Struct(">q")


@dataclass(frozen=True)
class Question:
    """A recorded order run, and which of its rules are asked about.

    Attributes:
        policy: the policy's text.
        session_manifest: manifest of the session plan.
        order_manifest: manifest of the order plan.
        run: the run, with its inputs as archived.
        rule_ids: rules that spoke against the order.
        n_inputs: how many inputs may change together; 1 for each alone.
    """

    policy: bytes
    session_manifest: bytes
    order_manifest: bytes
    run: RunRequest
    rule_ids: tuple[str, ...]
    n_inputs: int = 1


@dataclass(frozen=True)
class Change:
    """The smallest change of one input that brings about what was asked for.

    Attributes:
        input: the field of the snapshot.
        unit: its unit.
        recorded: its recorded value.
        needed: the nearest value that brings it about.
        fails_at: the value next to it that does not.
        verdict: what the whole order would then come to.
        action: what would be done with it.
        order_shares: how many shares could be sent.
    """

    input: str
    unit: str
    recorded: Any
    needed: Any
    fails_at: Any
    verdict: str
    action: str
    order_shares: int


@dataclass(frozen=True)
class RuleFinding:
    """What would make one rule pass.

    Attributes:
        rule_id: the rule.
        changes: one for each input that can do it alone, the size of the order first.
        powerless: inputs that the rule depends on and that cannot do it alone.
    """

    rule_id: str
    changes: tuple[Change, ...]
    powerless: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """What would have changed a decision.

    Attributes:
        plan_digest: digest of the plan that the imported code gives.
        rules: for each rule that was asked about.
        to_act: the change of size after which something could be sent; None when no size does that, or some was.
        to_pass: the change of size after which no rule says anything; None when no size does that.
        missing: what a run here would need; "" when it ran.
        together: the smallest change of several inputs after which something could be sent, or no rule says anything
            where something was; None where it was not asked for or not found.
    """

    plan_digest: bytes
    rules: tuple[RuleFinding, ...] = ()
    to_act: Change | None = None
    to_pass: Change | None = None
    missing: str = ""
    together: JointChange | None = None


@dataclass(frozen=True)
class Axis:
    """The values that an input can take, by number of steps from its recorded value.

    Attributes:
        node: the input.
        recorded: its recorded value.
        step: one step, for whole numbers and decimals.
        bound: what it can be, by contract, unit or meaning; None where nothing is known.
    """

    node: PlanNode
    recorded: Any
    step: Any = 1
    bound: Bound | None = None

    def value(self, steps: int) -> Any:  # noqa: ANN401  # of the input's type
        """The value so many steps away; None outside what the input can be."""
        if isinstance(self.recorded, bool):
            return (not self.recorded) if abs(steps) == 1 else None
        if isinstance(self.recorded, float):
            value: Any = _float_at(_place(self.recorded) + steps)
        elif abs(steps) > _MAX_WHOLE_STEPS:
            return None
        else:
            value = self.recorded + steps * self.step
        return None if value is None or self._is_outside(value) else value

    def _is_outside(self, value: Any) -> bool:  # noqa: ANN401
        if self.bound is not None and not self.bound.holds(value):
            return True
        if self.node.name == PROPOSED_SIZE:
            return bool(value == 0 or (value > 0) != (self.recorded > 0))
        is_signed = self.recorded < 0 or (self.recorded == 0 and self.node.unit.name in _SIGNED)
        return bool(value < 0 and not is_signed) or bool(value > 0 > self.recorded)


def axis(plan: Plan, name: str, recorded: Any, bound: Bound | None = None) -> Axis | None:  # noqa: ANN401
    """The axis of an input; None for one that is absent or no number. A bound that was broken already binds nothing."""
    node = plan.node(name)
    if isinstance(recorded, bool):
        return Axis(node, recorded)
    if not isinstance(recorded, int | float | Decimal) or (name == PROPOSED_SIZE and recorded == 0):
        return None
    kept = bound if bound is not None and bound.holds(recorded) else None
    if isinstance(recorded, float):
        return Axis(node, recorded, bound=kept)
    if isinstance(recorded, Decimal):
        return Axis(node, recorded, _QUANTA.get(node.unit.name, Decimal("0.01")), kept)
    return Axis(node, recorded, plan.lot_shares if name == PROPOSED_SIZE else 1, kept)


def finding(question: Question) -> Finding:
    """What would have changed a decision, by the code that is imported.

    Raises:
        AssayError: the code does not give this plan.
        ImportError: a module, or a library that it needs, is missing.
    """
    generation = rebuilt_generation(question.policy, question.session_manifest, question.order_manifest)
    return found(generation.order, question, input_bounds(generation))


def found(plan: Plan, question: Question, bounds: Mapping[str, Bound] | None = None) -> Finding:
    """What would have changed a decision, by a plan that can run.

    Args:
        plan: the plan.
        question: what is asked.
        bounds: what inputs can be; by their units alone when left out.
    """
    whole = _Trial(plan, question.run, plan_bounds(plan) if bounds is None else bounds)
    decision = whole.decision({})
    rules = tuple(_rule_finding(whole, rule_id, decision) for rule_id in question.rule_ids)
    size = whole.axis(PROPOSED_SIZE)
    acts = decision.action is Action.ACT or size is None
    passes = decision.verdict is Verdict.PASS or size is None
    return Finding(
        plan_digest=plan.digest,
        rules=rules,
        to_act=None if acts or size is None else whole.change(size, lambda other: other.action is Action.ACT),
        to_pass=None if passes or size is None else whole.change(size, lambda other: other.verdict is Verdict.PASS),
        together=_together(whole, question, decision),
    )


def answered(data: bytes) -> bytes:
    """The finding to a question, both as canonical bytes; `missing` says so when the code is not there."""
    content = decode(data)
    question = Question(**{**content, "run": RunRequest(**content["run"])})
    try:
        return encode(finding(question))
    except (AssayError, ImportError) as error:
        return encode(Finding(b"", missing=f"{type(error).__name__}: {error}"))


def finding_from_bytes(data: bytes) -> Finding:
    """The finding that `answered` wrote."""
    content = decode(data)
    rules = tuple(
        RuleFinding(rule["rule_id"], tuple(Change(**change) for change in rule["changes"]), rule["powerless"])
        for rule in content["rules"]
    )
    ends = {name: content[name] and Change(**content[name]) for name in ("to_act", "to_pass")}
    together = content["together"] and JointChange(
        **{**content["together"], "parts": tuple(JointPart(**part) for part in content["together"]["parts"])}
    )
    return Finding(content["plan_digest"], rules, **ends, missing=content["missing"], together=together)


class _Trial:
    """Runs of one plan on the archived snapshot with one field changed."""

    def __init__(self, plan: Plan, run: RunRequest, bounds: Mapping[str, Bound]) -> None:
        self.plan = plan
        self.run = run
        self.bounds = bounds
        self._runner = Runner(plan, run.origin, run.environment)

    def axis(self, name: str) -> Axis | None:
        """The axis of an input."""
        return axis(self.plan, name, self.run.inputs.get(name), self.bounds.get(name))

    def decision(self, changed: Mapping[str, Any]) -> Decision:
        """What the run says with some inputs changed."""
        fields = dict.fromkeys((*self.plan.inputs, PROPOSED_SIZE)) | dict(self.run.inputs) | dict(changed)
        return self._runner.order(SimpleNamespace(**fields), self.run.as_of, self.run.cites).decision

    def change(self, along: Axis, passes: Passes, whole: _Trial | None = None) -> Change | None:
        """The smallest change along an axis after which the run passes, confirmed by the whole plan."""
        name = along.node.name
        pairs = [
            pair for way in (1, -1) if (pair := nearest(along, way, lambda value: passes(self.decision({name: value}))))
        ]
        if not pairs:
            return None
        fails_at, needed = min(pairs, key=lambda pair: _distance(along.recorded, pair[1]))
        then = (whole or self).decision({name: needed})
        return Change(
            input=name,
            unit=along.node.unit.name,
            recorded=along.recorded,
            needed=needed,
            fails_at=fails_at,
            verdict=then.verdict.label,
            action=then.action.value,
            order_shares=then.order_shares,
        )


def _rule_finding(whole: _Trial, rule_id: str, decision: Decision) -> RuleFinding:
    """What would make a rule pass: judged by itself, or within the whole plan when only a clip made it fail."""
    objected = {rule.rule_id for rule in decision.proposed_rules if rule.verdict is not Verdict.PASS}
    part = plan_of_rule(whole.plan, rule_id)
    trial = _Trial(part, whole.run, whole.bounds) if rule_id in objected else whole

    def passes(other: Decision) -> bool:
        judged = other.proposed_rules if trial is not whole else other.failed
        return all(rule.rule_id != rule_id or rule.verdict is Verdict.PASS for rule in judged)

    changes, powerless = [], []
    for name in sorted({*trial.plan.inputs, PROPOSED_SIZE}, key=lambda name: (name != PROPOSED_SIZE, name)):
        along = whole.axis(name)
        if along is None:
            continue
        change = trial.change(along, passes, whole)
        if change is None:
            powerless.append(name)
        else:
            changes.append(change)
    return RuleFinding(rule_id, tuple(changes), tuple(powerless))


def _together(whole: _Trial, question: Question, decision: Decision) -> JointChange | None:
    """The smallest change of several inputs that the rules that spoke rest on."""
    spoke = [rule_id for rule_id in question.rule_ids if any(rule.rule_id == rule_id for rule in whole.plan.rules)]
    if question.n_inputs < _SEVERAL or not spoke:
        return None
    trial = _Trial(plan_of_rules(whole.plan, [rule.rule_id for rule in whole.plan.rules]), whole.run, whole.bounds)
    names = sorted(
        {name for rule_id in spoke for name in (*plan_of_rule(whole.plan, rule_id).inputs, PROPOSED_SIZE)},
        key=lambda name: (name != PROPOSED_SIZE, name),
    )
    axes = [along for name in names if (along := trial.axis(name)) is not None]
    directions = [
        found_direction
        for along in axes
        if (
            found_direction := direction(along.node.name, along.node.unit.name, along.recorded, along.step, along.bound)
        )
    ]
    acts = decision.action is Action.ACT
    return joint_change(
        directions,
        question.n_inputs,
        trial.decision,
        lambda other: other.verdict is Verdict.PASS if acts else other.action is Action.ACT,
    )


def plan_of_rule(plan: Plan, rule_id: str) -> Plan:
    """A plan cut down to one rule and all that it reads. Raises KeyError when the plan has no such rule."""
    return plan_of_rules(plan, [rule_id])


def plan_of_rules(plan: Plan, rule_ids: Sequence[str]) -> Plan:
    """A plan cut down to some rules and all that they read. Raises KeyError when the plan has not one of them."""
    rules = [rule for rule in plan.rules if rule.rule_id in rule_ids]
    if len(rules) != len(set(rule_ids)):
        raise KeyError(*sorted(set(rule_ids) - {rule.rule_id for rule in rules}))
    arguments = {node.name: node.arguments for node in plan.nodes}
    waiting = [node.name for node in plan.nodes if node.kind is NodeKind.SIZE]
    for rule in rules:
        waiting += [rule.node, *rule.operands, *([rule.cap] if rule.cap else [])]
    also = (REDUCES_RISK, PROPOSED_SIZE) if any(rule.skips_reducing for rule in rules) else (PROPOSED_SIZE,)
    waiting += [name for name in also if name in arguments]
    needed: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += arguments[name]
    return replace(plan, nodes=tuple(node for node in plan.nodes if node.name in needed), rules=tuple(rules))


def nearest(along: Axis, way: int, passes: Callable[[Any], bool]) -> tuple[Any, Any] | None:
    """The neighbours on an axis, one way, of which the nearer fails and the other passes; None when none passes."""
    low = 0
    for high in _reaches(along, way):
        if passes(along.value(way * high)):
            break
        low = high
    else:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if passes(along.value(way * middle)):
            high = middle
        else:
            low = middle
    return along.value(way * low), along.value(way * high)


def _reaches(along: Axis, way: int) -> Iterator[int]:
    """Growing numbers of steps that stay on the axis, its end the last."""
    reach, last = 1, 0
    while reach <= _MAX_REACH:
        if along.value(way * reach) is None:
            end = _end(along, way, last, reach)
            if end > last:
                yield end
            return
        yield reach
        last, reach = reach, max(reach + 1, reach + reach // 2)


def _end(along: Axis, way: int, inside: int, outside: int) -> int:
    """The farthest step that is still on the axis."""
    while outside - inside > 1:
        middle = (inside + outside) // 2
        if along.value(way * middle) is None:
            outside = middle
        else:
            inside = middle
    return inside


def _distance(one: Any, other: Any) -> Any:  # noqa: ANN401
    return 1 if isinstance(one, bool) else abs(one - other)


def _place(value: float) -> int:
    """The place of a float among all floats in order; neighbours differ by one."""
    bits: int = _LONG.unpack(_DOUBLE.pack(value))[0]
    return bits if bits >= 0 else -(bits & _SIGNLESS)


def _float_at(place: int) -> float | None:
    """The float at a place; None beyond the finite ones."""
    if abs(place) >= _INFINITY:
        return None
    value: float = _DOUBLE.unpack(_LONG.pack(abs(place)))[0]
    return value if place >= 0 else -value
