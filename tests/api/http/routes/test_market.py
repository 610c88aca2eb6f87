"""The paper market and the kill switch by HTTP, in a home of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.lake.lake import Lake
from tests.api.http.serving import ACCOUNTS, Served, paper_settings, problem_slug, served


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[Served]:
    with served(paper_settings(tmp_path_factory.mktemp("market") / "home"), http_lake) as found:
        yield found


def _stands(market: Served) -> str:
    return str(market.get("/internal/session").json()["sessions"][0]["session_on"])


def test_moving_on_fills_what_was_ordered_and_makes_a_new_plan(market: Served) -> None:
    order = market.ordered(qty="10").json()["order"]
    before = _stands(market)
    moved = market.post("/internal/session/advance", json={"from_session_on": before}).json()
    assert [each["is_new"] for each in moved["accounts"]] == [True] * len(ACCOUNTS)
    assert moved["accounts"][0]["plan"]["session_on"] == "2013-01-03"
    found = market.get(f"/api/v1/orders/{order['id']}").json()
    assert (found["status"], found["filled_qty"]) == ("filled", "10")
    assert market.get("/api/v1/positions").json()["positions"][0]["qty"] == "10"


def test_moving_on_twice_from_the_same_session_moves_once(market: Served) -> None:
    before = _stands(market)
    first = market.post("/internal/session/advance", json={"from_session_on": before})
    second = market.post("/internal/session/advance", json={"from_session_on": before})
    assert first.json()["accounts"][0]["is_new"]
    assert not second.json()["accounts"][0]["is_new"]
    assert first.json()["accounts"][0]["plan"]["plan_entry"] == second.json()["accounts"][0]["plan"]["plan_entry"]


def test_moving_on_needs_no_body_and_refuses_a_wrong_one(market: Served) -> None:
    assert market.post("/internal/session/advance").status_code == 200
    response = market.post("/internal/session/advance", json={"from_session_on": "soon", "by": 2})
    assert problem_slug(response) == "bad-request"
    assert sorted(each["where"] for each in response.json()["errors"]) == ["by", "from_session_on"]


def test_moving_on_needs_the_scope_for_it(market: Served) -> None:
    response = market.client.post("/internal/session/advance", headers=market.headers("plan:read", "orders:write"))
    assert (response.status_code, problem_slug(response)) == (403, "forbidden")


@pytest.mark.parametrize("day", ["2013-01-05", "1900-01-02", "4348-01-16", "2013-02-01"])
def test_a_day_that_the_market_has_not_come_to_cannot_be_left(market: Served, day: str) -> None:
    """A Saturday, days of no calendar, and a session of later on: moving on from it would leave those before out."""
    response = market.post("/internal/session/advance", json={"from_session_on": day})
    assert (response.status_code, problem_slug(response)) == (422, "invalid")


def test_a_thrown_kill_switch_denies_the_next_order_until_it_is_released(market: Served) -> None:
    thrown = market.put("/internal/kill-switch", json={"is_engaged": True, "reason": "drill"}).json()
    assert (thrown["is_engaged"], thrown["has_changed"]) == (True, True)
    assert market.get("/internal/kill-switch").json()["is_engaged"]
    assert market.ordered(symbol="GOOG").json()["decision"]["action"] == "deny"
    again = market.put("/internal/kill-switch", json={"is_engaged": True, "reason": "drill"}).json()
    assert not again["has_changed"]
    market.put("/internal/kill-switch", json={"is_engaged": False, "reason": "drill over"})
    assert market.ordered(symbol="GOOG").json()["decision"]["action"] == "act"


def test_a_kill_switch_is_thrown_for_a_reason(market: Served) -> None:
    response = market.put("/internal/kill-switch", json={"is_engaged": "yes", "reason": ""})
    assert problem_slug(response) == "bad-request"
    assert sorted(each["where"] for each in response.json()["errors"]) == ["is_engaged", "reason"]
