"""What nobody read of a body is read out before an answer; that a refusal arrives is shown in tests/contract."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from api.http.linger import LingeringBody


@pytest.mark.parametrize(
    ("headers", "n_read"),
    [
        ({b"content-length": b"4"}, 2),
        ({b"transfer-encoding": b"chunked"}, 2),
        ({}, 0),
        ({b"content-length": b"0"}, 0),
        ({b"content-length": b"4", b"expect": b"100-continue"}, 0),
    ],
)
def test_a_body_that_nobody_read_is_read_to_its_end(headers: dict[bytes, bytes], n_read: int) -> None:
    parts = [{"type": "http.request", "body": b"ab", "more_body": is_more} for is_more in (True, False)]
    left = list(parts)

    async def receive() -> Any:
        return left.pop(0)

    asyncio.run(LingeringBody(receive, headers).read_out())
    assert len(parts) - len(left) == n_read
