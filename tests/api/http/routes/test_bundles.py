"""What an auditor takes away over HTTP: a bundle that proves itself, whole or redacted, and OpenLineage events."""

from __future__ import annotations

import pytest

from tests.api.http.serving import Served, problem_slug
from tests.governance.bundle_examples import verifier

PATH = "/internal/decisions"


@pytest.fixture(scope="module")
def decision_id(home: Served) -> str:
    placed = home.ordered(account_id="tagged").json()
    return str(placed["decision"]["id"])


def _vkey(home: Served) -> str:
    return str(home.get("/internal/log").json()["verifier_key"])


def test_a_bundle_is_a_file_that_proves_itself_soon_after_the_decision(home: Served, decision_id: str) -> None:
    """ENG-09: a checkpoint that covers the decision is signed on demand."""
    response = home.get(f"{PATH}/{decision_id}/bundle")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["content-disposition"] == f'attachment; filename="bundle-{decision_id[:12]}.html"'
    lines = verifier().told(verifier().Bundle(response.content, _vkey(home)), with_values=False)
    assert f"decision_id: {decision_id}" in lines


def test_redacted_names_are_in_no_form_in_the_file_and_the_proof_holds(home: Served, decision_id: str) -> None:
    """ENG-10."""
    whole = home.get(f"{PATH}/{decision_id}/bundle").text
    response = home.get(f"{PATH}/{decision_id}/bundle", params={"redact": ["volatility_frac", "expected_cost_usd"]})
    assert response.headers["content-disposition"].endswith('-redacted.html"')
    lines = verifier().told(verifier().Bundle(response.content, _vkey(home)), with_values=True)
    assert "us-equities-order, pass 0, volatility_frac = masked" in lines
    (value,) = (
        line.partition(" = ")[2]
        for line in verifier().told(verifier().Bundle(whole.encode(), _vkey(home)), with_values=True)
        if line.startswith("us-equities-order, pass 0, volatility_frac = ")
    )
    assert value in whole
    assert value not in response.text


@pytest.mark.parametrize(
    ("name", "why"),
    [("symbol", "the decision's own entry says it"), ("nothing\x00", "is no node"), ("max_order_shares", "policy")],
)
def test_what_cannot_be_masked_is_a_problem(home: Served, decision_id: str, name: str, why: str) -> None:
    response = home.get(f"{PATH}/{decision_id}/bundle", params={"redact": name})
    assert problem_slug(response) == "invalid"
    assert why in response.json()["detail"]


def test_a_token_of_another_account_gets_neither(home: Served, decision_id: str) -> None:
    headers = home.headers("audit:read", accounts=("hidden",))
    for what in ("bundle", "openlineage"):
        assert problem_slug(home.client.get(f"{PATH}/{decision_id}/{what}", headers=headers)) == "forbidden"


def test_events_are_those_of_the_session_and_of_the_order(home: Served, decision_id: str) -> None:
    """ENG-13."""
    told = home.get(f"{PATH}/{decision_id}/openlineage").json()
    assert told["decision_id"] == decision_id
    assert [(each["job"]["name"], each["eventType"]) for each in told["events"]] == [
        ("us-equities-session", "START"),
        ("us-equities-session", "COMPLETE"),
        ("us-equities-order", "START"),
        ("us-equities-order", "COMPLETE"),
    ]
