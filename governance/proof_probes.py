"""Looks for a witness by running, led by the rules that differ: to where one fails, then past what is in the way.

One input at a time is moved to the nearest value at which a rule of the stricter policy fails. Where other rules fail
there too, inputs that those read are moved to the nearest value at which they hold, the fewest changes first. Runs are
counted and no two are chosen by chance, so the same question has the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import heappop, heappush
from itertools import count
from typing import Any

from dataflows.engine.decision import Decision
from dataflows.engine.plan import PROPOSED_SIZE, Plan, PlanRule
from governance.input_bounds import Bound
from governance.proof_plans import deciding_rules
from governance.proof_search import Shows, between, moved_back
from governance.proof_witness import Base, Judge, Witness, shown
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.verdict import Verdict

MAX_CHANGED = 4
"""Inputs that are moved together."""
_HALVINGS = 24
_POWERS: Mapping[type, range] = {int: range(0, 9, 2), Decimal: range(-2, 11, 2), float: range(-4, 5, 2)}
_BY_UNIT: Mapping[str, Any] = {"Usd": Decimal(1_000_000), "UsdPerShare": Decimal(100), "Bps": 10.0}
_BY_NAME: Mapping[str, Any] = {
    PROPOSED_SIZE: 100,
    "adv_shares": 20_000_000,
    "last_volume_shares": 20_000_000,
    "available_borrow_shares": 1_000_000,
    "gross_exposure_usd": Decimal(0),
    "volatility_frac": 0.01,
}
_BY_BASE: Mapping[type, Any] = {bool: False, int: 0, float: 0.0, Decimal: Decimal(0), str: ""}

Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """What is looked for.

    Attributes:
        rules: ids of the rules of the stricter policy that may show it.
        is_of_candidate: whether the candidate is the policy that lets more through.
        shows: whether two decisions are what is looked for.
    """

    rules: Sequence[str]
    is_of_candidate: bool
    shows: Shows


def probed(
    judge: Judge, bases: Sequence[Base], bounds: Mapping[str, Bound], question: Question, n_runs: int
) -> Witness | None:
    """The first witness that is come upon, near something recorded, else near a calm day that is made up.

    Args:
        judge: runs both plans.
        bases: what was recorded, the likeliest first; each takes at most half of the runs that are left.
        bounds: what inputs can be.
        question: what is looked for.
        n_runs: how many inputs are tried in all.
    """
    calm = Base("", calm_inputs(judge))
    for base in (*bases, calm):
        share = n_runs if base is calm else n_runs // 2
        walk = _Walk(judge, bounds, question, share)
        changed = walk.found(base.inputs)
        n_runs -= share - walk.n_left
        if changed is not None and question.shows(*judge.decisions({**base.inputs, **changed})):
            if base is calm:
                return shown({**base.inputs, **changed}, judge, None)
            return moved_back(judge, base, changed, question.shows)
    return None


def calm_inputs(judge: Judge) -> dict[str, Any]:
    """A value for every input, made up: a small purchase for an account that owns nothing, on a day without news."""
    return {
        name: _BY_NAME.get(name, _BY_UNIT.get(unit.name, _BY_BASE.get(unit.base))) for name, unit in judge.units.items()
    }


def upstream(plan: Plan, rule: PlanRule) -> set[str]:
    """All nodes that a rule and its cap rest on."""
    arguments = {node.name: node.arguments for node in plan.nodes}
    waiting, found = [rule.node, *([rule.cap] if rule.cap else [])], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += arguments[name]
    return found


@dataclass
class _Walk:
    """One search from one set of inputs; `n_left` runs are left of it."""

    judge: Judge
    bounds: Mapping[str, Bound]
    question: Question
    n_left: int
    _queue: list[tuple[int, int, str, dict[str, Any], frozenset[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._places = count()
        self._calm = calm_inputs(self.judge)
        self._reads: dict[str, list[str]] = {}
        for plan in self.judge.plans:
            for rule in deciding_rules(plan):
                read = {PROPOSED_SIZE, *upstream(plan, rule), *self._reads.get(rule.rule_id, ())} & set(
                    self.judge.units
                )
                self._reads[rule.rule_id] = sorted(read, key=lambda name: (name != PROPOSED_SIZE, name))

    def found(self, inputs: Inputs) -> dict[str, Any] | None:
        """What to change of inputs so that they show what is looked for."""
        for rule_id in self.question.rules:
            for changed in self._starts(inputs, rule_id):
                if self._is_shown(inputs, changed, rule_id):
                    return changed
        while self._queue and self.n_left > 0:
            *_, rule_id, changed, failing = heappop(self._queue)
            for more in self._repairs(inputs, changed, failing):
                if self._is_shown(inputs, more, rule_id):
                    return more
        return None

    def _starts(self, inputs: Inputs, rule_id: str) -> Iterator[dict[str, Any]]:
        """Changes of one input after which a rule fails for the stricter policy alone, as far as it can be seen."""
        strict, loose = self._failing(inputs)
        yield {}
        if rule_id in strict and rule_id not in loose:
            return
        is_missing = rule_id not in strict
        for name in self._reads[rule_id]:
            for value in self._turns(inputs, name, lambda failing: (rule_id in failing[not is_missing]) == is_missing):
                yield {name: value}

    def _repairs(self, inputs: Inputs, changed: dict[str, Any], failing: frozenset[str]) -> Iterator[dict[str, Any]]:
        """More changes, after which one of the rules holds that were in the way."""
        if len(changed) >= MAX_CHANGED:
            return
        for in_the_way in sorted(failing):
            for name in self._reads[in_the_way]:
                if name not in changed:
                    here = {**inputs, **changed}
                    for value in self._turns(here, name, lambda failing, rule=in_the_way: rule not in failing[1]):
                        yield {**changed, name: value}

    def _is_shown(self, inputs: Inputs, changed: dict[str, Any], rule_id: str) -> bool:
        """Whether changes show it; if not, they are kept where the rule alone is not what keeps them from it."""
        live, candidate = self._decisions({**inputs, **changed})
        if self.question.shows(live, candidate):
            return True
        strict, loose = self._ordered((_stopping(live), _stopping(candidate)))
        if rule_id in strict and rule_id not in loose and loose:
            heappush(self._queue, (len(changed) + len(loose), next(self._places), rule_id, changed, loose))
        return False

    def _turns(self, inputs: Inputs, name: str, is_so: Callable[..., bool]) -> Iterator[Any]:
        """Values of an input, the nearest on either side, at which what rules fail becomes what is wanted."""

        def is_there(value: Any) -> bool:  # noqa: ANN401
            return self.n_left > 0 and is_so(self._failing({**inputs, name: value}))

        recorded, unit = inputs.get(name), self.judge.units[name]
        if recorded is None or isinstance(recorded, Absent) or unit.base is bool:
            value = not recorded if recorded in (True, False) else self._calm[name]
            if value is not None and is_there(value):
                yield value
        elif unit.base in _POWERS:
            for way in self._ways(inputs, name):
                last: Any = recorded
                for value in way:
                    if is_there(value):
                        yield _nearest(last, value, unit.name, is_there)
                        break
                    last = value

    def _ways(self, inputs: Inputs, name: str) -> Iterator[list[Any]]:
        """Values upwards from that of an input, and downwards: powers of a hundred, and what its unit's others have."""
        unit, bound, recorded = self.judge.units[name], self.bounds.get(name), inputs[name]
        sizes = [unit.base(10) ** power for power in _POWERS[unit.base]]
        alike = [inputs.get(other) for other, of in self.judge.units.items() if of.name == unit.name]
        known = [value for value in alike if type(value) is unit.base]
        values = sorted({unit.base(0), *sizes, *(-size for size in sizes), *known})
        near = [v for v in values if (bound is None or bound.holds(v)) and (v or name != PROPOSED_SIZE)]
        yield [value for value in near if value > recorded]
        yield [value for value in reversed(near) if value < recorded]

    def _failing(self, inputs: Inputs) -> tuple[frozenset[str], frozenset[str]]:
        live, candidate = self._decisions(inputs)
        return self._ordered((_stopping(live), _stopping(candidate)))

    def _decisions(self, inputs: Inputs) -> tuple[Decision, Decision]:
        self.n_left -= 1
        return self.judge.likely(inputs)

    def _ordered(self, both: tuple[frozenset[str], frozenset[str]]) -> tuple[frozenset[str], frozenset[str]]:
        """What is of the stricter policy first."""
        return both if self.question.is_of_candidate else (both[1], both[0])


def _stopping(decision: Decision) -> frozenset[str]:
    """The rules that keep an order from being sent as it was proposed."""
    return frozenset(rule.rule_id for rule in decision.proposed_rules if rule.verdict > Verdict.WARN)


def _nearest(before: Any, reached: Any, unit: str, is_there: Callable[[Any], bool]) -> Any:  # noqa: ANN401
    """The value nearest to the first of two that halving finds to be as wanted."""
    low, high = before, reached
    for _ in range(_HALVINGS):
        middle = between(low, high, unit)
        if middle in (low, high):
            break
        low, high = (low, middle) if is_there(middle) else (middle, high)
    return high
