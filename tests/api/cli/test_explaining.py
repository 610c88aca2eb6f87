from __future__ import annotations

from tests.api.cli.invoking import answer, invoked, json_answer


def test_why_not_tells_rules_margins_and_changes(home: str) -> None:
    decision = json_answer("decisions", "--verdict", "clip", "-n", "1", "--home", home)[0]["decision_id"]
    text = " ".join(answer("why-not", decision[:12], "--home", home).split())
    assert "spoke against it" in text
    assert "margin -" in text
    assert "proposed_order_shares" in text
    assert "(not yet at" in text
    assert "one-step and exact" in text


def test_why_not_answers_programs_with_the_same(home: str) -> None:
    decision = json_answer("decisions", "--verdict", "clip", "-n", "1", "--home", home)[0]["decision_id"]
    found = json_answer("why-not", decision, "--home", home)
    assert found["decision"]["decision_id"] == decision
    assert found["rules"][0]["changes"][0]["input"] == "proposed_order_shares"


def test_why_not_says_when_nothing_spoke(home: str) -> None:
    decision = json_answer("decisions", "--verdict", "pass", "-n", "1", "--home", home)[0]["decision_id"]
    assert "No rule spoke against this order." in answer("why-not", decision, "--home", home)


def test_explain_tells_the_plan_the_score_and_the_decision(home: str) -> None:
    text = answer("explain", "MSFT", "--home", home)
    assert "composite score" in text
    assert "momentum_frac" in text
    assert "assay why-not" in text
    found = json_answer("explain", "MSFT", "--home", home)
    assert (found["symbol"], len(found["plan_row"]["score_parts"])) == ("MSFT", 3)


def test_explain_refuses_a_symbol_or_an_instant_that_cannot_be(home: str) -> None:
    result = invoked("explain", "NONE", "--home", home)
    assert (result.exit_code, "is not in the plan of" in result.stderr) == (14, True)
    result = invoked("explain", "MSFT", "--as-of", "2026-01-01", "--home", home)
    assert (result.exit_code, "--as-of" in result.stderr) == (14, True)
