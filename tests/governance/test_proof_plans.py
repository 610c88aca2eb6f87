"""The formulas of a plan say of given inputs what the engine decides of them, at every level of reading."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import z3

from governance.input_bounds import input_bounds
from governance.proof_plans import Level, PlanTerms, Space, deciding_rules, decisive_names
from governance.proof_terms import Term, all_of, expression, none_of
from governance.proof_witness import Base, Judge, terms
from nodes.vocabulary.verdict import Action
from tests.governance.proof_examples import QUIET, generation

_N_INPUTS = {Level.BARE: 6, Level.EXACT: 5, Level.REAL: 3}


def varied(seed: int, n_inputs: int) -> Iterator[dict[str, Any]]:
    """Inputs around quiet ones, of which a few are far off or unknown."""
    rng = random.Random(seed)
    order = generation().order
    bounds = input_bounds(generation())
    names = [name for name in decisive_names(order) if name in QUIET and not isinstance(QUIET[name], str)]
    for _ in range(n_inputs):
        found = dict(QUIET)
        for name in rng.sample(sorted(names), 3):
            value = _moved(rng, found[name])
            if value is None or name not in bounds or bounds[name].holds(value):
                found[name] = value
        yield found


def _moved(rng: random.Random, value: Any) -> Any:
    if rng.random() < 0.15:
        return None
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return rng.choice([0, 1, 3, -value, value * 3, value * 30, 4_000, -1_500, 2_500_000])
    if isinstance(value, Decimal):
        return (value * Decimal(rng.choice(["0.3", "0.9", "1.2", "2"])) + rng.choice([0, 1])).quantize(Decimal("0.01"))
    return value * rng.choice([-1.0, 0.0, 0.5, 5.0, 20.0])


@pytest.mark.parametrize("level", list(Level))
def test_formulas_decide_as_the_engine_does(level: Level) -> None:
    """ENG-08: what is read too boldly would be a proof of nothing."""
    judge = Judge(generation().order, generation().order)
    space = Space(level, terms(judge, frozenset(), None))
    decision = PlanTerms(generation().order, space).decision
    for inputs in varied(7, _N_INPUTS[level]):
        engine, _ = judge.decisions(inputs)
        solver = z3.Solver()
        solver.set("rlimit", 3_000_000)
        solver.add(*space.axioms, *space.products.axioms, *pinned(space, inputs))
        acts = engine.action is Action.ACT
        said = decision.acts if acts else decision.holds if engine.action is Action.HOLD else decision.denies
        solver.add(said)
        if acts:
            solver.add(decision.shares == abs(engine.order_shares))
        assert solver.check() != z3.unsat, (level, inputs)


def pinned(space: Space, inputs: dict[str, Any]) -> Iterator[Any]:
    for name, term in space.inputs.items():
        value = inputs.get(name)
        assert isinstance(term, Term)
        yield none_of(term.known) if value is None else all_of((term.known, term.expr == expression(value)))


def test_what_is_fixed_is_computed_by_the_engine_itself() -> None:
    judge = Judge(generation().order, generation().order)
    for inputs in varied(11, 12):
        space = Space(Level.REAL, terms(judge, frozenset(), None) | _fixed(judge, inputs))
        decision = PlanTerms(generation().order, space).decision
        engine, _ = judge.decisions(inputs)
        solver = z3.Solver()
        solver.add(z3.And(expression(decision.acts)))
        assert (solver.check() == z3.sat) == (engine.action is Action.ACT), inputs


def _fixed(judge: Judge, inputs: dict[str, Any]) -> dict[str, Any]:
    return terms(judge, frozenset(), Base("fixed", inputs))


def test_rules_that_only_warn_decide_nothing() -> None:
    ids = {rule.rule_id for rule in deciding_rules(generation().order)}
    assert "cost" not in ids
    assert "expected_cost_bps" not in decisive_names(generation().order)


def test_what_code_is_not_read_is_told() -> None:
    space = Space(Level.EXACT, terms(Judge(generation().order, generation().order), frozenset(), None))
    PlanTerms(generation().order, space)
    assert space.unread == {"limit_price_usd": "moves a price by a double, which rounds"}
