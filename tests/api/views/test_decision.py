from __future__ import annotations

from typing import Any

import pytest

from api.views.decision import headline, order_words, summary
from tests.api.examples import decision_view, rules


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Cut to size: buy 5,000 AAPL"),
        ({"order_shares": 5001, "verdict": "pass"}, "Allowed: buy 5,001 AAPL"),
        ({"order_shares": 5001, "verdict": "warn"}, "Allowed with a warning: buy 5,001 AAPL"),
        ({"order_shares": 0, "verdict": "deny", "action": "deny"}, "Denied: buy 5,001 AAPL"),
        ({"order_shares": 0, "verdict": "review", "action": "hold"}, "Held for review: buy 5,001 AAPL"),
        ({"proposed_shares": -200, "order_shares": -100}, "Cut to size: sell 100 AAPL"),
    ],
)
def test_the_headline_says_what_becomes_of_the_order(changes: dict[str, Any], sentence: str) -> None:
    assert headline(decision_view(**changes)) == sentence


def test_the_summary_counts_what_the_rules_did() -> None:
    assert summary(decision_view()) == (
        "3 rules were asked: 1 cut the size, 1 warned. It was proposed as buy 5,001 AAPL."
    )


def test_the_summary_of_a_quiet_decision_says_that_none_objected() -> None:
    quiet = decision_view(rules=rules()[1:2], order_shares=5001, verdict="pass")
    assert summary(quiet) == "1 rule was asked: none objected."


def test_the_deciders_are_the_rules_that_said_something() -> None:
    assert [rule.rule_id for rule in decision_view().deciders] == ["liquidity", "spread"]


def test_an_order_of_nothing_is_said_as_nothing() -> None:
    assert order_words(0, "AAPL") == "nothing in AAPL"


def test_deciders_are_told_gravest_first() -> None:
    spread, liquidity = rules()[2], rules()[0]
    assert [rule.effect for rule in decision_view(rules=(spread, liquidity)).deciders] == ["clip", "warn"]


def test_a_clip_that_leaves_nothing_says_so() -> None:
    assert summary(decision_view(size_reason="the caps leave no whole lot to send")).endswith(
        "The caps leave no whole lot to send."
    )
