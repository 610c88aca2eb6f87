"""`POST /api/v1/actions/execute`: API-SIG-04 and SGN-07, on a real service and real data."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from adapters.lake.lake import Lake
from api.bootstrap import http_parts
from api.http.app import app
from api.http.routes import orders
from tests.api.http.serving import EXECUTE, ORDER, Served, new_key, paper_settings, problem_slug, served


def _posted(home: Served, content: bytes | str, **headers: str) -> httpx.Response:
    """A body as it is, with the headers of a sound order but those that are given."""
    sent = {"Content-Type": "application/json", "Idempotency-Key": new_key(), **headers}
    return home.post(EXECUTE, content=content, headers=sent)


def test_an_order_is_decided_and_answered_with_links(home: Served) -> None:
    """API-SIG-04: Idempotency-Key required; returns order and decision links."""
    answer = home.ordered(client_order_id="mine", account_id="paper").json()
    assert (answer["order"]["symbol"], answer["order"]["qty"], answer["order"]["side"]) == ("AAPL", "10", "buy")
    assert answer["order"]["client_order_id"] == "mine"
    assert answer["decision"]["action"] == "act"
    assert answer["links"]["decision"] == f"/internal/decisions/{answer['decision']['id']}"
    assert home.get(answer["links"]["decision"]).status_code == 200


def test_a_denied_order_is_an_answer_with_reasons_and_no_order(home: Served) -> None:
    answer = home.ordered(qty="10", side="sell", symbol="IBM").json()
    assert answer["order"] is None
    assert answer["decision"]["action"] == "deny"
    assert answer["decision"]["reasons"][0]["plain"]


def test_the_same_order_twice_is_decided_once(home: Served) -> None:
    """SGN-07: the answer is the first one, to the byte, and says that it is a replay."""
    key = new_key()
    first, second = home.ordered(key), home.ordered(key)
    assert first.content == second.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"


def test_a_key_with_another_body_is_refused(home: Served) -> None:
    """SGN-07: payload mismatch 422."""
    key = new_key()
    home.ordered(key)
    response = home.ordered(key, qty="11")
    assert (response.status_code, problem_slug(response)) == (422, "key-reused")
    assert response.json()["detail"].startswith(f"key {key!r} of account"), "not in the words of the client"


def test_the_same_key_of_another_principal_is_another_key(home: Served) -> None:
    key = new_key()
    ours = home.ordered(key, qty="1").json()
    headers = home.headers(principal="somebody else") | {"Idempotency-Key": key}
    theirs = home.client.post(EXECUTE, json={**ORDER, "qty": "2"}, headers=headers)
    assert theirs.status_code == 200
    assert theirs.json()["decision"]["id"] != ours["decision"]["id"]


def test_many_identical_orders_at_once_are_one_decision(home: Served) -> None:
    """SGN-07: whoever comes while the first is under way is told so, and for how long; nobody gets another answer."""
    key, start = new_key(), threading.Barrier(16)
    headers = home.headers() | {"Idempotency-Key": key}

    def one(_: int) -> httpx.Response:
        start.wait()
        return home.client.post(EXECUTE, json=ORDER, headers=headers)

    with ThreadPoolExecutor(16) as pool:
        responses = list(pool.map(one, range(16)))
    statuses = Counter(response.status_code for response in responses)
    assert statuses.keys() <= {200, 409}
    assert len({response.content for response in responses if response.status_code == 200}) == 1
    for response in responses:
        if response.status_code == 409:
            assert (problem_slug(response), response.headers["retry-after"]) == ("key-in-flight", "1")


@pytest.mark.parametrize("key", ["", " ", "x" * 129, "tab\tin it", "naïve"])
def test_an_unfit_key_is_refused(home: Served, key: str) -> None:
    response = _posted(home, json.dumps(ORDER), **{"Idempotency-Key": key.encode("latin-1")})  # type: ignore[arg-type]
    assert response.status_code == 400
    assert problem_slug(response) in {"missing-key", "bad-request"}


def test_an_order_without_a_key_is_refused(home: Served) -> None:
    response = home.post(EXECUTE, json=ORDER)
    assert (response.status_code, problem_slug(response)) == (400, "missing-key")


def test_every_wrong_field_is_named_at_once(home: Served) -> None:
    response = _posted(home, json.dumps({"qty": 10, "side": "hold", "time_in_force": "gtc", "leverage": 5}))
    assert (response.status_code, problem_slug(response)) == (400, "bad-request")
    wrong = [error["where"] for error in response.json()["errors"]]
    assert sorted(wrong) == ["leverage", "qty", "side", "symbol", "time_in_force"]


@pytest.mark.parametrize("qty", ["0", "-5", "1.5", "1e3", "", "010", "1" * 10, "٣", "NaN", " 5"])
def test_a_quantity_is_a_whole_number_of_shares(home: Served, qty: str) -> None:
    response = home.ordered(qty=qty)
    assert response.status_code == 400
    assert [error["where"] for error in response.json()["errors"]] == ["qty"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe{}",
        b'{"symbol": "\xff"}',
        b"[" * 4000,
        b'{"symbol": "AAPL", "qty": "10", "side": "buy"} trailing',
        b"\x1f\x8b\x08",
    ],
)
def test_a_body_that_is_no_order_is_refused(home: Served, content: bytes) -> None:
    response = _posted(home, content)
    assert (response.status_code, problem_slug(response)) == (400, "bad-request")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Encoding": "gzip"},
    ],
)
def test_a_body_of_another_type_is_refused(home: Served, headers: dict[str, str]) -> None:
    response = _posted(home, json.dumps(ORDER), **headers)
    assert (response.status_code, problem_slug(response)) == (415, "unsupported-media-type")


def test_a_body_that_is_too_large_is_refused(home: Served) -> None:
    response = _posted(home, json.dumps({**ORDER, "client_order_id": "x" * 9000}))
    assert (response.status_code, problem_slug(response)) == (413, "too-large")


def test_a_symbol_outside_the_day_plan_is_refused(home: Served) -> None:
    response = home.ordered(symbol="TSLA")
    assert (response.status_code, problem_slug(response)) == (422, "unknown-symbol")
    assert "AAPL" in response.json()["detail"]


def test_an_account_that_is_not_served_is_refused(home: Served) -> None:
    response = home.ordered(account_id="nobody")
    assert (response.status_code, problem_slug(response)) == (403, "unknown-account")


def test_an_account_that_the_token_does_not_cover_is_refused(home: Served) -> None:
    headers = home.headers(accounts=("second",)) | {"Idempotency-Key": new_key()}
    response = home.client.post(EXECUTE, json={**ORDER, "account_id": "paper"}, headers=headers)
    assert (response.status_code, problem_slug(response)) == (403, "forbidden")


def test_an_order_needs_the_scope_for_orders(home: Served) -> None:
    headers = home.headers("plan:read", "audit:read") | {"Idempotency-Key": new_key()}
    response = home.client.post(EXECUTE, json=ORDER, headers=headers)
    assert (response.status_code, problem_slug(response)) == (403, "forbidden")
    assert 'scope="orders:write"' in response.headers["www-authenticate"]


def test_an_order_without_a_token_is_refused_before_its_body_is_looked_at(home: Served) -> None:
    response = home.client.post(EXECUTE, content=b"nonsense")
    assert (response.status_code, problem_slug(response)) == (401, "unauthenticated")
    assert response.headers["www-authenticate"] == 'Bearer realm="assay"'


def test_a_full_queue_refuses_at_once_and_says_when_to_come_again(tmp_path: Path, http_lake: Lake) -> None:
    """The writer is held up by one piece of work, and one more waits: there is no room for an order, and no waiting."""
    settings = paper_settings(tmp_path / "home", accounts=("paper",), max_waiting=1)
    with served(settings, http_lake) as full:
        begun, gate = threading.Event(), threading.Event()

        def holding(_: object) -> bool:
            begun.set()
            return gate.wait(30)

        held = full.service.writer.submit(holding)
        assert begun.wait(30)
        waiting = full.service.writer.submit(lambda _: None)
        try:
            refused = full.ordered("once")
        finally:
            gate.set()
        held.result(30)
        waiting.result(30)
        accepted = full.ordered("once")
    assert (refused.status_code, problem_slug(refused), refused.headers["retry-after"]) == (503, "queue-full", "1")
    assert accepted.status_code == 200
    assert "idempotency-replayed" not in accepted.headers


def test_orders_that_would_wait_for_long_are_refused_at_once_and_taken_later(
    tmp_path: Path, http_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under more load than it can bear the server answers what it took in time, and tells the others so."""
    monkeypatch.setattr(orders, "MANY", 1)
    monkeypatch.setattr(orders, "MAX_AGE_S", 0.05)
    settings = paper_settings(tmp_path / "home", accounts=("paper", "second"))
    with served(settings, http_lake) as slow, ThreadPoolExecutor(1) as other:
        begun, gate = threading.Event(), threading.Event()

        def holding(_: object) -> bool:
            begun.set()
            return gate.wait(30)

        held = slow.service.writer.submit(holding)
        assert begun.wait(30)
        taken = other.submit(slow.ordered, "first")
        try:
            while not slow.service.writer.n_waiting:
                time.sleep(0.01)
            time.sleep(0.1)
            refused = slow.ordered("once", account_id="second")
        finally:
            gate.set()
        held.result(30)
        assert taken.result(30).status_code == 200
        accepted = slow.ordered("once", account_id="second")
    assert (refused.status_code, problem_slug(refused), refused.headers["retry-after"]) == (503, "queue-full", "1")
    assert accepted.status_code == 200
    assert "idempotency-replayed" not in accepted.headers


def test_the_fast_lane_and_the_framework_answer_in_the_same_words(home: Served) -> None:
    """The route is answered past Litestar's handling; with that shortcut taken away, the answers are the same."""
    plain = app(http_parts(home.service, home.settings))
    plain.asgi_handler._fast = {}  # type: ignore[attr-defined]
    key, told = new_key(), home.headers()
    cases: list[dict[str, Any]] = [
        {"json": ORDER, "headers": told | {"Idempotency-Key": key}},
        {"json": {**ORDER, "qty": "11"}, "headers": told | {"Idempotency-Key": key}},
        {"json": ORDER, "headers": told},
        {"json": {"qty": 1}, "headers": told | {"Idempotency-Key": key}},
        {"json": ORDER, "headers": {"Idempotency-Key": key}},
        {"content": b"x", "headers": told | {"Idempotency-Key": key, "Content-Type": "text/plain"}},
    ]
    with TestClient(plain, raise_server_exceptions=False) as client:
        for case in cases:
            home.client.post(EXECUTE, **case)
            fast, slow = home.client.post(EXECUTE, **case), client.post(EXECUTE, **case)
            assert (fast.status_code, _told(fast)) == (slow.status_code, _told(slow))
            assert fast.headers.keys() == slow.headers.keys()


def _told(response: httpx.Response) -> Any:
    return {name: value for name, value in response.json().items() if name != "trace_id"}
