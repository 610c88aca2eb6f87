"""Proofs rule by rule: what they prove is never contradicted by a run, and what is not so they leave open."""

from __future__ import annotations

import random
from functools import lru_cache

import pytest

from governance.input_bounds import input_bounds
from governance.policy_proof import Claim
from governance.proof_lemmas import Lemma, Lemmas, Sizes
from governance.proof_plans import Level
from governance.proof_witness import Judge
from tests.governance.proof_examples import TIGHTER_CASH, TIGHTER_DRAWDOWN, TIGHTER_NOTIONAL, generation
from tests.governance.test_proof_plans import varied

EDITS = {
    "shares": ("max_order_shares: 5000", "max_order_shares: 700"),
    "notional": TIGHTER_NOTIONAL,
    "participation": ("max_participation_frac: 0.0004", "max_participation_frac: 0.00002"),
    "single-name": ("max_weight_frac: 0.41", "max_weight_frac: 0.03"),
    "cash": TIGHTER_CASH,
    "drawdown": TIGHTER_DRAWDOWN,
    "daily-move": ("max_daily_move_frac: 0.08", "max_daily_move_frac: 0.01"),
}
_N_RUNS = 80


@lru_cache
def lemmas(edit: tuple[str, str], rule_id: str, *, is_tighter_acting: bool) -> Lemmas:
    plans = generation(edit).order, generation().order
    acting, other = plans if is_tighter_acting else plans[::-1]
    return Lemmas(acting, other, frozenset({rule_id}), Judge(other, acting), input_bounds(generation()))


def excluded(found: Lemmas, *, is_tighter_acting: bool) -> list[Claim]:
    """The claims of what A, as the candidate, lets through and B does not, that cheap lemmas rule out."""
    claims = [Claim.CANDIDATE_SKIPS_REVIEW] if found.nothing_held(1) else []
    if is_tighter_acting and found.nothing_smaller(1):
        claims.append(Claim.CANDIDATE_SENDS_MORE)
    return claims


@pytest.mark.parametrize("is_tighter_acting", [True, False])
@pytest.mark.parametrize("rule_id", EDITS)
def test_no_run_shows_what_was_proved_not_to_be(rule_id: str, *, is_tighter_acting: bool) -> None:
    """ENG-08: limits far tighter, so that most orders tell the policies apart."""
    found = lemmas(EDITS[rule_id], rule_id, is_tighter_acting=is_tighter_acting)
    claims = excluded(found, is_tighter_acting=is_tighter_acting)
    assert len(claims) == (2 if is_tighter_acting else 0 if rule_id == "daily-move" else 1)
    rng = random.Random(rule_id)
    for inputs in varied(rng.randrange(10**6), _N_RUNS):
        inputs["proposed_order_shares"] = rng.choice([1, -1]) * rng.randrange(1, 12_000)
        other, acting = found.judge.decisions(inputs)
        assert not any(claim.shows(other, acting) for claim in claims), inputs


def test_a_tighter_denial_is_proved_by_what_its_rule_says_alone() -> None:
    found = lemmas(TIGHTER_DRAWDOWN, "drawdown", is_tighter_acting=True)
    assert (found.nothing_denied(1), found.nothing_held(1), found.nothing_smaller(1)) == (Level.BARE,) * 3
    assert lemmas(TIGHTER_DRAWDOWN, "drawdown", is_tighter_acting=False).nothing_denied(1) is None


def test_a_rule_that_is_quiet_at_two_sizes_is_quiet_between() -> None:
    """What an order is judged by turns once as it grows, whether it reduces risk included."""
    found = lemmas(TIGHTER_NOTIONAL, "notional", is_tighter_acting=True)
    said = {rule: found.settled(Lemma.QUIET_ABOVE, rule, 1) for rule in ("short-sale", "single-name", "automation")}
    assert said == dict.fromkeys(said, Level.EXACT)


def test_lots_of_unlike_size_prove_nothing_about_sizes() -> None:
    edit = ("lot_shares: 1\n", "lot_shares: 100\n")
    found = lemmas(edit, "shares", is_tighter_acting=True)
    assert (found.nothing_smaller(1), found.nothing_denied(1)) == (None, None)


def test_a_size_has_the_side_of_its_order() -> None:
    sizes = Sizes(3, 2, 1, is_buy=False)
    assert (sizes.signed(sizes.sent).expr, sizes.signed(sizes.sent).known) == (-2, True)
