"""One limit that is a little looser is shown by inputs, with records and without, in few runs and always the same."""

from __future__ import annotations

import time

import pytest

from governance.input_bounds import input_bounds
from governance.policy_proof import Claim, State, policy_proof
from governance.proof_probes import Question, calm_inputs, probed
from governance.proof_witness import Base, Judge
from nodes.vocabulary.verdict import Action
from tests.governance.proof_examples import BASE, QUIET, TIGHTER_NOTIONAL, generation

CLIPS = {
    "notional": ("max_order_notional_usd: 150000", "max_order_notional_usd: 160000"),
    "shares": ("max_order_shares: 5000", "max_order_shares: 5250"),
    "participation": ("max_participation_frac: 0.0004", "max_participation_frac: 0.00042"),
    "single-name": ("max_weight_frac: 0.41", "max_weight_frac: 0.43"),
    "gross-exposure": ("max_gross_frac: 1.0", "max_gross_frac: 1.05"),
    "cash": ("min_cash_usd: 5000", "min_cash_usd: 4750"),
}
DENIALS = {
    "opening-gap": ("max_gap_frac: 0.06", "max_gap_frac: 0.063"),
    "minimum-price": ("min_close_price_usd: 18.00", "min_close_price_usd: 17.00"),
    "minimum-size": ("min_order_notional_usd: 2500", "min_order_notional_usd: 2400"),
}
REVIEWS = {"split-day": ("max_close_move_frac: 0.3", "max_close_move_frac: 0.32")}
LOOSER = [
    (claim, rule_id, edit)
    for claim, edits in (
        (Claim.CANDIDATE_SENDS_MORE, CLIPS),
        (Claim.CANDIDATE_ALLOWS, DENIALS),
        (Claim.CANDIDATE_SKIPS_REVIEW, REVIEWS),
    )
    for rule_id, edit in edits.items()
]
MOST_S = 2.0


@pytest.mark.parametrize(("claim", "rule_id", "edit"), LOOSER[: len(CLIPS)], ids=list(CLIPS))
def test_one_looser_clip_is_shown_at_once(claim: Claim, rule_id: str, edit: tuple[str, str]) -> None:
    """ENG-08: a witness is run through the engine before it is shown."""
    live, candidate = generation(), generation(edit)
    begun_s = time.process_time()
    report = policy_proof(live, candidate, (claim,), (BASE,))
    assert time.process_time() - begun_s < MOST_S
    (answer,) = report.answers
    assert (report.rules, answer.state) == ((rule_id,), State.WITNESS)
    assert answer.witness is not None
    assert claim.shows(*Judge(live.order, candidate.order).decisions(answer.witness.inputs))
    assert answer.witness.base == BASE.name
    assert len(answer.witness.changed) <= 3


@pytest.mark.parametrize(("claim", "rule_id", "edit"), LOOSER, ids=[rule_id for _, rule_id, _ in LOOSER])
def test_one_looser_limit_is_shown_where_nothing_is_recorded(claim: Claim, rule_id: str, edit: tuple[str, str]) -> None:
    judge = Judge(generation().order, generation(edit).order)
    question = Question((rule_id,), is_of_candidate=True, shows=claim.shows)
    found = probed(judge, (), input_bounds(generation()), question, 2_000)
    assert found is not None
    assert claim.shows(*judge.decisions(found.inputs))
    assert (found.base, found.changed) == ("", ())


def test_the_same_question_has_the_same_answer() -> None:
    judge = Judge(generation().order, generation(CLIPS["shares"]).order)
    question = Question(("shares",), is_of_candidate=True, shows=Claim.CANDIDATE_SENDS_MORE.shows)
    found = [probed(judge, (BASE,), input_bounds(generation()), question, 2_000) for _ in range(2)]
    assert found[0] is not None
    assert found[0] == found[1]


def test_a_tighter_limit_is_no_witness_and_runs_are_counted() -> None:
    judge = Judge(generation().order, generation(TIGHTER_NOTIONAL).order)
    n_asked = 0

    def sends_more(live: object, candidate: object) -> bool:
        nonlocal n_asked
        n_asked += 1
        return Claim.CANDIDATE_SENDS_MORE.shows(live, candidate)  # type: ignore[arg-type]

    question = Question(("notional",), is_of_candidate=True, shows=sends_more)
    assert probed(judge, (BASE,), input_bounds(generation()), question, 200) is None
    assert n_asked <= 200


def test_what_was_unknown_is_made_up_where_a_rule_needs_it() -> None:
    judge = Judge(generation().order, generation(CLIPS["cash"]).order)
    question = Question(("cash",), is_of_candidate=True, shows=Claim.CANDIDATE_SENDS_MORE.shows)
    base = Base("unknown", {**QUIET, "daily_return_frac": None})
    found = probed(judge, (base,), input_bounds(generation()), question, 2_000)
    assert found is not None
    assert found.base == "unknown"
    assert {change.input for change in found.changed} == {"cash_usd", "daily_return_frac"}


def test_the_calm_day_passes_every_rule() -> None:
    judge = Judge(generation().order, generation().order)
    live, _ = judge.decisions(calm_inputs(judge))
    assert (live.action, live.order_shares) == (Action.ACT, 100)
    assert not live.failed
