"""API-STR-09: GET /decisions/why_not/{id} tells binding checks and the minimal change to pass."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.http.serving import Served, problem_slug


@pytest.fixture(scope="module")
def denied(home: Served) -> str:
    reply = home.ordered(symbol="IBM", qty="1", account_id="second").json()
    return str(reply["decision"]["id"])


def told(home: Served, decision: str) -> dict[str, Any]:
    answer = home.get(f"/decisions/why_not/{decision}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_binding_rule_is_told_with_operands_margin_and_change(home: Served, denied: str) -> None:
    rules = {rule["rule"]: rule for rule in told(home, denied)["rules"]}
    rule = rules["minimum-size"]
    assert {each["name"] for each in rule["operands"]} == {"order_notional_usd", "min_order_notional_usd"}
    assert rule["margins"][0]["margin"]["exact"].startswith("-")
    change = rule["changes"][0]
    assert change["input"] == "proposed_order_shares"
    assert int(change["needed"]["exact"]) == int(change["fails_at"]["exact"]) + 1


def test_the_size_that_is_told_is_let_out_and_the_one_below_is_not(home: Served, denied: str) -> None:
    """The promise is kept by the server itself: the account is as it was."""
    change = next(rule for rule in told(home, denied)["rules"] if rule["rule"] == "minimum-size")["changes"][0]
    below = home.ordered(symbol="IBM", qty=change["fails_at"]["exact"], account_id="second").json()["decision"]
    assert "minimum-size" in [reason["rule"] for reason in below["reasons"]]
    enough = home.ordered(symbol="IBM", qty=change["needed"]["exact"], account_id="second").json()["decision"]
    assert "minimum-size" not in [reason["rule"] for reason in enough["reasons"]]


def test_it_is_labelled_and_writes_nothing(home: Served, denied: str) -> None:
    listed = home.get("/internal/decisions").json()["decisions"]
    assert told(home, denied)["method"].startswith("one-step and exact")
    assert home.get("/internal/decisions").json()["decisions"] == listed


def test_a_token_of_another_account_is_refused(home: Served, denied: str) -> None:
    headers = home.headers("plan:read", accounts=("paper",))
    answer = home.client.get(f"/decisions/why_not/{denied}", headers=headers)
    assert (answer.status_code, problem_slug(answer)) == (403, "forbidden")


@pytest.mark.parametrize(("name", "status"), [("nonsense", 400), ("f" * 64, 404), ("f" * 65, 400)])
def test_what_names_no_decision_is_refused(home: Served, name: str, status: int) -> None:
    assert home.get(f"/decisions/why_not/{name}").status_code == status


def test_several_inputs_are_changed_together_where_that_is_asked_for(home: Served) -> None:
    """ENG-07; an account of its own: no size is enough where another limit denies as well."""
    denied = str(home.ordered(symbol="IBM", qty="1", account_id="joint").json()["decision"]["id"])
    assert told(home, denied)["together"] is None
    together = home.get(f"/decisions/why_not/{denied}?inputs=2").json()["together"]
    assert together["action"] == "act"
    assert 1 <= len(together["parts"]) <= 2
    assert all(part["needed"] != part["fails_at"] for part in together["parts"])
    assert home.get(f"/decisions/why_not/{denied}?inputs=4").status_code == 400
