"""The server as a process: granian, signals, a client that hangs up. Starting one takes seconds, so most share it."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.feeds.files.ratings import analyst_ratings
from adapters.lake.facts.store import FactStore
from api.bootstrap import shell_clock
from api.server import Serving, raised_alerts, require_startable, serve
from api.settings import Settings
from nodes.vocabulary.errors import EdgeError
from tests.api.http.serving import EXECUTE, ORDER, new_key, paper_settings
from tests.api.server_process import Running, started

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    found = started(tmp_path_factory.mktemp("server") / "home")
    yield found
    found.process.terminate()
    assert found.process.wait(60) == 0, (found.home / "output").read_text()


def test_an_order_goes_through_the_whole_server(server: Running) -> None:
    with server.client() as client:
        headers = {"Idempotency-Key": new_key()}
        first = client.post(EXECUTE, json={**ORDER, "account_id": "account-0"}, headers=headers)
        second = client.post(EXECUTE, json={**ORDER, "account_id": "account-0"}, headers=headers)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"


def test_orders_at_once_get_an_answer_each(server: Running) -> None:
    def one(number: int) -> int:
        with server.client() as client:
            body = {**ORDER, "account_id": f"account-{number % 12}"}
            return client.post(EXECUTE, json=body, headers={"Idempotency-Key": new_key()}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(48))) == {200}


def test_a_client_that_hangs_up_loses_its_answer_and_not_its_decision(server: Running) -> None:
    key, body = new_key(), json.dumps({**ORDER, "account_id": "account-1", "symbol": "GOOG"}).encode()
    head = (
        f"POST {EXECUTE} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {server.token}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall(head.encode() + body)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    with server.client() as client:
        for _ in range(300):
            answer = client.post(EXECUTE, content=body, headers=_json(key))
            if answer.status_code != 409:
                break
            time.sleep(0.1)
    assert (answer.status_code, answer.headers["idempotency-replayed"]) == (200, "true")


def test_a_client_that_never_ends_its_body_orders_nothing(server: Running) -> None:
    key = new_key()
    head = (
        f"POST {EXECUTE} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {server.token}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {key}\r\nContent-Length: 500\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall(head.encode() + b'{"symbol": "AAPL"')
    body = json.dumps({**ORDER, "account_id": "account-2", "symbol": "GOOG"})
    with server.client() as client:
        answer = client.post(EXECUTE, content=body, headers=_json(key))
    assert answer.status_code == 200
    assert "idempotency-replayed" not in answer.headers


def test_a_hangup_signal_reads_the_policies_again_and_keeps_the_workers(server: Running) -> None:
    """SGN-09: SIGHUP loads, validates, swaps; granian alone would replace the workers."""
    (server.home / "watched" / "v2.yaml").write_text("policy: broken", encoding="utf-8")
    server.process.send_signal(signal.SIGHUP)
    with server.client() as client:
        end_s = time.monotonic() + 120
        while not (refusals := client.get("/internal/policy").json()["refusals"]):
            assert time.monotonic() < end_s
            time.sleep(0.1)
        order = client.post(
            EXECUTE, json={**ORDER, "account_id": "account-3", "symbol": "GOOG"}, headers=_json(new_key())
        )
    assert refusals[0]["file"].endswith("v2.yaml")
    assert order.status_code == 200
    output = (server.home / "output").read_text()
    assert "Respawning" not in output
    assert output.count("Spawning worker") == 1


def test_a_server_that_is_told_to_end_answers_what_it_began(tmp_path: Path) -> None:
    found = started(tmp_path / "home", "--workers", "2")
    answers: list[int] = []

    def orders(number: int) -> None:
        with found.client() as client:
            for _ in range(200):
                try:
                    body = {**ORDER, "account_id": f"account-{number}"}
                    answers.append(client.post(EXECUTE, json=body, headers=_json(new_key())).status_code)
                except httpx.TransportError:
                    return

    with ThreadPoolExecutor(4) as pool:
        for number in range(4):
            pool.submit(orders, number)
        end_s = time.monotonic() + 60
        while not answers and time.monotonic() < end_s:
            time.sleep(0.1)
        found.process.terminate()
        assert found.process.wait(60) == 0
    assert answers
    assert set(answers) <= {200, 503}


def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    """Granian alone would share the port, and requests would go astray between two logs."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = replace(paper_settings(tmp_path), port=port)
        with pytest.raises(EdgeError, match=rf"127\.0\.0\.1:{port} cannot be listened on: .*; stop what does"):
            serve(Serving(settings))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"rate_limit": "lots"}, "rate limit 'lots' cannot be read"),
        ({"tls_certificate": Path("none.pem"), "tls_key": Path("none.pem")}, "none.pem is no file"),
    ],
)
def test_what_no_worker_could_start_with_is_refused_before_one_is(
    tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    """A worker that dies is replaced, so such a server would start and fail for ever."""
    settings = paper_settings(tmp_path, **changes)
    with pytest.raises(EdgeError, match=why):
        require_startable(Serving(settings))


def _json(key: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "Idempotency-Key": key}


def test_a_server_that_starts_raises_what_an_import_that_died_did_not(tmp_path: Path) -> None:
    """SVC-EVT-03: never lost, and once."""
    lake = tmp_path / "lake"
    parsed = analyst_ratings(b"ticker,rating_date,analyst_firm,rating\nA,2018-06-08,X,Buy\n")
    FactStore(lake, shell_clock).ingested(parsed.domain, parsed.facts, parsed.source)
    settings = Settings(lake=lake)

    assert (raised_alerts(settings), raised_alerts(settings)) == (1, 0)
