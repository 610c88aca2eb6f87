"""Whole answers as bytes."""

from __future__ import annotations

import asyncio
from typing import Any

from api.http.problems import problem
from api.http.replies import Reply, encoded, problem_reply, status_phrase
from nodes.vocabulary.errors import EdgeError


def test_a_reply_is_sent_with_its_length() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Reply(200, b"abc").sent(send))
    assert sent[0]["headers"] == [(b"content-type", b"application/json"), (b"content-length", b"3")]
    assert (sent[1]["body"], sent[1]["more_body"]) == (b"abc", False)


def test_a_problem_is_sent_as_one() -> None:
    reply = problem_reply(problem(EdgeError("x", reason="queue-full")), "/path", "trace")
    assert reply.status == 503
    assert dict(reply.headers) == {b"content-type": b"application/problem+json", b"retry-after": b"1"}


def test_headers_are_encoded_in_lower_case() -> None:
    assert encoded({"Retry-After": "1"}) == [(b"retry-after", b"1")]


def test_statuses_have_phrases() -> None:
    assert status_phrase(404) == "Not Found"
