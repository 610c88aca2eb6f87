"""A request's body, read to its end before the request is answered.

Whoever is refused for the head of a request is answered before its body has come. A server that then ends the
connection with bytes unread resets it, and the client may never see why it was refused (RFC 9112, section 9.6).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from litestar.types import HTTPReceiveMessage, Receive

LINGER_S = 2.0
LINGER_BYTES = 1_048_576
"""What a refused client may still send; past either, its connection ends as it may."""


class LingeringBody:
    """What is left of a body while an application reads it.

    Args:
        receive: brings the body.
        headers: of the request, names in lower case.
    """

    def __init__(self, receive: Receive, headers: Mapping[bytes, bytes]) -> None:
        self._receive = receive
        has_content = headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers
        # A client that expects to be told sends nothing before it is.
        self._is_whole = not has_content or b"expect" in headers

    async def receive(self) -> HTTPReceiveMessage:
        """The next message, for the application."""
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self._is_whole = True
        return message  # type: ignore[return-value]  # an HTTP scope brings no others

    async def read_out(self) -> None:
        """Read what nobody read, within limits of time and size."""
        n_bytes = 0
        try:
            async with asyncio.timeout(LINGER_S):
                while not self._is_whole and n_bytes <= LINGER_BYTES:
                    message = await self.receive()
                    n_bytes += len(message["body"]) if message["type"] == "http.request" else 0
        except TimeoutError:
            self._is_whole = True
