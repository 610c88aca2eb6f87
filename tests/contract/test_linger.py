"""A client that is refused for the head of its request is told so, though its body comes later."""

from __future__ import annotations

import socket
import time

import pytest

from tests.api.server_process import Running

pytestmark = pytest.mark.slow
BODY = b'{"sharpe":1}'


@pytest.mark.parametrize("place", [b"/api/v1/significance/haircut", b"/api/v1/actions/execute"])
def test_a_refusal_reaches_a_client_whose_body_comes_after_its_head(server: Running, place: bytes) -> None:
    head = b"POST %b HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
    for wait_s in (0.0, 0.001, 0.005, 0.1) * 5:
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
            client.sendall(head % (place, len(BODY)))
            time.sleep(wait_s)
            client.sendall(BODY)
            told = client.makefile("rb").read()
        assert told.startswith(b"HTTP/1.1 401 "), (wait_s, told)


def test_a_client_whose_body_never_comes_is_refused_all_the_same(server: Running) -> None:
    head = b"POST /api/v1/significance/haircut HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 9\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(head)
        assert client.makefile("rb").read().startswith(b"HTTP/1.1 401 ")
