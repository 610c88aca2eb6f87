"""A solver's model becomes inputs that people can read, and only those that the engine confirms are shown."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
import z3

from dataflows.engine.decision import Decision
from governance.input_bounds import Bound
from governance.proof_witness import Judge, ruling, terms, within, witness
from nodes.vocabulary.verdict import Action
from tests.governance.proof_examples import BASE, QUIET, generation


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(generation().order, generation().order)


def is_denied(live: Decision, candidate: Decision) -> bool:
    return live.action is candidate.action is Action.DENY


def solver_of(judge: Judge, *free: str) -> tuple[z3.Solver, dict[str, object]]:
    solver = z3.Solver()
    return solver, terms(judge, frozenset(free), BASE)


def test_a_model_is_moved_to_short_numbers(judge: Judge) -> None:
    solver, inputs = solver_of(judge, "overnight_gap_frac", "close_price_usd", "bar_age_sessions")
    gap, price = z3.Real("overnight_gap_frac"), z3.Real("close_price_usd")
    solver.add(z3.Bool("overnight_gap_frac is known"), gap > z3.Q(6, 100) + z3.Q(1, 10**6), gap < 1)
    solver.add(z3.Bool("close_price_usd is known"), price == z3.Q(*Fraction("49.9901").as_integer_ratio()))
    assert solver.check() == z3.sat
    found = witness(solver, inputs, judge, BASE, is_denied)
    assert found is not None
    changed = {change.input: change.value for change in found.changed}
    assert changed["close_price_usd"] == Decimal("49.9901")
    assert len(str(changed["overnight_gap_frac"])) < 8
    assert "bar_age_sessions" not in changed
    assert found.live.rules[0][0] == "opening-gap"


def test_what_the_engine_does_not_confirm_is_no_witness(judge: Judge) -> None:
    """ENG-08: a witness is run before it is shown."""
    solver, inputs = solver_of(judge, "orders_today_count")
    count = z3.Int("orders_today_count")
    solver.add(z3.Bool("orders_today_count is known"), count >= 0, count <= 1)
    assert solver.check() == z3.sat
    assert witness(solver, inputs, judge, BASE, is_denied) is None


def test_what_must_not_be_known_is_unknown(judge: Judge) -> None:
    solver, inputs = solver_of(judge, "orders_today_count")
    solver.add(z3.Not(z3.Bool("orders_today_count is known")))
    assert solver.check() == z3.sat
    found = witness(solver, inputs, judge, BASE, is_denied)
    assert found is not None
    assert [(change.input, change.recorded, change.value) for change in found.changed] == [
        ("orders_today_count", 0, None)
    ]


def test_flags_and_texts_are_read_off_a_model(judge: Judge) -> None:
    solver, inputs = solver_of(judge, "kill_switch_is_engaged", "symbol")
    solver.add(z3.Bool("kill_switch_is_engaged is known"), z3.Bool("kill_switch_is_engaged"))
    solver.add(z3.Bool("symbol is known"), z3.Int("symbol") == 5)
    assert solver.check() == z3.sat
    found = witness(solver, inputs, judge, BASE, is_denied)
    assert found is not None
    assert {change.input: change.value for change in found.changed}["kill_switch_is_engaged"] is True


def test_without_a_record_everything_is_the_model_s(judge: Judge) -> None:
    solver = z3.Solver()
    inputs = terms(judge, frozenset(), None)
    assert solver.check() == z3.sat
    found = witness(solver, inputs, judge, None, is_denied)
    assert found is not None
    assert (found.base, found.changed) == ("", ())


def test_bounds_hold_what_they_bound(judge: Judge) -> None:
    inputs = terms(judge, frozenset({"adv_shares", "position_shares"}), BASE)
    bounds = {"adv_shares": Bound(0, 10, "contract"), "cash_usd": Bound(0, 1, "unit")}
    assert len(list(within(inputs, bounds))) == 2


def test_a_ruling_names_what_spoke(judge: Judge) -> None:
    live, _ = judge.decisions({**QUIET, "bar_age_sessions": 3})
    assert ruling(live).action == "deny"
    assert ruling(live).rules[0][0] == "stale-bar"
    assert judge.likely({**QUIET, "bar_age_sessions": 3})[0].action is Action.DENY
