"""Only requests of the plainest form are read; everything else is known for something else, never guessed at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.replies import Reply
from api.http.wire import MAX_HEAD_BYTES, PlainRequest, PlainRequests, Unread, answer_bytes

PLACE = ("POST", "/orders")
WHOLE = (
    b"POST /orders HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer x.y\r\nConnection: keep-alive\r\n"
    b"Content-Length: 5\r\n\r\nabcde"
)
REQUESTS = PlainRequests([PLACE], 100)


def test_a_plain_request_is_read_with_what_follows_left() -> None:
    found = REQUESTS.first(WHOLE + b"POST")
    assert isinstance(found, PlainRequest)
    assert (found.place, found.body, found.n_bytes) == (PLACE, b"abcde", len(WHOLE))
    assert found.headers[b"authorization"] == b"Bearer x.y"


@pytest.mark.parametrize("n_bytes", range(len(WHOLE)))
def test_every_beginning_of_a_plain_request_is_unfinished(n_bytes: int) -> None:
    assert REQUESTS.first(WHOLE[:n_bytes]) is Unread.UNFINISHED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"POST /", b"GET /"),
        (b"/orders", b"/orders?x=1"),
        (b"/orders", b"http://here/orders"),
        (b"HTTP/1.1", b"HTTP/1.0"),
        (b"Host: here\r\n", b""),
        (b"Host: here", b"Host: here\r\nHost: there"),
        (b"Host: here", b"Host : here"),
        (b"Host: here", b"Host: here\r\n folded"),
        (b"Host: here", b"Host: here\nX: y"),
        (b"Host: here", b"Host: h\x00re"),
        (b"Host: here", b"Host: h\xe9re"),
        (b"Host: here", b"Host:"),
        (b"keep-alive", b"close"),
        (b"keep-alive", b"keep-alive, upgrade"),
        (b"Connection: keep-alive", b"Transfer-Encoding: chunked"),
        (b"Connection: keep-alive", b"Expect: 100-continue"),
        (b"Connection: keep-alive", b"Upgrade: h2c"),
        (b"Connection: keep-alive", b"content-length: 6"),
        (b"Content-Length: 5\r\n", b""),
        (b"Length: 5", b"Length: +5"),
        (b"Length: 5", b"Length: 5, 5"),
        (b"Length: 5", b"Length: 0x5"),
        (b"Length: 5", b"Length: 101"),
        (b"Length: 5", b"Length: 0005"),
        (b"Length: 5", "Length: \u0665".encode()),
    ],
)
def test_anything_else_is_beyond(old: bytes, new: bytes) -> None:
    """SEC-17: what two readers could read as two requests is not read here at all."""
    assert old in WHOLE
    assert REQUESTS.first(WHOLE.replace(old, new, 1)) is Unread.BEYOND


def test_a_head_that_never_ends_is_beyond() -> None:
    assert REQUESTS.first(b"POST /orders HTTP/1.1\r\nX: " + b"y" * MAX_HEAD_BYTES) is Unread.BEYOND


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(noise: bytes) -> None:
    for received in (noise, WHOLE[:22] + noise, WHOLE[:40] + noise + WHOLE[40:]):
        assert REQUESTS.first(received) is not None


def test_an_answer_is_told_with_its_length_and_date() -> None:
    told = answer_bytes(Reply(404, b"none", [(b"x", b"y")]))
    head, _, body = told.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert (lines[0], lines[1], lines[3], body) == (b"HTTP/1.1 404 Not Found", b"x: y", b"content-length: 4", b"none")
    assert lines[2].startswith(b"date: ")
    assert lines[2].endswith(b" GMT")


def test_the_last_answer_of_a_connection_says_so() -> None:
    assert b"\r\nconnection: close\r\n\r\n" in answer_bytes(Reply(200, b""), is_last=True)
