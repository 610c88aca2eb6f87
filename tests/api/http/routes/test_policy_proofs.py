"""ENG-08: a proof is asked for over HTTP, and answered with what was proved, shown or left open."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.http.serving import Served, problem_slug

PATH = "/internal/policy/proofs"


@pytest.fixture(scope="module")
def told(home: Served) -> dict[str, Any]:
    """Of a policy that stops trading at a smaller loss, asked of a child process once."""
    text = home.settings.policy.read_text(encoding="utf-8")
    tighter = text.replace("max_account_drawdown_frac: 0.30", "max_account_drawdown_frac: 0.25")
    claims = ["candidate-allows", "candidate-skips-review"]
    response = home.post(PATH, json={"text": tighter, "file": "v2.yaml", "claims": claims})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_a_stricter_policy_is_proved_to_let_nothing_more_through(told: dict[str, Any]) -> None:
    assert told["rules"] == ["drawdown"]
    assert [(answer["state"], answer["is_exact"]) for answer in told["answers"]] == [("proved", True)] * 2
    assert told["answers"][0]["says"] == "Proved: for no inputs the candidate acts where the live policy denies."


def test_what_inputs_were_taken_to_be_is_told(told: dict[str, Any]) -> None:
    bounds = {bound["input"]: bound for bound in told["bounds"]}
    assert bounds["daily_return_frac"]["source"] == "contract"
    assert bounds["orders_today_count"]["low"]["exact"] == "0"


def test_a_policy_with_faults_is_refused_with_each_of_them(home: Served) -> None:
    response = home.post(PATH, json={"text": "policy: us-equities\nversion: none\n"})
    assert problem_slug(response) == "policy-faults"


def test_a_policy_that_never_ran_is_not_compared_with(home: Served) -> None:
    text = home.settings.policy.read_text(encoding="utf-8")
    response = home.post(PATH, json={"text": text, "against": "f" * 64})
    assert (response.status_code, problem_slug(response)) == (404, "not-found")


@pytest.mark.parametrize(
    "more", [{"effort": 0}, {"effort": 11}, {"claims": []}, {"claims": ["all"]}, {"against": "xyz"}]
)
def test_what_cannot_be_asked_is_refused(home: Served, more: dict[str, Any]) -> None:
    assert home.post(PATH, json={"text": "x", **more}).status_code == 400


def test_a_proof_is_for_those_who_may_propose(home: Served) -> None:
    response = home.client.post(PATH, json={"text": "x"}, headers=home.headers("plan:read"))
    assert (response.status_code, problem_slug(response)) == (403, "forbidden")
