"""Execution over HTTP: a route that is planned, orders in the words of FIX, their lives, and changes of them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from adapters.lake.lake import Lake
from api.use_cases import broker
from api.use_cases.market import dispatch
from governance.entries import child_cl_ord_id
from nodes.vocabulary.canonical import decode
from tests.api.http.serving import EXECUTE, ORDER, Served, new_key, paper_settings, problem_slug, served

BASE = "/api/v1/execution"
ACCOUNTS = ("a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9")
TRADE = {"exec_id": "X-17", "exec_type": "F", "last_qty": "50", "last_px": "27.61", "fees": "0.35", "venue": "XNAS"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[Served]:
    """A home of its own, whose outbox is handed over when a test says so."""
    folder = tmp_path_factory.mktemp("execution")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(broker, "PAUSE_S", 3600.0)
        with served(paper_settings(folder / "home", accounts=ACCOUNTS), http_lake) as found:
            yield found


def submit(desk: Served, account: str, **changes: Any) -> Any:
    body = {"cl_ord_id": new_key(), "symbol": "MSFT", "side": "1", "order_qty": "200", "account_id": account}
    response = desk.post(f"{BASE}/submit-order", json={**body, **changes})
    assert response.status_code == 200, response.text
    return response.json()


def order(desk: Served, order_id: str) -> Any:
    return desk.get(f"{BASE}/orders/{order_id}").json()


def book(venue: str, bid: str, ask: str, qty: str) -> dict[str, Any]:
    return {"venue": venue, "bids": [{"price": bid, "qty": qty}], "asks": [{"price": ask, "qty": qty}]}


QUOTES = [
    book("NASDAQ", "27.60", "27.61", "300"),
    book("NYSE", "27.60", "27.61", "200"),
    book("BYX", "27.59", "27.62", "500"),
]


def test_a_route_is_planned_over_quoted_venues_and_nothing_is_sent(desk: Served) -> None:
    """API-STR-01; journey 3: what each venue is expected to cost, in parts, and why it was chosen."""
    with desk.service.store.reader() as reader:
        size = reader.head().size
    asked = {"symbol": "MSFT", "side": "1", "order_qty": "900", "quotes": QUOTES, "account_id": "a1"}
    plan = desk.post(f"{BASE}/route-order", json=asked).json()
    assert plan["is_quoted"]
    assert sum(int(child["order_qty"]) for child in plan["children"]) == 900
    assert {child["venue"] for child in plan["children"]} <= {"NASDAQ", "NYSE", "BYX"}
    costs = {venue["venue"]: venue for venue in plan["venues"]}
    assert set(costs) == {"NASDAQ", "NYSE", "BYX"}
    parts = costs["NYSE"]["parts"]
    assert {"fee", "spread", "impact", "latency", "adverse_selection", "unfilled", "fill_frac"} == set(parts)
    total = sum(value for name, value in parts.items() if name != "fill_frac")
    assert total == pytest.approx(costs["NYSE"]["cost_bps"])
    assert plan["route_cost_bps"] < min(venue["cost_bps"] for venue in costs.values())
    with desk.service.store.reader() as reader:
        assert reader.head().size == size
    assert desk.get(f"{BASE}/orders", params={"account_id": "a1"}).json()["orders"] == []


def test_impossible_quotes_are_refused_with_what_is_wrong(desk: Served) -> None:
    crossed = [book("NYSE", "27.70", "27.61", "100")]
    asked = {"symbol": "MSFT", "side": "2", "order_qty": "10", "quotes": crossed, "account_id": "a1"}
    response = desk.post(f"{BASE}/route-order", json=asked)
    assert (response.status_code, problem_slug(response)) == (422, "impossible-quote")
    assert "lock or cross" in response.json()["detail"]
    asked["quotes"] = [{**crossed[0], "bids": [{"price": "0", "qty": "5"}]}]
    assert problem_slug(desk.post(f"{BASE}/route-order", json=asked)) == "impossible-quote"


def test_an_order_in_the_words_of_fix_takes_the_same_way_as_any_other(desk: Served) -> None:
    """API-STR-02, EXE-15: the route is part of the decision, and each part carries its lineage."""
    report = submit(desk, "a1")
    assert (report["exec_type"], report["ord_status"], report["leaves_qty"]) == ("A", "A", "200")
    child = report["children"][0]
    assert child["parent_id"] == report["order_id"]
    assert child["decision_id"] == report["decision_id"]
    assert child["cl_ord_id"] == child_cl_ord_id(report["order_id"], 0)
    trace = desk.get(f"/internal/decisions/{report['decision_id']}/trace").json()
    assert {"route", "venue_costs_bps", "route_reasons", "venue_terms"} <= {node["name"] for node in trace["nodes"]}
    again = desk.post(
        EXECUTE,
        json={**ORDER, "symbol": "MSFT", "qty": "200", "account_id": "a1", "client_order_id": report["cl_ord_id"]},
        headers={"Idempotency-Key": report["cl_ord_id"]},
    )
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["order"]["id"] == report["order_id"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ord_type": "2"}, "price of an order of type 2 was None"),
        ({"price": "27.00"}, "price of an order of type 1 was 27.00"),
        ({"ord_type": "2", "price": "0.00"}, "limit price was 0.00, expected a positive one"),
        ({"time_in_force": "6"}, "expiry of a GTD order was None, expected an instant"),
        ({"expire_time": "2013-01-03T15:00:00Z"}, "expiry of a DAY order was 2013-01-03"),
        ({"time_in_force": "6", "expire_time": "soon"}, "expire_time: "),
        ({"ord_type": "P", "time_in_force": "7"}, "time in force of a pegged order was CLS"),
        ({"exec_inst": "6"}, "limit price of a post-only order was None"),
        ({"ord_type": "3", "stop_px": "0"}, "stop price was 0, expected a positive one"),
    ],
)
def test_instructions_that_do_not_agree_are_refused(desk: Served, changes: dict[str, str], words: str) -> None:
    body = {"cl_ord_id": new_key(), "symbol": "MSFT", "side": "1", "order_qty": "20", "account_id": "a1", **changes}
    response = desk.post(f"{BASE}/submit-order", json=body)
    assert (response.status_code, problem_slug(response)) == (422, "invalid")
    assert words in response.json()["detail"]


def test_an_order_with_a_limit_of_its_own_is_worked_so_and_is_another_order(desk: Served) -> None:
    """API-STR-02: the instructions are in the decision, in what goes to the broker, and part of the key's request."""
    key = new_key()
    report = submit(desk, "a9", cl_ord_id=key, ord_type="2", price="25.00", time_in_force="3")
    with desk.service.store.reader() as reader:
        row = reader.order(report["order_id"])
        assert row is not None
        (decided,) = reader.decisions(report["decision_id"])
    said = {"time_in_force": "3", "limit_price_usd": Decimal("25.00"), "expires_at": None}
    assert decode(row.order)["instructions"] == decided.entry.facts["instructions"] == said
    body = {"cl_ord_id": key, "symbol": "MSFT", "side": "1", "order_qty": "200", "account_id": "a9"}
    assert problem_slug(desk.post(f"{BASE}/submit-order", json=body)) == "key-reused"


def test_a_stop_that_could_never_trade_is_rejected_with_the_reason(desk: Served) -> None:
    """EXE-09."""
    report = submit(desk, "a9", symbol="IBM", order_qty="100", ord_type="3", stop_px="999.00")
    assert (report["ord_status"], report["order_id"]) == ("8", None)
    assert "its stop 999.00 lies beyond the limit" in report["text"][-1]


def test_every_execute_goes_through_the_router(desk: Served) -> None:
    """EXE-15: the trace of every order, sent by either way, has the router's nodes."""
    for symbol in ("AAPL", "IBM"):
        decided = desk.ordered(symbol=symbol, account_id="a2", qty="20").json()["decision"]
        trace = desk.get(f"/internal/decisions/{decided['id']}/trace").json()
        assert "route" in {node["name"] for node in trace["nodes"]}


def test_an_order_that_is_denied_is_rejected_with_the_reasons(desk: Served) -> None:
    report = submit(desk, "a3", side="2")
    assert (report["order_id"], report["ord_status"], report["children"]) == (None, "8", [])
    assert any(text.startswith("short-sale: ") for text in report["text"])


def test_the_life_of_an_order_is_told_state_by_state(desk: Served) -> None:
    """API-STR-03."""
    order_id = submit(desk, "a4")["order_id"]
    dispatch(desk.service)
    response = desk.post(f"{BASE}/orders/{order_id}/cancel", json={"reason": "no more"})
    assert (response.status_code, response.json()["status"]) == (202, "PENDING_CANCEL")
    again = desk.post(f"{BASE}/orders/{order_id}/cancel", json={"reason": "no more"})
    assert again.headers["idempotency-replayed"] == "true"
    dispatch(desk.service)
    found = order(desk, order_id)
    assert [event["status"] for event in found["history"]][:4] == ["PENDING_NEW", "NEW", "PENDING_CANCEL", "CANCELED"]
    assert (found["status"], found["leaves_qty"], found["is_open"]) == ("CANCELED", "0", False)
    late = desk.post(f"{BASE}/orders/{order_id}/cancel", json={"reason": "again"})
    assert (late.status_code, problem_slug(late)) == (409, "order-closed")


def test_an_order_is_replaced_by_a_decision_of_its_own(desk: Served) -> None:
    order_id = submit(desk, "a5")["order_id"]
    change = {"cl_ord_id": new_key(), "order_qty": "300"}
    report = desk.post(f"{BASE}/orders/{order_id}/replace", json=change).json()
    assert (report["ord_status"], report["leaves_qty"]) == ("A", "300")
    dispatch(desk.service)
    old, new = order(desk, order_id), order(desk, report["order_id"])
    assert (old["status"], old["replaced_by"]) == ("REPLACED", report["order_id"])
    assert (new["status"], new["replaces"]) == ("NEW", [order_id])
    listed = desk.get(f"{BASE}/orders", params={"account_id": "a5"}).json()["orders"]
    assert [each["order_id"] for each in listed] == [report["order_id"], order_id]
    again = desk.post(f"{BASE}/orders/{order_id}/replace", json=change)
    assert again.headers["idempotency-replayed"] == "true"


def test_a_broker_reports_a_trade_corrects_it_and_takes_it_back(desk: Served) -> None:
    """API-STR-03: each report is booked once, whatever the order's state, and the order is told by part."""
    order_id = submit(desk, "a8")["order_id"]
    early = desk.post(f"{BASE}/orders/{order_id}/reports", json=TRADE)
    assert (early.status_code, problem_slug(early)) == (409, "key-in-flight")
    dispatch(desk.service)
    part = order(desk, order_id)["children"][0]["cl_ord_id"]
    booked = desk.post(f"{BASE}/orders/{order_id}/reports", json={**TRADE, "child_id": part})
    assert (booked.status_code, booked.json()["status"], booked.json()["cum_qty"]) == (201, "PARTIALLY_FILLED", "50")
    assert [(each["cum_qty"], each["fees"]) for each in booked.json()["children"]] == [("50", "0.35")]
    again = desk.post(f"{BASE}/orders/{order_id}/reports", json={**TRADE, "child_id": part})
    assert again.headers["idempotency-replayed"] == "true"
    bust = {"exec_id": "X-18", "exec_type": "H", "exec_ref_id": "X-17"}
    gone = desk.post(f"{BASE}/orders/{order_id}/reports", json=bust).json()
    assert (gone["cum_qty"], gone["history"][-1]["exec_type"], gone["history"][-1]["exec_ref_id"]) == ("0", "H", "X-17")
    beyond = desk.post(f"{BASE}/orders/{order_id}/reports", json={**TRADE, "exec_id": "X-19", "last_qty": "999"})
    assert (beyond.status_code, problem_slug(beyond)) == (422, "invalid")
    assert "ask the broker" in beyond.json()["detail"]


def test_orders_of_other_accounts_are_out_of_reach(desk: Served) -> None:
    order_id = submit(desk, "a6")["order_id"]
    stranger = desk.headers(principal="eve", accounts=("a7",))
    for method, path, body in (
        ("GET", f"{BASE}/orders/{order_id}", None),
        ("POST", f"{BASE}/orders/{order_id}/cancel", {"reason": "mine now"}),
        ("POST", f"{BASE}/orders/{order_id}/replace", {"cl_ord_id": new_key(), "order_qty": "1"}),
        ("POST", f"{BASE}/orders/{order_id}/reports", TRADE),
    ):
        response = desk.client.request(method, path, json=body, headers=stranger)
        assert response.status_code in {403, 404}
    assert problem_slug(desk.get(f"{BASE}/orders/NONE")) == "not-found"


def test_latency_is_reported_hop_by_hop(desk: Served) -> None:
    """API-STR-08."""
    submit(desk, "a7")
    dispatch(desk.service)
    hops = {hop["hop"]: hop for hop in desk.get("/api/v1/latency/report").json()["hops"]}
    assert set(hops) == {"lock", "decide", "commit", "total", "broker", "cancel"}
    for name in ("broker", "cancel"):
        found = hops[name]["percentiles_us"]
        assert hops[name]["n_values"] > 0
        assert 0 <= found["50"] <= found["95"] <= found["99.9"] <= found["100"]
