"""Headers that decide something come once."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from tests.api.http.serving import EXECUTE, ORDER, Served, new_key, problem_slug


def asked(home: Served, method: str, path: str, headers: list[tuple[str, str]], content: str = "") -> httpx.Response:
    """An answer to headers as they are: the client of the other tests puts those of one name together."""

    async def answered() -> httpx.Response:
        transport = httpx.ASGITransport(app=home.application)  # type: ignore[arg-type]  # the same callable, typed closer
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, headers=headers, content=content)

    return asyncio.run(answered())


def test_an_order_with_two_keys_is_refused(home: Served) -> None:
    """SGN-07: a client that sent two keys could repeat the order under the one that was not taken."""
    token = home.headers()["Authorization"]
    headers = [
        ("Authorization", token),
        ("Content-Type", "application/json"),
        ("Idempotency-Key", new_key()),
        ("idempotency-key", new_key()),
    ]
    answer = asked(home, "POST", EXECUTE, headers, json.dumps(ORDER))
    assert (answer.status_code, problem_slug(answer)) == (400, "bad-request")
    assert answer.json()["errors"] == [
        {"where": "header idempotency-key", "what": "is given more than once; send it once"}
    ]


@pytest.mark.parametrize("path", ["/api/v1/plan", "/internal/policy"])
def test_a_request_with_two_tokens_is_refused(home: Served, path: str) -> None:
    headers = [("Authorization", home.headers()["Authorization"]), ("Authorization", "Bearer other")]
    answer = asked(home, "GET", path, headers)
    assert (answer.status_code, problem_slug(answer)) == (400, "bad-request")


def test_headers_that_decide_nothing_may_come_again(home: Served) -> None:
    headers = [("Authorization", home.headers()["Authorization"]), ("X-Trace", "a"), ("X-Trace", "b")]
    assert asked(home, "GET", "/api/v1/plan", headers).status_code == 200
