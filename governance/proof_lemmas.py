"""Proofs rule by rule: what one policy cannot let through past another, from one small question for each rule.

Of two plans over the same inputs, suppose that A acts. Then a size is sent at which every rule of A is quiet, no larger
than the order nor than the cap of any rule that clips it, and at the order's own size no rule of A says deny or review.
With that known of a rule in A, its like in B is asked about alone:

    holds nothing    it cannot say review at the order's size
    sends no less   where it clips, its cap leaves the size that A sends
    denies nothing   it cannot say deny at the order's size, and is quiet at the size that B sends

B cannot hold the order if no rule of it says review, and sends no less than A if none of them clips deeper. The last
needs more: the size that B sends lies between A's and the order's, and under B's caps. Where it is not A's own size,
A's is what the cap of a rule leaves that is not alike in both. So a rule that is alike in both is asked one thing: is
it quiet at a size between two at which it is quiet, or clips? Most are, since a comparison of a quantity with a limit
turns once as the order grows; and the solver is not asked to find all that at once.

These steps are sound for whatever rules and caps there are, as they use only how `dataflows.engine.decision` decides.
Where a question is not settled for one rule by itself, all other rules are taken into account; inputs that then show it
are a candidate for a witness.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import z3

from dataflows.engine.plan import PROPOSED_SIZE, Plan, PlanRule
from governance.input_bounds import Bound
from governance.proof_plans import SPOKEN, Level, PlanValues, Space, deciding_rules
from governance.proof_terms import Term, all_of, any_of, content, is_known, none_of
from governance.proof_witness import Judge, terms, within
from nodes.vocabulary.verdict import Verdict

_UNITS = {Level.BARE: 300_000, Level.EXACT: 1_500_000, Level.REAL: 1_500_000}
"""z3's units of work for one question."""
_ALL = 2
"""How much more is tried where all rules are taken into account."""
_TIMEOUT_MS = 20_000
_LEVELS = tuple(Level)


class Lemma(Enum):
    """What is asked of one rule."""

    HOLDS_NOTHING = "holds nothing"
    SENDS_NO_LESS = "sends no less"
    DENIES_NOTHING = "denies nothing"
    LEAVES_SOME = "leaves some"
    QUIET_THERE = "quiet at the size that A sends"
    QUIET_ABOVE = "quiet at a larger size that B sends"
    QUIET_BELOW = "quiet at a smaller size that B sends"


@dataclass(frozen=True)
class Sizes:
    """Sizes of one order, of one side and without it.

    Attributes:
        proposed: of the order.
        sent: what A sends.
        left: what B sends.
        is_buy: the side.
    """

    proposed: Any
    sent: Any
    left: Any
    is_buy: bool

    def signed(self, size: Any) -> Term:  # noqa: ANN401
        """A size with its side, as an order has it."""
        return Term(int, size if self.is_buy else -size, known=True)


class RuleTerms:
    """One rule of a plan at three sizes of an order: what it says, and what its cap leaves.

    Attributes:
        proposed: by verdict, whether it says so of the order's own size.
        sent: whether it is quiet at the size that A sends.
        left: whether it is quiet at the size that B sends.
        cap: (whether it is known, its value, that value in whole lots); None for a rule that does not clip.
    """

    def __init__(self, plan: Plan, rule: PlanRule, space: Space, sizes: Sizes) -> None:
        values = PlanValues(plan, space, (rule,))
        self.proposed = dict(values.said(values.first))[rule.rule_id]
        self.sent, self.left = (
            _quiet(dict(values.said(values.at(sizes.signed(size))))[rule.rule_id]) for size in (sizes.sent, sizes.left)
        )
        self.cap = None if rule.cap is None else _cap(values.first[rule.cap], plan.lot_shares)

    @property
    def clips(self) -> Any:  # noqa: ANN401
        """Whether it clips the order."""
        return self.proposed[Verdict.CLIP]

    @property
    def lets_pass(self) -> Any:  # noqa: ANN401
        """Whether it says neither deny nor review of the order's own size."""
        return none_of(any_of((self.proposed[Verdict.DENY], self.proposed[Verdict.REVIEW])))

    def leaves(self, size: Any) -> Any:  # noqa: ANN401
        """Whether, if it clips, its cap leaves so much."""
        if self.cap is None:
            return True
        known, cap, _ = self.cap
        return any_of((none_of(self.clips), all_of((known, cap >= size))))

    def is_left_at(self, size: Any) -> Any:  # noqa: ANN401
        """Whether it clips, and a size is what its cap leaves in whole lots."""
        if self.cap is None:
            return False
        known, _, in_lots = self.cap
        return all_of((self.clips, known, in_lots == size))

    def acting(self, sizes: Sizes) -> Any:  # noqa: ANN401
        """What is so of it in a plan that acts."""
        return all_of((self.lets_pass, self.sent, self.leaves(sizes.sent)))


def _quiet(said: Mapping[Verdict, Any]) -> Any:  # noqa: ANN401
    return none_of(any_of(said[verdict] for verdict in SPOKEN))


def _cap(value: Any, lot: int) -> tuple[Any, Any, Any]:  # noqa: ANN401
    shares = z3.IntVal(value) if isinstance(value, int) else content(value) if is_known(value) is not False else 0
    return is_known(value), shares, shares if lot == 1 else shares / lot * lot


@dataclass
class Lemmas:
    """The questions about two plans, A acting, and what came of them.

    Attributes:
        acting: A.
        other: B.
        unlike: ids of the rules that are not alike in both, down to what they rest on.
        judge: of both plans, for their inputs.
        bounds: what inputs can be.
    """

    acting: Plan
    other: Plan
    unlike: frozenset[str]
    judge: Judge
    bounds: Mapping[str, Bound]
    _found: dict[Any, Level | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rules = tuple({rule.rule_id: rule for rule in deciding_rules(plan)} for plan in (self.acting, self.other))
        self._lots = self.acting.lot_shares == self.other.lot_shares

    def nothing_held(self, effort: int) -> Level | None:
        """At which level it is proved that B does not hold what A sends; None where it is not."""
        return self._all_of(Lemma.HOLDS_NOTHING, self._unlike_in(1), effort)

    def nothing_smaller(self, effort: int) -> Level | None:
        """The same of B's sending less, where it acts."""
        return self._all_of(Lemma.SENDS_NO_LESS, self._unlike_in(1), effort) if self._lots else None

    def nothing_denied(self, effort: int) -> Level | None:
        """The same of B's denying."""
        found: Level | None = Level.BARE if self._lots else None
        for lemma, rule_ids in (
            (Lemma.DENIES_NOTHING, self._unlike_in(1)),
            (Lemma.QUIET_THERE, self._unlike_in(1)),
            (Lemma.LEAVES_SOME, self._clipping(1)),
            (Lemma.QUIET_ABOVE, sorted(self._rules[1]) if self._clipping(0) else ()),
        ):
            found = found and _deeper(found, self._all_of(lemma, rule_ids, effort))
        smaller = found and self.nothing_smaller(effort)
        if found and not smaller and self.other.lot_shares == 1:
            smaller = self._all_of(Lemma.QUIET_BELOW, sorted(self._rules[1]), effort)
        return found and _deeper(found, smaller)

    def _unlike_in(self, plan: int) -> list[str]:
        return sorted(self.unlike & self._rules[plan].keys())

    def _clipping(self, plan: int) -> list[str]:
        """Rules that clip and are not alike in both: what A and B send may differ for these alone."""
        return [rule_id for rule_id in self._unlike_in(plan) if self._rules[plan][rule_id].cap]

    def _all_of(self, lemma: Lemma, rule_ids: Iterable[str], effort: int) -> Level | None:
        found: Level | None = Level.BARE
        for rule_id in rule_ids:
            found = found and _deeper(found, self.settled(lemma, rule_id, effort))
        return found

    def settled(self, lemma: Lemma, rule_id: str, effort: int) -> Level | None:
        """At which level it is proved of a rule, for orders of either side: by itself, else with all others."""
        key = lemma, rule_id, effort
        if key not in self._found:
            buys, sales = (self._of_side(lemma, rule_id, effort, is_buy) for is_buy in (True, False))
            self._found[key] = buys and _deeper(buys, sales)
        return self._found[key]

    def _of_side(self, lemma: Lemma, rule_id: str, effort: int, is_buy: bool) -> Level | None:  # noqa: FBT001
        alone = _Asked(lemma, rule_id, (rule_id,), is_buy)
        together = replace(alone, known=tuple(sorted(set().union(*self._rules))))
        ways = [(alone, effort, level) for level in Level]
        if lemma in _SIZED:
            ways += [(together, _ALL * effort, level) for level in (Level.EXACT, Level.REAL)]
        for asked, units, level in sorted(ways, key=lambda way: way[2] is Level.REAL):
            if self._is_settled(asked, level, units * _UNITS[level]):
                return level
        return None

    def _is_settled(self, asked: _Asked, level: Level, n_units: int) -> bool:
        sizes = Sizes(z3.Int("proposed"), z3.Int("sent"), z3.Int("left"), asked.is_buy)
        inputs = terms(self.judge, frozenset(), None) | {PROPOSED_SIZE: sizes.signed(sizes.proposed)}
        space = Space(level, inputs, searches=[sizes.sent] if asked.lemma is Lemma.LEAVES_SOME else None)
        doubts = tuple(self._doubts(asked, space, sizes))
        solver = z3.Solver()
        solver.set("rlimit", n_units)
        solver.set("timeout", _TIMEOUT_MS)
        solver.add(*space.axioms, *space.products.axioms, *within(inputs, self.bounds), all_of(doubts))
        return bool(solver.check() == z3.unsat)

    @staticmethod
    def _asked_rule(asked: _Asked, rule: PlanRule, is_acting: bool) -> PlanRule:  # noqa: FBT001
        """A rule; by itself and of A, without its cap, where that tells nothing."""
        return replace(rule, cap=None) if is_acting and len(asked.known) == 1 and asked.lemma in _SIZED else rule

    def _doubts(self, asked: _Asked, space: Space, sizes: Sizes) -> Iterator[Any]:
        """What would have to be so for a lemma not to hold."""
        acting, other = (
            {
                rule_id: RuleTerms(plan, self._asked_rule(asked, rules[rule_id], is_acting), space, sizes)
                for rule_id in asked.known
                if rule_id in rules
            }
            for plan, rules, is_acting in zip((self.acting, self.other), self._rules, (True, False), strict=True)
        )
        yield from (sizes.sent >= 1, sizes.sent <= sizes.proposed, sizes.left >= 1, sizes.left <= sizes.proposed)
        yield from (rule.acting(sizes) for rule in acting.values())
        asked_of = other[asked.rule_id]
        if asked.lemma in _FIRST:
            yield asked_of.proposed[_FIRST[asked.lemma]]
            return
        yield from (rule.lets_pass for rule in other.values())
        if asked.lemma is Lemma.LEAVES_SOME:
            yield none_of(asked_of.leaves(1))
        elif asked.lemma is Lemma.SENDS_NO_LESS:
            is_clipped = self.other.lot_shares == 1 or (asked.rule_id in acting and acting[asked.rule_id].clips)
            yield from (asked_of.clips, asked_of.leaves(1))
            yield none_of(all_of((is_clipped, asked_of.leaves(sizes.sent))))
        elif asked.lemma is Lemma.QUIET_THERE:
            yield from (rule.leaves(sizes.left) for rule in other.values())
            yield from (sizes.left == sizes.sent, none_of(asked_of.left))
        else:
            is_above = asked.lemma is Lemma.QUIET_ABOVE
            yield from (sizes.left > sizes.sent if is_above else sizes.left < sizes.sent, none_of(asked_of.left))
            yield from (rule.leaves(sizes.left) for rule in other.values())
            if len(asked.known) > 1:
                of, size = (acting, sizes.sent) if is_above else (other, sizes.left)
                yield any_of(of[rule_id].is_left_at(size) for rule_id in self._clipping(0 if is_above else 1))


_SIZED = frozenset({Lemma.QUIET_ABOVE, Lemma.QUIET_BELOW})
_FIRST = {Lemma.HOLDS_NOTHING: Verdict.REVIEW, Lemma.DENIES_NOTHING: Verdict.DENY}
"""Lemmas about what is said of the order's own size, and what is not to be said."""


@dataclass(frozen=True)
class _Asked:
    """A lemma of a rule, and the rules that are taken into account."""

    lemma: Lemma
    rule_id: str
    known: tuple[str, ...]
    is_buy: bool


def _deeper(one: Level, other: Level | None) -> Level | None:
    """The level that two proofs stand on together."""
    return None if other is None else max(one, other, key=_LEVELS.index)
