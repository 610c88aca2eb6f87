"""Witnesses near what was recorded are found by running, and moved back as far as they still show the same."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dataflows.engine.decision import Decision
from governance.input_bounds import input_bounds
from governance.policy_proof import Claim
from governance.proof_search import searched
from governance.proof_witness import Base, Judge
from nodes.vocabulary.verdict import Action
from tests.governance.proof_examples import BASE, QUIET, TIGHTER_CASH, TIGHTER_NOTIONAL, generation


@pytest.fixture(scope="module")
def cash() -> Judge:
    return Judge(generation().order, generation(TIGHTER_CASH).order)


def is_denied_now(live: Decision, candidate: Decision) -> bool:
    return live.action is Action.ACT and candidate.action is Action.DENY


def is_neither(live: Decision, candidate: Decision) -> bool:
    return live.action is Action.ACT and candidate.action is not live.action and live.order_shares == 0


def test_a_witness_is_confirmed_and_moved_back(cash: Judge) -> None:
    """ENG-08."""
    where = (["cash_usd"], input_bounds(generation()))
    found = searched(cash, (BASE,), where, is_denied_now, 200)
    assert found is not None
    assert found.base == "quiet"
    (change,) = found.changed
    just_before = {**QUIET, "cash_usd": change.value + Decimal("0.01")}
    assert is_denied_now(*cash.decisions(found.inputs))
    assert not is_denied_now(*cash.decisions(just_before))


def test_the_size_of_the_order_changes_together_with_another_input() -> None:
    judge = Judge(generation().order, generation(TIGHTER_NOTIONAL).order)
    names = ["close_price_usd", "proposed_order_shares"]
    found = searched(judge, (BASE,), (names, input_bounds(generation())), Claim.LIVE_SENDS_MORE.shows, 2_000)
    assert found is not None
    assert abs(found.live.order_shares) > abs(found.candidate.order_shares)


def test_nothing_is_found_where_nothing_is(cash: Judge) -> None:
    assert searched(cash, (BASE,), (["cash_usd"], {}), is_neither, 50) is None
    assert searched(cash, (), (["cash_usd"], {}), is_denied_now, 50) is None


def test_what_was_not_known_is_not_changed(cash: Judge) -> None:
    base = Base("unknown", {**QUIET, "cash_usd": None})
    assert searched(cash, (base,), (["cash_usd", "symbol"], {}), is_denied_now, 50) is None


def test_flags_are_turned(cash: Judge) -> None:
    def is_stopped(live: Decision, candidate: Decision) -> bool:
        return live.action is Action.DENY and candidate.action is Action.DENY

    found = searched(cash, (BASE,), (["kill_switch_is_engaged"], {}), is_stopped, 5)
    assert found is not None
    assert [(change.input, change.value) for change in found.changed] == [("kill_switch_is_engaged", True)]


def test_fractions_are_moved_back_to_the_last_double(cash: Judge) -> None:
    def is_held(live: Decision, candidate: Decision) -> bool:
        return live.action is candidate.action is Action.HOLD

    found = searched(cash, (BASE,), (["daily_return_frac"], input_bounds(generation())), is_held, 50)
    assert found is not None
    (change,) = found.changed
    assert 0.08 < change.value < 0.0800001
