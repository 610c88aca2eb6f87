"""SGN-02: beginner and expert read the same numbers; beginner texts are easy to read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from adapters.lake.lake import Lake
from api.http.schemas.signal_words import (
    View,
    change_text,
    let_be_text,
    nearest_margin,
    number_text,
    phrase,
    pick_margins,
    pick_text,
    plan_text,
    unit_name,
)
from api.use_cases.signal_plan import Pick, Reason, SignalPlan
from api.use_cases.signal_sources import Source, State
from governance.gate_counterfactual import GateChange
from tests.api.use_cases.services import service_at
from tests.api.use_cases.signal_plans import told
from tests.reading_grade import reading_grade

MAX_GRADE = 8.0
"""Reading grade of whoever left school at fourteen: what plain-language guides ask of texts for everybody."""
POLICIES = Path(__file__).parents[4] / "policies"
_NUMBER = re.compile(r"[-+]?\$?[-+]?\d[\d,]*(?:\.\d+)?(?: %| bps)?")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[SignalPlan]:
    with service_at(tmp_path_factory.mktemp("words") / "home", http_lake) as service:
        yield told(service)


@pytest.fixture(scope="module")
def pick(plan: SignalPlan) -> Pick:
    found = plan.pick("AAPL")
    assert found is not None
    return found


def with_numbers(pick: Pick, **changes: Any) -> Pick:
    return replace(pick, numbers={**pick.numbers, **changes})


def plain_texts() -> list[tuple[str, str]]:
    """What each shipped rule says to a beginner."""
    found = [(file, yaml.safe_load(file.read_text(encoding="utf-8"))) for file in sorted(POLICIES.rglob("v*.yaml"))]
    return [
        (f"{file.parent.name} {rule['id']}", rule["plain"])
        for file, content in found
        for rule in content.get("rules") or ()
        if isinstance(rule, dict) and "plain" in rule
    ]


def test_what_rules_say_to_beginners_is_easy_to_read() -> None:
    found = plain_texts()
    assert len(found) > 100
    assert not [name for name, text in found if reading_grade(text) > MAX_GRADE]


def test_what_beginners_read_is_easy_to_read(plan: SignalPlan) -> None:
    """SGN-02: beginner text readability grade."""
    texts = [plan_text(plan, View.BEGINNER), let_be_text("IBM")]
    texts += [pick_text(each, View.BEGINNER) for each in plan.picks]
    for text in texts:
        assert reading_grade(text) <= MAX_GRADE, text


def test_a_beginner_reads_what_why_the_risk_in_money_and_what_would_change_it(pick: Pick) -> None:
    assert pick_text(pick, View.BEGINNER) == (
        "Buy 419 shares of AAPL: its price did better than the rest and its forecast beats the rest. "
        "On a bad day it could lose $8,464.86. "
        "The order is worth too much for one go. We send a smaller part of it. "
        "We drop it if how well its reasons hold up goes under 50.00 %: it is 61.25 % now."
    )


def test_an_expert_reads_weights_scores_costs_and_guardrails(pick: Pick) -> None:
    text = pick_text(pick, View.EXPERT)
    for part in ("target_weight_frac 23.05 %", "conviction_score +0.356", "beta_frac 134.52 %", "momentum_frac +0.670"):
        assert part in text
    assert "Guardrails: clip, 273 shares may be sent, expected cost 21.3 bps. order of 230,044 USD" in text


def test_no_number_differs_between_the_views(plan: SignalPlan) -> None:
    """SGN-02: every number of a text is one of the pick's, or of a rule's limit, written alike."""
    for each in plan.picks:
        known = {number_text(name, value) for name, value in each.numbers.items()}
        known |= {f"{abs(value):,}" for value in each.numbers.values() if isinstance(value, int)}
        known |= {number_text(margin.operand, margin.limit_value) for margin in pick_margins(each)}
        said = {found.strip() for found in _NUMBER.findall(pick_text(each, View.BEGINNER))}
        assert said <= known


def test_orders_are_put_into_words(pick: Pick) -> None:
    held = {"position_shares": 1}
    orders = {-200: "Sell 200 shares of AAPL", 1: "Buy 1 share of AAPL", 0: "Keep your 1 share of AAPL"}
    for order, words in orders.items():
        assert pick_text(with_numbers(pick, candidate_order_shares=order, **held), View.BEGINNER).startswith(words)
    waits = with_numbers(pick, candidate_order_shares=0, position_shares=0)
    assert pick_text(waits, View.BEGINNER).startswith("Wait with AAPL")
    unknown = with_numbers(pick, candidate_order_shares=None)
    assert pick_text(unknown, View.BEGINNER).startswith("We cannot tell yet what to do with AAPL")


def test_risk_that_is_not_known_is_not_nothing(pick: Pick) -> None:
    text = pick_text(with_numbers(pick, bad_day_loss_usd=None), View.BEGINNER)
    assert "We do not know what it can lose in a day." in text
    leaves = pick_text(with_numbers(pick, target_weight_frac=0.0), View.BEGINNER)
    assert "bad day" not in leaves


@pytest.mark.parametrize(
    ("name", "is_high", "words"),
    [
        ("volatility_frac", False, "its price is calmer than the rest"),
        ("tone_score", True, "the news on it is good"),
        ("momentum_frac", True, "its price did better than the rest"),  # it may have fallen: the others fell more
        ("drawdown_frac", False, "it is nearer its best price than the rest"),
        ("net_issuance_frac", True, "its net issuance is high"),
        ("rating", False, "its rating is low"),
    ],
)
def test_reasons_are_put_into_words(name: str, words: str, *, is_high: bool) -> None:
    assert phrase(Reason(name, 0.1, 0.1, 0.1, is_cited=True, is_high=is_high)) == words


def test_a_pick_without_reasons_or_order_is_told_without_them(pick: Pick) -> None:
    bare = replace(pick, reasons=(), preview=None)
    assert pick_text(bare, View.BEGINNER).startswith("Buy 419 shares of AAPL. On a bad day")
    assert "Reasons: none." in pick_text(bare, View.EXPERT)


def test_the_nearest_limit_is_that_with_the_least_room(pick: Pick) -> None:
    found = nearest_margin(pick)
    assert found is not None
    assert (found.operand, found.limit_value) == ("fitness_frac", 0.5)
    assert {margin.operand for margin in pick_margins(pick)} >= {"fitness_frac", "bad_day_loss_frac", "known_frac"}


def test_a_limit_at_which_somebody_is_asked_is_none_at_which_a_share_is_dropped(pick: Pick) -> None:
    """`bad-day` asks for a review: the pick is shown all the same, whatever is left of its limit."""
    close = replace(
        pick, gate=msgspec.structs.replace(pick.gate, values={**pick.gate.values, "bad_day_loss_frac": 0.01999})
    )
    assert "We drop it if how well its reasons hold up" in pick_text(close, View.BEGINNER)


def test_a_pick_that_only_takes_risk_back_is_not_said_to_be_dropped_at_limits_that_do_not_hold_it(pick: Pick) -> None:
    lowering = replace(pick, gate=msgspec.structs.replace(pick.gate, values={**pick.gate.values, "is_lowering": True}))
    assert nearest_margin(lowering) is None
    assert "We drop it" not in pick_text(lowering, View.BEGINNER)


@pytest.mark.parametrize(
    ("change", "beginner"),
    [
        (
            ("composite_score", "Score", 0.1, -0.2, -0.1, "not selected"),
            "It would leave the plan if its score fell under",
        ),
        (
            ("composite_score", "Score", 0.1, 0.2, 0.1, "selected"),
            "It would join the plan if its score rose to +0.200.",
        ),
        (
            ("bar_age_sessions", "Sessions", 0, 1, 0, "deny"),
            "We would drop it if the age of its price rose to 1 session.",
        ),
        (("fitness_frac", "Frac", 0.3, 0.5, 0.4, "pass"), "We would show it if how well its reasons hold up rose to"),
        (("next_event_sessions", "Sessions", 9, 2, 3, "deny"), "We would drop it if the time to its results fell to 2"),
        (("other_frac", "Frac", 0.1, 0.2, 0.1, "pass"), "It would change if other were 20.00 %."),
    ],
)
def test_changes_are_put_into_words(change: tuple[Any, ...], beginner: str) -> None:
    name, unit, recorded, needed, fails_at, verdict = change
    found = GateChange(name, unit, recorded, needed, fails_at, verdict, "act")
    assert change_text(found, View.BEGINNER).startswith(beginner)
    assert change_text(found, View.EXPERT).startswith(f"{change[0]} ")


def test_neighbours_that_look_alike_are_told_apart() -> None:
    change = GateChange("fitness_frac", "Frac", 0.8, 0.49999999999999994, 0.5, "deny", "deny")
    assert change_text(change, View.EXPERT) == "fitness_frac 80.00 % -> 0.49999999999999994 (not yet at 0.5): deny"


def test_a_plan_says_how_much_it_shows_and_what_it_lacks(plan: SignalPlan) -> None:
    """SGN-01: degraded plan with reason."""
    beginner = plan_text(plan, View.BEGINNER)
    assert beginner.startswith("Today's plan shows 2 shares. We hold back 1.")
    assert "We do not know today: what the news says, when firms tell their results and if trade" in beginner
    expert = plan_text(plan, View.EXPERT)
    assert "2 of 3 picks shown under signals-us-equities v1 and picks-us-equities v1" in expert
    assert "sentiment: the bundled data have no texts" in expert


def test_a_plan_that_lacks_nothing_says_nothing_of_that(plan: SignalPlan) -> None:
    whole = replace(plan, sources=(Source("halts", State.USED, ""),), picks=plan.picks[1:2])
    assert plan_text(whole, View.BEGINNER) == "Today's plan shows 1 share."
    assert "Missing sources: none." in plan_text(whole, View.EXPERT)


def test_a_number_without_a_unit_is_told_plainly() -> None:
    assert (unit_name("rating"), unit_name("fitness_frac")) == ("", "Frac")
