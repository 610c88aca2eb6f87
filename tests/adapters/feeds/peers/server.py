"""A vendor on the loopback interface: it answers what a test tells it to, failures of every kind included.

What it answers is written by hand after the vendors' public documentation; nothing was recorded from a live service.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Reply:
    """An answer, or the lack of one.

    Attributes:
        body: text, bytes, or anything that JSON can hold.
        delay_s: how long it takes.
        hangs_up: whether the connection is reset instead.
        cut_at: bytes after which the connection ends, though more was announced.
    """

    body: Any = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    delay_s: float = 0.0
    hangs_up: bool = False
    cut_at: int | None = None

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


HANG_UP = Reply(hangs_up=True)
TOO_MANY = Reply({"error": "slow down"}, 429, {"Retry-After": "1"})
LONG_REST = Reply({"error": "come back later"}, 429, {"Retry-After": "900"})
DOWN = Reply("down", 503, kind="text/plain")
Answer = Callable[[Asked], Reply]


class Peer:
    """A server whose next answers a test can put before its usual ones."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[Asked] = []
        self.url = ""
        self.port = 0
        self._answer = answer
        self._next: list[Reply] = []

    def first(self, *replies: Reply) -> None:
        """Answer the next requests like this."""
        self._next.extend(replies)

    def always(self, reply: Reply) -> None:
        """Answer every request like this."""
        self._answer = lambda _: reply

    def answer(self, answer: Answer) -> None:
        """Answer every request by a function."""
        self._answer = answer

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        return self._next.pop(0) if self._next else self._answer(asked)


@contextmanager
def running(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Peer]:
    """A peer that listens until the end of the block."""
    peer = Peer(answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(peer))
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    peer.port = server.server_address[1]
    peer.url = f"http{'s' if tls else ''}://127.0.0.1:{peer.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _handler(peer: Peer) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"peer": peer})


class _Handler(BaseHTTPRequestHandler):
    """Hands requests to the peer, and does to the connection what the reply says."""

    protocol_version = "HTTP/1.1"
    peer: Peer

    def do_GET(self) -> None:  # the name that http.server calls
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        reply = self.peer.reply(Asked(self.command, parts.path, query, dict(self.headers.items()), body))
        time.sleep(reply.delay_s)
        if reply.hangs_up:
            self._reset()
        else:
            self._write(reply)

    def do_POST(self) -> None:  # likewise
        self.do_GET()

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ValueError):  # the client is gone, or we hung up
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _write(self, reply: Reply) -> None:
        content = reply.content
        self.send_response(reply.status)
        for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: reply.cut_at])
        if reply.cut_at is not None:
            self._reset()

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
