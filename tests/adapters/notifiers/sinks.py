"""Receivers on this machine: of posts over HTTP, and of mail over SMTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message as Mail
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, TCPServer, ThreadingTCPServer
from typing import Any


@dataclass
class Posts:
    """What a receiver of posts was sent, and what it answers.

    Attributes:
        url: where it listens.
        answers: statuses of its next answers; 200 when none is left.
        headers: of each post, in lower case.
        bodies: of each post.
    """

    url: str = ""
    answers: list[int] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def contents(self) -> list[Any]:
        return [json.loads(body) for body in self.bodies]


@contextmanager
def serving(server: TCPServer) -> Iterator[int]:
    """A block in which a server answers; its port."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def posts_received() -> Iterator[Posts]:
    found = Posts()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.headers.append({name.lower(): value for name, value in self.headers.items()})
            found.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            status = found.answers.pop(0) if found.answers else 200
            self.send_response(status)
            if status in {301, 302}:
                self.send_header("location", found.url)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Receiver)) as port:
        found.url = f"http://127.0.0.1:{port}/hook"
        yield found


@dataclass
class Mails:
    """What a mail server was given.

    Attributes:
        port: where it listens.
        reply: what it says of the next mails; "" takes them.
        mails: those that it took.
    """

    port: int = 0
    reply: str = ""
    mails: list[Mail] = field(default_factory=list)


@contextmanager
def mails_received() -> Iterator[Mails]:
    """As much of a mail server (RFC 5321) as one mail needs."""
    found = Mails()

    class Receiver(StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 sink\r\n")
            while (line := self.rfile.readline().strip().upper()) != b"QUIT" and line:
                self.wfile.write(b"354 go on\r\n" if line == b"DATA" else b"250 ok\r\n")
                if line == b"DATA":
                    content = b"".join(iter(self.rfile.readline, b".\r\n"))
                    if not found.reply:
                        found.mails.append(message_from_bytes(content))
                    self.wfile.write(f"{found.reply or '250 taken'}\r\n".encode())
            self.wfile.write(b"221 bye\r\n")

    with serving(ThreadingTCPServer(("127.0.0.1", 0), Receiver)) as found.port:
        yield found
