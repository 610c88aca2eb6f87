"""The proxy does to connections what its faults say, before anything is concluded from a drill (MON-04)."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from tests.drills.fault_proxy import Fault, FaultProxy

GONE = r"reset|aborted|pipe"


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(4096):
            if data == b"bye":
                return
            self.request.sendall(data)


@pytest.fixture(scope="module")
def echo() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def proxy(echo: int) -> Iterator[FaultProxy]:
    with FaultProxy("127.0.0.1", echo) as made:
        yield made


def _opened(proxy: FaultProxy) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", proxy.port), timeout=2)
    client.settimeout(0.2)
    return client


def _said(client: socket.socket, text: bytes = b"hello") -> bytes:
    client.sendall(text)
    return client.recv(4096)


def test_without_a_fault_bytes_come_through_both_ways(proxy: FaultProxy) -> None:
    with _opened(proxy) as client:
        assert _said(client) == b"hello"


def test_latency_delays_every_chunk(proxy: FaultProxy) -> None:
    proxy.set(Fault.LATENCY)
    with _opened(proxy) as client:
        client.settimeout(5)
        began_s = time.monotonic()
        assert _said(client) == b"hello"
        assert time.monotonic() - began_s >= 0.1


def test_a_cut_resets_open_connections_and_new_ones_until_it_is_healed(proxy: FaultProxy) -> None:
    with _opened(proxy) as client:
        assert _said(client) == b"hello"
        proxy.set(Fault.CUT)
        with pytest.raises(ConnectionError, match=GONE):
            _said(client)
    with pytest.raises(ConnectionError, match=GONE), _opened(proxy) as client:
        _said(client)
    proxy.heal()
    with _opened(proxy) as client:
        assert _said(client) == b"hello"


def test_half_open_swallows_and_a_heal_resets_what_was_open(proxy: FaultProxy) -> None:
    with _opened(proxy) as client:
        assert _said(client) == b"hello"
        proxy.set(Fault.HALF_OPEN)
        with pytest.raises(TimeoutError, match="timed out"):
            _said(client)
        proxy.heal()
        with pytest.raises(ConnectionError, match=GONE):
            client.recv(4096)


def test_a_slow_close_is_not_heard_of_for_long(proxy: FaultProxy) -> None:
    with _opened(proxy) as client:
        proxy.set(Fault.SLOW_CLOSE)
        client.sendall(b"bye")
        with pytest.raises(TimeoutError, match="timed out"):
            client.recv(4096)


def test_corruption_turns_one_bit_of_an_answer(proxy: FaultProxy) -> None:
    proxy.set(Fault.CORRUPTION)
    with _opened(proxy) as client:
        answer = _said(client)
    turned = [one ^ two for one, two in zip(answer, b"hello", strict=True)]
    assert sorted(turned) == [0, 0, 0, 0, 1]
