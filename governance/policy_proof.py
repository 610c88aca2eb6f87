"""Whether one policy can ever let through what another stops, over all inputs: proved, or shown by one that does.

Both order plans become formulas over the same unknown inputs (`governance.proof_plans`), and z3 looks for inputs where
one acts and the other does not. The steps, from what costs least:

    1. nodes as functions of which nothing is known        no solution: proved
    2. by running, first led by the rules that differ      inputs that the engine confirms: a witness
    3. rule by rule (`governance.proof_lemmas`)            no solution for any: proved, maybe but for rounding
    4. near recorded decisions and made-up ones, solved    inputs that the engine confirms: a witness
    5. everywhere, code read as far as it is exact         no solution: proved
    6. everywhere, all code read, doubles taken as exact   no solution: proved but for rounding; a solution: as in 4

What is left is outside the fragment, which names the rules and what of their nodes could not be read, or undecided with
the effort made. Comparisons of doubles are exact at every step: doubles keep their order among the reals. Only step 6,
and step 3 where it says so, takes sums and quotients of doubles as exact: the proof says that it is one over the reals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any

import z3

from dataflows.engine.compile import Generation
from dataflows.engine.decision import Decision
from dataflows.engine.plan import PROPOSED_SIZE, REDUCES_RISK, NodeKind, Plan, PlanRule
from governance.input_bounds import Bound, input_bounds
from governance.proof_lemmas import Lemmas
from governance.proof_plans import DecisionTerms, Level, PlanTerms, Space, deciding_rules, decisive_names
from governance.proof_probes import Question, calm_inputs, probed, upstream
from governance.proof_search import searched
from governance.proof_terms import all_of
from governance.proof_witness import Base, Judge, Witness, shown, terms, within, witness
from nodes.vocabulary.errors import Fault, PolicyError
from nodes.vocabulary.verdict import Action, Verdict

DEFAULT_EFFORT, MAX_EFFORT = 1, 10
"""How hard is tried for one claim; of an effort of 1, a claim takes a few seconds. Work is counted, not time."""
MAX_BASES = 5
PRICE = "UsdPerShare"
"""The unit of prices: where they are fixed, what sizes come to is linear."""
MAX_CHECK_MS = 60_000
"""Longest that the solver is asked at once, whatever the effort: not all of its work is counted."""
_DEAR = Decimal(5_000)
"""A price at which one share is an order worth its costs."""
_COVERED = {PROPOSED_SIZE: 30, "position_shares": -5}
"""A purchase that ends a small short position and goes on."""
_SEED = 1
_EFFORTS = {Level.BARE: 10_000_000, Level.EXACT: 15_000_000, Level.REAL: 10_000_000}
_NEAR_EFFORT = 12_000_000
_PROBES, _RUNS, _SOLVED_BASES = 2_000, 6_000, 2
"""z3's units of work for each step, and runs: led by the rules that differ, and of all recorded decisions together."""


class Claim(Enum):
    """What a proof denies, of two policies.

    CANDIDATE_ALLOWS: the candidate acts where the live policy denies.
    CANDIDATE_SKIPS_REVIEW: the candidate acts where the live policy holds for a person.
    CANDIDATE_SENDS_MORE: both act, the candidate with more shares.
    LIVE_ALLOWS, LIVE_SKIPS_REVIEW, LIVE_SENDS_MORE: the same the other way round.
    """

    CANDIDATE_ALLOWS = "candidate-allows"
    CANDIDATE_SKIPS_REVIEW = "candidate-skips-review"
    CANDIDATE_SENDS_MORE = "candidate-sends-more"
    LIVE_ALLOWS = "live-allows"
    LIVE_SKIPS_REVIEW = "live-skips-review"
    LIVE_SENDS_MORE = "live-sends-more"

    @property
    def is_of_candidate(self) -> bool:
        """Whether the candidate is the one that lets more through."""
        return self.value.startswith("candidate")

    @property
    def effects(self) -> frozenset[Verdict]:
        """What a rule of the stricter policy says, if it alone is to show the claim."""
        if self in _ALLOWS:
            return frozenset({Verdict.DENY, Verdict.CLIP})
        return frozenset({Verdict.REVIEW if self in _SKIPS else Verdict.CLIP})

    def shows(self, live: Decision, candidate: Decision) -> bool:
        """Whether two decisions on the same inputs are what the claim is about."""
        one, other = (candidate, live) if self.is_of_candidate else (live, candidate)
        if one.action is not Action.ACT:
            return False
        if self in _ALLOWS:
            return other.action is Action.DENY
        if self in _SKIPS:
            return other.action is Action.HOLD
        return other.action is Action.ACT and abs(one.order_shares) > abs(other.order_shares)

    def formula(self, live: DecisionTerms, candidate: DecisionTerms) -> Any:  # noqa: ANN401  # a truth value of z3
        """The same as a formula."""
        one, other = (candidate, live) if self.is_of_candidate else (live, candidate)
        if self in _ALLOWS:
            return all_of((one.acts, other.denies))
        if self in _SKIPS:
            return all_of((one.acts, other.holds))
        return all_of((one.acts, other.acts, one.shares > other.shares))


_ALLOWS = frozenset({Claim.CANDIDATE_ALLOWS, Claim.LIVE_ALLOWS})
_SKIPS = frozenset({Claim.CANDIDATE_SKIPS_REVIEW, Claim.LIVE_SKIPS_REVIEW})


class State(Enum):
    """What became of a claim.

    PROVED: it cannot be, for any inputs within the bounds.
    WITNESS: it is so for the inputs that are shown.
    OUTSIDE: neither; some rules read nodes that are no formulas here.
    UNDECIDED: neither with the effort made.
    """

    PROVED = "proved"
    WITNESS = "witness"
    OUTSIDE = "outside"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Unread:
    """A node that a rule reads and that is no formula here."""

    rule_id: str
    node: str
    why: str


@dataclass(frozen=True)
class Answer:
    """What was found of one claim.

    Attributes:
        claim: which.
        state: what became of it.
        is_exact: for a proof, whether it holds for doubles as they round; else it is one over the reals.
        witness: inputs that show it, confirmed by running both policies.
        unread: for a claim that is outside, which rules and why.
    """

    claim: Claim
    state: State
    is_exact: bool = False
    witness: Witness | None = None
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True)
class ProofReport:
    """What was found of two policies.

    Attributes:
        live_digest: of the policy that runs.
        candidate_digest: of the other.
        rules: ids of the rules that decide otherwise, or are in one alone.
        answers: one for each claim that was asked about.
        bounds: what inputs were taken to be; each may also be unknown.
    """

    live_digest: bytes
    candidate_digest: bytes
    rules: tuple[str, ...]
    answers: tuple[Answer, ...]
    bounds: Mapping[str, Bound]


def policy_proof(
    live: Generation,
    candidate: Generation,
    claims: Sequence[Claim] = tuple(Claim),
    bases: Sequence[Base] = (),
    effort: int = DEFAULT_EFFORT,
) -> ProofReport:
    """What can be said of two policies for all inputs.

    Args:
        live: the policy that runs.
        candidate: the one that may come.
        claims: what is asked.
        bases: recorded decisions that a witness may start from, the likeliest first.
        effort: how hard is tried for each claim.

    Raises:
        PolicyError: the two are of different strategies, which decide on different inputs.
    """
    if live.policy.strategy != candidate.policy.strategy:
        what = f"strategy was {candidate.policy.strategy}, expected {live.policy.strategy} as the other policy has it"
        raise PolicyError([Fault(candidate.policy.family, 1, 1, what, "compare policies of one strategy")])
    comparison = _Comparison(
        live.order, candidate.order, input_bounds(live) | input_bounds(candidate), bases[:MAX_BASES]
    )
    answers = tuple(comparison.answer(claim, effort) for claim in claims)
    return ProofReport(live.policy_digest, candidate.policy_digest, comparison.rules, answers, comparison.used_bounds)


@dataclass
class _Comparison:
    """Two plans over the same inputs."""

    live: Plan
    candidate: Plan
    bounds: Mapping[str, Bound]
    bases: Sequence[Base]
    rules: tuple[str, ...] = ()
    _lemmas: dict[bool, Lemmas] = field(default_factory=dict)
    _everywhere: dict[Level, tuple[Space, DecisionTerms, DecisionTerms]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._judge = Judge(self.live, self.candidate)
        self._decisive = decisive_names(self.live) | decisive_names(self.candidate)
        self.rules = _differing(self.live, self.candidate)
        self._concerned = _inputs_of(self.rules, self.live, self.candidate)

    @property
    def used_bounds(self) -> dict[str, Bound]:
        """The bounds of inputs that the decisions rest on."""
        return {name: bound for name, bound in self.bounds.items() if name in self._decisive}

    def answer(self, claim: Claim, effort: int) -> Answer:
        """What is found of a claim with so much effort."""
        if self._solved(claim, Level.BARE, effort)[0] == z3.unsat:
            return Answer(claim, State.PROVED, is_exact=True)
        found = self._probed(claim, effort)
        level = None if found else self._excluded(claim, effort)
        if level is not None:
            return Answer(claim, State.PROVED, is_exact=level is not Level.REAL)
        found = found or self._near(claim, effort)
        if found is not None:
            return Answer(claim, State.WITNESS, witness=found)
        if self._solved(claim, Level.EXACT, effort)[0] == z3.unsat:
            return Answer(claim, State.PROVED, is_exact=True)
        return self._over_reals(claim, effort)

    def _over_reals(self, claim: Claim, effort: int) -> Answer:
        """What is found where doubles are taken as exact."""
        outcome, solver, space = self._solved(claim, Level.REAL, effort)
        if outcome == z3.unsat:
            return Answer(claim, State.PROVED)
        found = witness(solver, space.inputs, self._judge, None, claim.shows) if outcome == z3.sat else None
        if found is not None:
            return Answer(claim, State.WITNESS, witness=found)
        unread = self._unread(space)
        return Answer(claim, State.OUTSIDE if unread else State.UNDECIDED, unread=unread)

    def _excluded(self, claim: Claim, effort: int) -> Level | None:
        """At which level a claim is proved not to be, rule by rule; None where it is not."""
        plans = (self.candidate, self.live) if claim.is_of_candidate else (self.live, self.candidate)
        if claim.is_of_candidate not in self._lemmas:
            self._lemmas[claim.is_of_candidate] = Lemmas(*plans, frozenset(self.rules), self._judge, self.bounds)
        lemmas = self._lemmas[claim.is_of_candidate]
        if claim in _SKIPS:
            return lemmas.nothing_held(effort)
        return lemmas.nothing_denied(effort) if claim in _ALLOWS else lemmas.nothing_smaller(effort)

    def _solved(self, claim: Claim, level: Level, effort: int) -> tuple[Any, z3.Solver, Space]:
        """What the solver says of a claim over all inputs, how much is known of nodes being a matter of level."""
        if level not in self._everywhere:
            space = Space(level, terms(self._judge, frozenset(), None))
            self._everywhere[level] = (space, *self._decisions(space))
        space, live, candidate = self._everywhere[level]
        solver = self._solver(space, claim.formula(live, candidate), effort * _EFFORTS[level])
        return solver.check(), solver, space

    def _decisions(self, space: Space) -> tuple[DecisionTerms, DecisionTerms]:
        return PlanTerms(self.live, space).decision, PlanTerms(self.candidate, space).decision

    def _solver(self, space: Space, formula: Any, n_units: int) -> z3.Solver:  # noqa: ANN401
        solver = z3.Solver()
        solver.set("rlimit", n_units)
        solver.set("timeout", MAX_CHECK_MS)
        solver.set("random_seed", _SEED)
        solver.add(*space.axioms, *space.products.axioms, *within(space.inputs, self.bounds), formula)
        return solver

    def _probed(self, claim: Claim, effort: int) -> Witness | None:
        """A witness by running: led by the rules that differ, then by trying whatever is near what was recorded."""
        stricter = self.live if claim.is_of_candidate else self.candidate
        rules = [each.rule_id for each in stricter.rules if each.rule_id in self.rules and each.effect in claim.effects]
        question = Question(rules, claim.is_of_candidate, claim.shows)
        found = probed(self._judge, self.bases, self.bounds, question, effort * _PROBES) if rules else None
        names = sorted(self._decisive & set(self._judge.units), key=lambda name: (name not in self._concerned, name))
        n_runs = effort * _RUNS // max(len(self.bases), 1)
        return found or searched(self._judge, self.bases, (names, self.bounds), claim.shows, n_runs)

    def _near(self, claim: Claim, effort: int) -> Witness | None:
        """A witness near something recorded or made up, by solving for some of the inputs."""
        return next(filter(None, (self._shown(claim, effort, *way) for way in self._ways())), None)

    def _ways(self) -> Iterator[tuple[Base, frozenset[str]]]:
        """What to start from, and what is free: amounts that the differing rules rest on, and what hangs on them.

        A product is linear where prices are fixed, and exact where one share is asked for.
        """
        calm = calm_inputs(self._judge)
        amounts = self._amounts()
        prices = {name for name, unit in self._judge.units.items() if unit.name == PRICE}
        sides = {PROPOSED_SIZE, *self._sides()}
        yield from ((base, self._concerned) for base in self.bases[:_SOLVED_BASES])
        yield Base("", {**calm, **dict.fromkeys(prices, _DEAR), PROPOSED_SIZE: 1}), amounts - prices - sides
        yield Base("", {**calm, **_COVERED}), amounts - prices - sides
        yield Base("", {**calm, PROPOSED_SIZE: 1}), amounts - {PROPOSED_SIZE}

    def _sides(self) -> tuple[str, ...]:
        """What tells whether an order takes risk back."""
        return next((node.arguments for node in self.live.nodes if node.name == REDUCES_RISK), ())

    def _amounts(self) -> frozenset[str]:
        """Whole numbers and decimals of the differing rules, of the side of risk, and of rules that share one."""
        plan = self.live
        units = self._judge.units
        amounts = {
            name
            for name in self._concerned.union(self._sides())
            if name in units and units[name].base in (int, Decimal)
        }
        found = set(amounts)
        for rule in deciding_rules(plan):
            read = upstream(plan, rule) & units.keys()
            if read & amounts and PROPOSED_SIZE not in read and not plan.node(rule.node).is_sized:
                found |= {name for name in read if units[name].base in (int, Decimal)}
        return frozenset(found)

    def _shown(self, claim: Claim, effort: int, base: Base, free: frozenset[str]) -> Witness | None:
        """A witness that the solver finds where some inputs are free and the others are as in a base."""
        space = Space(Level.REAL, terms(self._judge, free, base))
        formula = claim.formula(*self._decisions(space))
        if formula is False:
            return None
        solver = self._solver(space, formula, effort * _NEAR_EFFORT)
        if solver.check() != z3.sat:
            return None
        found = witness(solver, space.inputs, self._judge, base, claim.shows)
        return found if found is None or base.name else shown(found.inputs, self._judge, None)

    def _unread(self, space: Space) -> tuple[Unread, ...]:
        """Which rules read nodes that could not be read, in either plan."""
        found: dict[tuple[str, str], Unread] = {}
        for plan in (self.live, self.candidate):
            for rule in deciding_rules(plan):
                for name in sorted(upstream(plan, rule) & set(space.unread)):
                    found.setdefault((rule.rule_id, name), Unread(rule.rule_id, name, space.unread[name]))
        return tuple(found.values())


def _differing(live: Plan, candidate: Plan) -> tuple[str, ...]:
    """Ids of the rules that are not in both, or not alike down to the code and constants that they rest on."""
    one, other = ({rule.rule_id: _signature(plan, rule) for rule in plan.rules} for plan in (live, candidate))
    return tuple(sorted(rule_id for rule_id in one.keys() | other.keys() if one.get(rule_id) != other.get(rule_id)))


def _signature(plan: Plan, rule: PlanRule) -> Any:  # noqa: ANN401
    nodes = sorted(upstream(plan, rule))
    parts = tuple((name, plan.node(name).code_digest, repr(plan.node(name).value)) for name in nodes)
    return rule.effect, rule.cap, rule.on_unknown_warns, rule.skips_reducing, plan.lot_shares, parts


def _inputs_of(rules: Sequence[str], *plans: Plan) -> frozenset[str]:
    """The inputs that some rules rest on, and the size of the order."""
    found = {PROPOSED_SIZE}
    for plan in plans:
        inputs = {node.name for node in plan.nodes if node.kind is NodeKind.INPUT}
        for rule in plan.rules:
            if rule.rule_id in rules:
                found |= upstream(plan, rule) & inputs
    return frozenset(found)
