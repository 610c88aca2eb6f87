"""HTTP/1.1 as bytes: requests of the plainest form, and whole answers.

What counts as plain is a short list, not all that the standard allows (RFC 9112): one known request line, headers of
printable ASCII that each come once, a body of a stated length. Whatever is not on the list is left to a server that
knows the whole standard, never guessed at: two readers of one request must not see two requests.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import formatdate
from enum import Enum
from functools import lru_cache
from http import HTTPStatus

import msgspec

from api.http.replies import Headers, Reply

MAX_HEAD_BYTES = 16_384
_END = b"\r\n\r\n"
_FIELDS = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}:[ \t]*[!-~](?:[ -~\t]*[!-~])?\r\n){1,64}")
_KEEP = b"keep-alive"
_BEYOND = frozenset({b"transfer-encoding", b"expect", b"upgrade", b"te", b"trailer"})
"""Headers that ask for more than a plain exchange."""


class Unread(Enum):
    """Why bytes are not a plain request.

    Attributes:
        UNFINISHED: more of it may come.
        BEYOND: it is something else.
    """

    UNFINISHED = "unfinished"
    BEYOND = "beyond"


class PlainRequest(msgspec.Struct, frozen=True):
    """A request in the plainest form.

    Attributes:
        place: its method and path.
        headers: names in lower case.
        body: all of it.
        n_bytes: how many bytes it took.
    """

    place: tuple[str, str]
    headers: Mapping[bytes, bytes]
    body: bytes
    n_bytes: int


class PlainRequests:
    """Reads requests for certain places.

    Args:
        places: methods and paths.
        max_body_bytes: the longest body that is still plain.
    """

    def __init__(self, places: list[tuple[str, str]], max_body_bytes: int) -> None:
        self._places = {f"{method} {path} HTTP/1.1".encode(): (method, path) for method, path in places}
        self._max_line_bytes = max(map(len, self._places), default=0)
        self._max_body_bytes = max_body_bytes

    def first(self, received: bytes) -> PlainRequest | Unread:
        """The request that bytes begin with."""
        line_end = received.find(b"\r\n", 0, self._max_line_bytes + 2)
        if line_end < 0:
            return self._begun(received)
        place, head_end = self._places.get(received[:line_end]), received.find(_END, line_end)
        if place is None or head_end < 0:
            return Unread.UNFINISHED if place and len(received) < MAX_HEAD_BYTES else Unread.BEYOND
        headers = plain_headers(received[line_end + 2 : head_end + 2])
        n_body_bytes = -1 if headers is None else self._stated_length(headers)
        if headers is None or n_body_bytes < 0:
            return Unread.BEYOND
        start = head_end + len(_END)
        end = start + n_body_bytes
        return PlainRequest(place, headers, received[start:end], end) if len(received) >= end else Unread.UNFINISHED

    def _stated_length(self, headers: Mapping[bytes, bytes]) -> int:
        """How long the body is; negative without a length or with one that is too much."""
        length = headers.get(b"content-length", b"")
        if not length.isdigit() or len(length) > len(str(self._max_body_bytes)):
            return -1
        return int(length) if int(length) <= self._max_body_bytes else -1

    def _begun(self, received: bytes) -> Unread:
        """Of bytes without a whole line: whether it can still become one of ours."""
        if any((line + b"\r").startswith(received) for line in self._places):
            return Unread.UNFINISHED
        return Unread.BEYOND


def plain_headers(head: bytes) -> Mapping[bytes, bytes] | None:
    """The headers of a head without its request line, if each is plain and comes once; else None."""
    if _FIELDS.fullmatch(head) is None:
        return None
    lines = head.split(b"\r\n")
    del lines[-1]  # after the last header's end
    headers: dict[bytes, bytes] = {}
    for line in lines:
        name, _, value = line.partition(b":")
        headers[name.lower()] = value.strip()
    if len(headers) != len(lines) or b"host" not in headers or not _BEYOND.isdisjoint(headers):
        return None
    return headers if headers.get(b"connection", _KEEP).lower() == _KEEP else None


def header_lines(headers: Headers) -> bytes:
    """Headers as they go on the wire."""
    return b"".join([b"%b: %b\r\n" % each for each in headers])


def answer_bytes(reply: Reply, more: bytes = b"", *, is_last: bool = False) -> bytes:
    """A whole answer, with more header lines than its own; the last one of a connection says so."""
    return b"%b%b%b%bcontent-length: %d\r\n%b\r\n%b" % (
        _status_line(reply.status),
        header_lines(reply.headers),
        more,
        _date_line(int(time.time())),
        len(reply.body),
        b"connection: close\r\n" if is_last else b"",
        reply.body,
    )


@lru_cache(maxsize=64)
def _status_line(status: int) -> bytes:
    return b"HTTP/1.1 %d %b\r\n" % (status, HTTPStatus(status).phrase.encode())


@lru_cache(maxsize=4)
def _date_line(second: int) -> bytes:
    return b"date: %b\r\n" % formatdate(second, usegmt=True).encode()
