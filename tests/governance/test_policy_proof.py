"""A policy is proved not to let through what another stops, or inputs are shown for which it does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from governance.policy_proof import Answer, Claim, ProofReport, State, policy_proof
from nodes.vocabulary.errors import PolicyError
from tests.governance.proof_examples import BASE, TIGHTER_CASH, TIGHTER_DRAWDOWN, TIGHTER_NOTIONAL, generation

ALLOWS, LIVE_ALLOWS = Claim.CANDIDATE_ALLOWS, Claim.LIVE_ALLOWS


def proved(*edits: tuple[str, str], claims: tuple[Claim, ...] = (ALLOWS,), with_base: bool = True) -> ProofReport:
    return policy_proof(generation(), generation(*edits), claims, (BASE,) if with_base else ())


def answer(*edits: tuple[str, str], claim: Claim = ALLOWS, with_base: bool = True) -> Answer:
    (found,) = proved(*edits, claims=(claim,), with_base=with_base).answers
    return found


def test_a_policy_that_says_the_same_decides_the_same_for_all_inputs() -> None:
    """ENG-08: unlike words, one policy."""
    report = proved(("why: ", "why: Again. "), claims=tuple(Claim))
    assert report.rules == ()
    assert {(found.state, found.is_exact) for found in report.answers} == {(State.PROVED, True)}


def test_a_lower_limit_on_drawdown_is_proved_to_let_nothing_more_through() -> None:
    """ENG-08, over doubles as they round: comparisons alone decide it."""
    report = proved(TIGHTER_DRAWDOWN, claims=(ALLOWS, Claim.CANDIDATE_SKIPS_REVIEW))
    assert report.rules == ("drawdown",)
    assert all(found.state is State.PROVED and found.is_exact for found in report.answers)


def test_what_a_lower_limit_stops_is_shown_by_inputs_that_were_run() -> None:
    """ENG-08: a witness is run through the engine before it is shown."""
    shown = answer(TIGHTER_DRAWDOWN, claim=LIVE_ALLOWS).witness
    assert shown is not None
    assert (shown.live.action, shown.candidate.action) == ("act", "deny")
    assert [rule for rule, _ in shown.candidate.rules] == ["drawdown"]
    assert {change.input for change in shown.changed} <= {"peak_equity_usd", "equity_usd"}


def test_a_witness_is_no_further_from_what_was_recorded_than_it_must_be() -> None:
    shown = answer(TIGHTER_CASH, claim=LIVE_ALLOWS).witness
    assert shown is not None
    (change,) = shown.changed
    assert change.input == "cash_usd"
    assert shown.candidate.action == "deny"
    assert 8_000 <= change.value < 60_000


def test_a_tighter_clip_is_proved_to_send_no_more() -> None:
    """The cap is known by what it promises: the largest size for which its rule holds."""
    found = answer(TIGHTER_NOTIONAL, claim=Claim.CANDIDATE_SENDS_MORE)
    assert (found.state, found.is_exact) == (State.PROVED, True)


def test_a_rule_left_out_shows_in_what_is_let_through() -> None:
    found = answer(("require: NOT kill_switch_is_engaged\n", "require: NOT kill_switch_is_engaged OR symbol = 'X'\n"))
    assert found.witness is not None
    assert {"symbol", "kill_switch_is_engaged"} == {change.input for change in found.witness.changed}


def test_a_deny_that_becomes_a_review_is_no_act() -> None:
    edit = ("limits: {max_gap_frac: 0.06}\n    then: deny", "limits: {max_gap_frac: 0.06}\n    then: review")
    assert answer(edit).state is State.PROVED


def test_a_warning_changes_nothing_that_is_done() -> None:
    edit = ("max_expected_cost_bps: 60", "max_expected_cost_bps: 10")
    assert {found.state for found in proved(edit, claims=tuple(Claim)).answers} == {State.PROVED}


def test_policies_of_two_strategies_are_not_compared() -> None:
    live = generation()
    other = replace(live, policy=live.policy.model_copy(update={"strategy": "us-equities-stops"}))
    with pytest.raises(PolicyError, match="strategy was us-equities-stops, expected us-equities"):
        policy_proof(live, other)
