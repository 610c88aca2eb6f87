"""The day plan, positions and orders: API-SIG-01 and API-SIG-03."""

from __future__ import annotations

from decimal import Decimal

from tests.api.http.serving import Served, problem_slug


def test_the_plan_names_policy_close_and_decisions(home: Served) -> None:
    """API-SIG-01: 200 plan with decision ids, policy version, as_of; ETag; SWR headers."""
    decision_id = home.ordered(qty="1").json()["decision"]["id"]
    response = home.get("/api/v1/plan")
    told = response.json()
    assert told["policy"] == "us-equities v1"
    assert told["as_of"] == "2013-01-02T21:00:00Z"
    assert decision_id in next(row["decision_ids"] for row in told["rows"] if row["symbol"] == "AAPL")
    assert "stale-while-revalidate" in response.headers["cache-control"]


def test_a_plan_that_is_known_already_is_not_sent_again(home: Served) -> None:
    tag = home.get("/api/v1/plan").headers["etag"]
    response = home.get("/api/v1/plan", headers={"If-None-Match": tag})
    assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", tag)


def test_the_tag_of_a_plan_changes_with_each_decision_on_it(home: Served) -> None:
    before = home.get("/api/v1/plan?account_id=tagged").headers["etag"]
    home.ordered(account_id="tagged")
    response = home.get("/api/v1/plan?account_id=tagged", headers={"If-None-Match": before})
    assert response.status_code == 200
    assert response.headers["etag"] != before


def test_what_is_missing_in_a_plan_is_null_and_never_zero(home: Served) -> None:
    """FB has too short a history for any signal in January 2013."""
    row = next(row for row in home.get("/api/v1/plan").json()["rows"] if row["symbol"] == "FB")
    assert (row["target_weight_frac"], row["target_qty"], row["candidate_qty"]) == (None, None, None)


def test_there_is_no_plan_as_of_a_time_before_the_first(home: Served) -> None:
    response = home.get("/api/v1/plan?as_of=2013-01-02T20:59:59Z")
    assert (response.status_code, problem_slug(response)) == (404, "not-found")
    assert home.get("/api/v1/plan?as_of=2013-01-02T21:00:00Z").status_code == 200


def test_an_instant_that_is_not_in_utc_is_refused(home: Served) -> None:
    for text in ("2013-01-02", "2013-01-02T21:00:00", "2013-01-02T21:00:00-05:00"):
        assert problem_slug(home.get("/api/v1/plan", params={"as_of": text})) == "bad-request"


def test_positions_are_those_of_the_ledger(home: Served) -> None:
    """API-SIG-03."""
    told = home.get("/api/v1/positions?account_id=second").json()
    assert (told["account_id"], told["cash"], told["equity"]) == ("second", "1000000", "1000000")
    assert told["positions"] == []
    assert told["as_of"] == "2013-01-02T21:00:00Z"


def test_an_accepted_order_sets_cash_aside(home: Served) -> None:
    order = home.ordered(account_id="cash").json()["order"]
    told = home.get("/api/v1/positions?account_id=cash").json()
    assert Decimal(told["cash"]) - Decimal(told["buying_power"]) == 10 * Decimal(order["limit_price"])


def test_orders_are_listed_newest_first_and_page_by_page(home: Served) -> None:
    answers = [home.ordered(symbol=symbol, account_id="pages").json() for symbol in ("AAPL", "GOOG")]
    placed = [answer["order"]["id"] for answer in answers]
    first = home.get("/api/v1/orders?account_id=pages&limit=1").json()
    asked = {"account_id": "pages", "limit": 1, "cursor": first["next_cursor"]}
    second = home.get("/api/v1/orders", params=asked).json()
    assert [order["id"] for order in first["orders"] + second["orders"]] == placed[::-1]


def test_one_order_is_found_by_its_id(home: Served) -> None:
    placed = home.ordered(account_id="one", client_order_id="first").json()["order"]
    found = home.get(f"/api/v1/orders/{placed['id']}").json()
    assert (found["client_order_id"], found["qty"], found["filled_qty"]) == ("first", "10", "0")
    assert found["status"] in {"accepted", "new"}
    assert found["limit_price"] == placed["limit_price"]


def test_an_order_that_is_not_there_is_not_found(home: Served) -> None:
    response = home.get("/api/v1/orders/NOTHING")
    assert (response.status_code, problem_slug(response)) == (404, "not-found")


def test_an_order_of_an_account_that_the_token_does_not_cover_is_not_told(home: Served) -> None:
    placed = home.ordered(account_id="hidden").json()["order"]["id"]
    headers = home.headers(accounts=("second",))
    for path in (f"/api/v1/orders/{placed}", "/api/v1/orders?account_id=paper", "/api/v1/positions", "/api/v1/plan"):
        response = home.client.get(path, headers=headers)
        assert (response.status_code, problem_slug(response)) == (403, "forbidden")
