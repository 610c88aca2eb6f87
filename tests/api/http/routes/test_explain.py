"""API-SIG-05: reasons, counterfactuals and a lineage link, for beginner and expert."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.http.serving import Served, problem_slug


def explained(home: Served, symbol: str, **asked: Any) -> dict[str, Any]:
    answer = home.get(f"/api/v1/explain/{symbol}", params={"account_id": "second", **asked})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_newest_decision_is_explained_twice_from_the_same_numbers(home: Served) -> None:
    decision = home.ordered(symbol="IBM", qty="1", account_id="second").json()["decision"]["id"]
    found = explained(home, "IBM")
    assert found["decision"]["decision_id"] == decision
    assert found["is_of_plan"]
    reason = next(each for each in found["reasons"] if each["rule"] == "minimum-size")
    assert reason["expert"]
    assert reason["beginner"] == "The order is so small that the fees would eat the benefit."
    assert {"order_notional_usd", "min_order_notional_usd"} == set(reason["numbers"])
    assert found["counterfactual"]["rules"]
    assert found["links"]["lineage"] == f"/internal/decisions/{decision}/lineage"


def test_the_parts_of_the_score_add_up_to_it(home: Served) -> None:
    row = explained(home, "AAPL")["plan_row"]
    total = sum(float(part["contribution"]["exact"]) for part in row["score_parts"])
    assert total == pytest.approx(float(row["fields"]["composite_score"]["exact"]), rel=1e-9)
    assert 1 <= row["rank"] <= row["n_ranked"]


def test_a_symbol_that_nothing_was_decided_of_is_explained_by_its_plan(home: Served) -> None:
    found = explained(home, "GOOG")
    assert (found["decision"], found["counterfactual"], found["reasons"]) == (None, None, [])
    assert found["plan_row"]["session_on"] == "2013-01-02"
    assert found["headline"]
    assert found["as_of"] == found["plan_row"]["as_of"] == "2013-01-02T21:00:00Z"


def test_a_symbol_or_an_account_that_is_not_there_is_refused(home: Served) -> None:
    answer = home.get("/api/v1/explain/NONE")
    assert (answer.status_code, problem_slug(answer)) == (422, "unknown-symbol")
    answer = home.get("/api/v1/explain/AAPL", params={"account_id": "nobody"})
    assert (answer.status_code, problem_slug(answer)) == (404, "not-found")
    answer = home.get("/api/v1/explain/AAPL", params={"as_of": "2001-01-01T00:00:00Z"})
    assert (answer.status_code, problem_slug(answer)) == (404, "not-found")
