"""Fault drills on a real server under load: whatever happens to it, no acknowledged decision is lost or doubled.

Each starts `assay serve` on a home of its own, loads it from another process, does something to it, and then holds the
log against what the clients were told.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import resource
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.benchmarks.load.checks import acknowledged, held
from tests.benchmarks.load.client import Phase, Result
from tests.benchmarks.load.scenarios import Bench, Extent, Run
from tests.benchmarks.load.server import HOST, NO_TLS, ORDERS, Server, wait_for_orders

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

LOAD = (Phase(80, 5),)
EXTENT = Extent(n_accounts=3)
N_AT_ONCE = 200
UNAVAILABLE = {0, -1, 503}
"""What a client may see of a server that ends: a broken connection, no answer, or a refusal that says so."""


def _bench(folder: Path, workers: int = 1) -> Bench:
    return Bench(folder / "drill", EXTENT, workers)


def _outcomes(run: Run) -> Result:
    return run.result()[0]


def _at_once(server: Server, key: str, account_id: str) -> list[tuple[int, dict[str, Any]]]:
    """The answers to 200 identical orders, all under way before any is read; 0 for a connection that broke."""
    body = b'{"symbol":"MSFT","qty":"3","side":"buy","account_id":"%b"}' % account_id.encode()
    order = (
        b"POST %b HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %b\r\ncontent-type: application/json\r\n"
        b"idempotency-key: %b\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
        % (ORDERS.encode(), server.token.encode(), key.encode(), len(body), body)
    )
    with ExitStack() as clients:
        open_ones = [
            clients.enter_context(socket.create_connection((HOST, server.port), timeout=30)) for _ in range(N_AT_ONCE)
        ]
        for client in open_ones:
            client.sendall(order)
        return [_answer(client) for client in open_ones]


def _answer(client: socket.socket) -> tuple[int, dict[str, Any]]:
    with suppress(ConnectionError):
        answer = http.client.HTTPResponse(client)
        answer.begin()
        return answer.status, json.loads(answer.read())
    return 0, {}


def _decided(answers: list[tuple[int, dict[str, Any]]]) -> set[str]:
    """The decisions that the answers tell of; whoever came while one was under way is told just that."""
    assert {status for status, _ in answers} <= {200, 409}
    refused = [content for status, content in answers if status == 409]
    assert {content["type"] for content in refused} <= {"/problems/key-in-flight"}
    return {content["decision"]["id"] for status, content in answers if status == 200}


def _settled(server: Server, key: str, account_id: str) -> httpx.Response:
    """The answer to one order, asked for again while it is being decided for a client that went away."""
    end_s = time.monotonic() + 60
    while (answer := server.ordered(key, account_id)).status_code == 409 and time.monotonic() < end_s:
        assert answer.json()["type"] == "/problems/key-in-flight"
        time.sleep(0.05)
    return answer


def test_a_server_that_is_killed_under_load_has_lost_and_doubled_nothing_when_it_is_back(tmp_path: Path) -> None:
    """Retries of everything after the restart are answered as before, or decided once.

    So are 200 identical orders at once: before the end, torn by it, and after it (API-SIG-04).
    """
    bench = _bench(tmp_path)
    with bench.server() as server:
        same = _decided(_at_once(server, "same-before", "desk-0"))
        run = bench.begun(server, LOAD, run_id="killed")
        time.sleep(random.Random(4).uniform(2.0, 4.0))
        with ThreadPoolExecutor(1) as beside:
            torn = beside.submit(_at_once, server, "same-torn", "desk-1")
            time.sleep(0.05)
            server.kill()
        first, cut_off = _outcomes(run), torn.result()
    told_torn = {content["decision"]["id"] for status, content in cut_off if status == 200}
    assert len(same) == 1
    told = acknowledged(first.outcomes)
    assert len(told) > 20
    assert held(bench.place.home, told).complaints == ()
    with bench.server() as server:
        assert _decided(_at_once(server, "same-before", "desk-0")) == same
        decided_torn = _decided(_at_once(server, "same-torn", "desk-1"))
        again = _outcomes(bench.begun(server, LOAD, run_id="killed", seed=1))
        server.stop()
    assert len(decided_torn) == 1
    assert told_torn <= decided_torn
    assert {outcome.status for outcome in again.outcomes} == {200}
    for before, after in zip(first.outcomes, again.outcomes, strict=True):
        assert before.status != 200 or before.decision_id == after.decision_id
    found = held(bench.place.home, acknowledged(again.outcomes))
    assert found.complaints == ()


def test_a_server_that_is_told_to_end_answers_what_it_began_and_refuses_the_rest(tmp_path: Path) -> None:
    bench = _bench(tmp_path)
    with bench.server() as server:
        run = bench.begun(server, LOAD)
        time.sleep(3)
        began_s = time.monotonic()
        assert server.stop(signal.SIGTERM, within_s=20) == 0
        took_s = time.monotonic() - began_s
        result = _outcomes(run)
    statuses = {outcome.status for outcome in result.outcomes}
    assert took_s < 15
    assert 200 in statuses
    assert statuses - {200} <= UNAVAILABLE
    assert held(bench.place.home, acknowledged(result.outcomes)).complaints == ()


def test_a_worker_that_is_killed_is_replaced_while_the_other_serves_on(tmp_path: Path) -> None:
    bench = _bench(tmp_path, workers=2)
    with bench.server() as server:
        run = bench.begun(server, LOAD)
        time.sleep(2)
        victim = server.workers()[0]
        os.kill(victim, signal.SIGKILL)
        result = _outcomes(run)
        wait_for_orders(server)
        until_s = time.monotonic() + 60
        while len(server.workers()) < 2 and time.monotonic() < until_s:
            time.sleep(0.1)
        workers = server.workers()
        same = _decided(_at_once(server, "same-two-workers", "desk-2"))
    assert len(same) == 1
    assert len(workers) == 2
    assert victim not in workers
    assert sum(outcome.status == 200 for outcome in result.outcomes) > len(result.outcomes) / 2
    assert held(bench.place.home, [*acknowledged(result.outcomes), *same]).complaints == ()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with _bench(tmp_path_factory.mktemp("shared")).server() as server:
        yield server


def test_a_full_disk_refuses_orders_with_a_problem_and_a_freed_one_takes_them(server: Server) -> None:
    """The largest size of a file of the process stands for the disk: quotas do not bind root."""
    (worker,) = server.workers()
    size = (server.place.home / "log.db-wal").stat().st_size
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (size // 2, resource.RLIM_INFINITY))
    refused = server.ordered("full-1", "desk-0")
    ready = httpx.get(f"http://{HOST}:{server.port}/readyz", verify=NO_TLS)
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/log-unavailable")
    assert "retry-after" in refused.headers
    assert (ready.status_code, "log-writable" in ready.json()["down"]) == (503, True)
    taken = server.ordered("full-1", "desk-0")
    assert (taken.status_code, taken.headers.get("idempotency-replayed")) == (200, None)
    assert httpx.get(f"http://{HOST}:{server.port}/readyz", verify=NO_TLS).status_code == 200


def test_clients_that_hang_up_in_mid_answer_leave_orders_that_a_retry_finds_decided_once(server: Server) -> None:
    body = b'{"symbol":"AAPL","qty":"6","side":"buy","account_id":"desk-1"}'
    for number in range(30):
        with socket.create_connection((HOST, server.port)) as client:
            client.sendall(
                b"POST %b HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %b\r\ncontent-type: application/json\r\n"
                b"idempotency-key: gone-%d\r\ncontent-length: %d\r\n\r\n%b"
                % (ORDERS.encode(), server.token.encode(), number, len(body), body)
            )
    again = [_settled(server, f"gone-{number}", "desk-1") for number in range(30)]
    assert {answer.status_code for answer in again} == {200}
    assert len({answer.json()["decision"]["id"] for answer in again}) == 30
    told = [answer.json()["decision"]["id"] for answer in again]
    assert held(server.place.home, told, is_whole=False).complaints == ()
    assert httpx.get(f"http://{HOST}:{server.port}/livez", verify=NO_TLS).status_code == 200
