"""The server as a process: granian, signals, a client that hangs up. Starting one takes seconds, so most share it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from api.bootstrap import token_keys, tokens
from api.http.tokens import SCOPES, Grant
from tests.api.http.serving import EXECUTE, ORDER, new_key, paper_settings, policy_in_force

pytestmark = pytest.mark.slow
START_S = 90.0


@dataclass
class Running:
    """A server that runs as a process of its own."""

    home: Path
    port: int
    token: str
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}, timeout=30)

    def is_alive(self) -> bool:
        try:
            return httpx.get(f"{self.url}/livez", timeout=1).status_code == 200
        except httpx.TransportError:
            return False

    def wait(self, *, until_alive: bool) -> None:
        end_s = time.monotonic() + START_S
        while self.is_alive() is not until_alive:
            assert time.monotonic() < end_s, (self.home / "output").read_text()
            assert not until_alive or self.process.poll() is None, (self.home / "output").read_text()
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(home: Path, *options: str) -> Running:
    """A server of a paper home with a watched policy folder."""
    settings = paper_settings(home)
    token_keys(settings).rotated()
    token = tokens(settings).issued(Grant("trader", tuple(SCOPES), ("*",), 3600)).text
    watched = policy_in_force(home / "watched").parent
    port = _free_port()
    given = {
        "ASSAY_POLICY": str(settings.policy),
        "ASSAY_POLICY_FOLDER": str(watched),
        "ASSAY_ACCOUNTS": ",".join(f"account-{n}" for n in range(12)),
    }
    command = [
        str(Path(sys.executable).with_name("assay")),
        "serve",
        "--home",
        str(home),
        "--port",
        str(port),
        *options,
    ]
    with (home / "output").open("wb") as output:
        process = subprocess.Popen(command, env={**os.environ, **given}, stdout=output, stderr=output)  # noqa: S603
    found = Running(home, port, token, process)
    found.wait(until_alive=True)
    return found


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
        for _ in range(50):
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
        end_s = time.monotonic() + 30
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
        time.sleep(1.5)
        found.process.terminate()
        assert found.process.wait(60) == 0
    assert answers
    assert set(answers) <= {200, 503}


def _json(key: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "Idempotency-Key": key}
