"""From a solver's model to inputs that people can read, and through the engine before anyone is shown them.

A model is pinned input by input: to what was recorded, where that does, then to a short number, then to the nearest
double or cent. What remains changed is what the witness needs. The engine then runs both plans on it; a witness that it
does not confirm is none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import z3

from dataflows.engine.decision import Decision
from dataflows.engine.plan import PROPOSED_SIZE, NodeKind, Plan
from dataflows.engine.run import Runner
from governance.input_bounds import Bound
from governance.proof_plans import deciding_rules, decisive_names
from governance.proof_terms import Term, all_of, expression, none_of, sort
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.instants import EPOCH
from policies.grammar import Literal, leaves, rule_tree

MAX_MODELS = 4
"""Models of one solver that are tried."""
PIN_EFFORT = 500_000
"""z3's units of work for one value of one input; a value that is not settled by then is not taken."""
_DIGITS = (2, 3, 4, 6)
_QUANTA = {"Usd": Decimal("0.01"), "UsdPerShare": Decimal("0.0001")}
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Changed:
    """An input of a witness that is not as recorded.

    Attributes:
        input: the field of the snapshot.
        unit: its unit.
        recorded: its value in what was recorded; None where it was unknown, or nothing was recorded.
        value: its value in the witness; None where it is unknown.
    """

    input: str
    unit: str
    recorded: Any
    value: Any


@dataclass(frozen=True)
class Ruling:
    """What a policy decides of a witness.

    Attributes:
        verdict: pass, warn, clip, review or deny.
        action: act, hold or deny.
        order_shares: how many shares are sent or held, with their side.
        rules: rules that said more than pass, the gravest first, each with its reason.
    """

    verdict: str
    action: str
    order_shares: int
    rules: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Witness:
    """Inputs that show what a claim says cannot be, confirmed by running both plans.

    Attributes:
        inputs: value of every field that the plans read; None where unknown.
        changed: those that differ from what was recorded.
        base: what was recorded is of this decision; "" where nothing was.
        live: what the live policy decides.
        candidate: what the candidate decides.
    """

    inputs: Mapping[str, Any]
    changed: tuple[Changed, ...]
    base: str
    live: Ruling
    candidate: Ruling


@dataclass(frozen=True)
class Base:
    """Recorded inputs that a witness may start from.

    Attributes:
        name: of which decision.
        inputs: value of each field; None or Absent where unknown.
    """

    name: str
    inputs: Mapping[str, Any]


class Judge:
    """Runs both plans on inputs.

    Attributes:
        plans: the live plan and the candidate.
        units: unit of each input of either.
        texts: the texts that rules compare with, by the numbers that stand for them.
    """

    def __init__(self, live: Plan, candidate: Plan) -> None:
        self.plans = live, candidate
        self._runners = tuple(Runner(plan, "research/proof", b"") for plan in self.plans)
        self._quick = tuple(Runner(_silent(plan), "research/proof", b"") for plan in self.plans)
        self.units = {node.name: node.unit for plan in self.plans for node in plan.nodes if node.kind is NodeKind.INPUT}
        self.texts = {expression(text).as_long(): text for plan in self.plans for text in _texts(plan)}
        self._names = tuple(dict.fromkeys((*self.units, PROPOSED_SIZE)))

    def decisions(self, inputs: Mapping[str, Any]) -> tuple[Decision, Decision]:
        """What the live plan and the candidate decide."""
        snapshot = SimpleNamespace(**{name: inputs.get(name) for name in self._names})
        live, candidate = (runner.order(snapshot, EPOCH).decision for runner in self._runners)
        return live, candidate

    def likely(self, inputs: Mapping[str, Any]) -> tuple[Decision, Decision]:
        """The same without what changes no decision: routes, costs that only warn, and words."""
        snapshot = SimpleNamespace(**{name: inputs.get(name) for name in self._names})
        live, candidate = (runner.order(snapshot, EPOCH).decision for runner in self._quick)
        return live, candidate


def _texts(plan: Plan) -> Iterator[str]:
    """The texts that the rules of a plan name."""
    for rule in plan.rules:
        for leaf in leaves(rule_tree(plan.node(rule.node).doc.formula)):
            if isinstance(leaf, Literal) and isinstance(leaf.value, str):
                yield leaf.value


def _silent(plan: Plan) -> Plan:
    """A plan cut down to what its decision rests on, with nothing to say."""
    rules = tuple(replace(rule, because="-", plain="-", operands=()) for rule in deciding_rules(plan))
    needed = decisive_names(plan)
    return replace(plan, nodes=tuple(node for node in plan.nodes if node.name in needed), rules=rules)


def terms(judge: Judge, free: frozenset[str], base: Base | None) -> dict[str, Any]:
    """Value or term of each input: terms for those that are free, what was recorded for the others."""
    found: dict[str, Any] = {}
    for name, unit in judge.units.items():
        if base is None or name in free:
            found[name] = Term(unit.base, z3.Const(name, sort(unit.base)), z3.Bool(f"{name} is known"))
        else:
            value = base.inputs.get(name)
            found[name] = Absent(name, "missing from the snapshot") if value is None else value
    return found


def within(inputs: Mapping[str, Any], bounds: Mapping[str, Bound]) -> Iterator[Any]:
    """What is true of terms that stay within bounds."""
    for name, term in inputs.items():
        bound = bounds.get(name)
        if isinstance(term, Term) and bound is not None:
            if bound.low is not None:
                yield term.expr >= expression(bound.low)
            if bound.high is not None:
                yield term.expr <= expression(bound.high)


def witness(
    solver: z3.Solver,
    inputs: Mapping[str, Any],
    judge: Judge,
    base: Base | None,
    shows: Callable[[Decision, Decision], bool],
) -> Witness | None:
    """A witness of what a solver found satisfiable, confirmed by running; None when no model of a few is."""
    solver.set("rlimit", PIN_EFFORT)
    for _ in range(MAX_MODELS):
        found = _pinned(solver, inputs, judge, base)
        live, candidate = judge.decisions(found)
        if shows(live, candidate):
            return shown(found, judge, base)
        solver.add(none_of(all_of(_is(inputs[name], found[name]) for name in inputs if isinstance(inputs[name], Term))))
        if solver.check() != z3.sat:
            return None
    return None


def shown(inputs: Mapping[str, Any], judge: Judge, base: Base | None) -> Witness:
    """Inputs as a witness, with what both plans decide of them."""
    live, candidate = (ruling(decision) for decision in judge.decisions(inputs))
    return Witness(inputs, _changed(inputs, judge, base), "" if base is None else base.name, live, candidate)


def ruling(decision: Decision) -> Ruling:
    """A decision in words."""
    rules = tuple((rule.rule_id, rule.because) for rule in decision.failed)
    return Ruling(decision.verdict.label, decision.action.value, decision.order_shares, rules)


def _changed(found: Mapping[str, Any], judge: Judge, base: Base | None) -> tuple[Changed, ...]:
    if base is None:
        return ()
    recorded = {name: _plain(base.inputs.get(name)) for name in found}
    return tuple(
        Changed(name, judge.units[name].name, recorded[name], value)
        for name, value in found.items()
        if value != recorded[name]
    )


def _pinned(solver: z3.Solver, inputs: Mapping[str, Any], judge: Judge, base: Base | None) -> dict[str, Any]:
    """Values of all inputs: those of a model, each moved to the plainest value that leaves one."""
    found = {name: _plain(value) for name, value in inputs.items() if not isinstance(value, Term)}
    free = {name: value for name, value in inputs.items() if isinstance(value, Term)}
    model, depth = solver.model(), solver.num_scopes()
    for name, term in free.items():
        recorded = None if base is None else _plain(base.inputs.get(name))
        for option in _options(term, model, (judge.units[name].name, judge.texts), recorded):
            found[name] = option
            if (fitting := _model_with(solver, _is(term, option))) is not None:
                model = fitting
                break
    solver.pop(solver.num_scopes() - depth)
    return found


def _model_with(solver: z3.Solver, condition: Any) -> z3.ModelRef | None:  # noqa: ANN401
    """A model that keeps a condition as well, which the solver then holds on to; None when it finds none."""
    solver.push()
    solver.add(condition)
    if solver.check() == z3.sat:
        return solver.model()
    solver.pop()
    return None


def _is(term: Term, value: Any) -> Any:  # noqa: ANN401
    return none_of(term.known) if value is None else all_of((term.known, term.expr == expression(value)))


def _options(term: Term, model: z3.ModelRef, known: tuple[str, Mapping[int, str]], recorded: Any) -> Iterator[Any]:  # noqa: ANN401
    """Values for an input, the plainest first."""
    unit, texts = known
    yield recorded
    if recorded is not None and not z3.is_true(model.eval(term.known, model_completion=True)):
        yield None
        return
    value = model.eval(term.expr, model_completion=True)
    if term.base is bool:
        yield z3.is_true(value)
    elif term.base in (int, float, Decimal):
        yield from _numbers(term.base, _fraction(value), unit)
    elif term.base is str:
        yield texts.get(value.as_long(), "-")
    yield None


def _numbers(base: type, value: Fraction, unit: str) -> Iterator[Any]:
    if base is int:
        yield int(value)
        return
    if base is Decimal:
        quantum = _QUANTA.get(unit, _CENT)
        steps = value / Fraction(quantum)
        yield from (quantum * step for step in (round(steps), math.floor(steps), math.ceil(steps)))
        return
    nearest = float(value) if abs(value) < 2**1023 else math.copysign(math.inf, value)
    yield from dict.fromkeys(float(f"{nearest:.{digits}g}") for digits in _DIGITS)
    yield nearest
    yield math.nextafter(nearest, math.inf)
    yield math.nextafter(nearest, -math.inf)


def _fraction(value: Any) -> Fraction:  # noqa: ANN401
    if z3.is_int_value(value):
        return Fraction(value.as_long())
    if z3.is_algebraic_value(value):
        value = value.approx(40)
    return Fraction(value.numerator_as_long(), value.denominator_as_long())


def _plain(value: Any) -> Any:  # noqa: ANN401
    return None if isinstance(value, Absent) else value
