from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from adapters.sql.job_rows import JobState
from api.http.job_tails import JobTails
from nodes.vocabulary.errors import EdgeError
from tests.api.http.serving import Served


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [(lambda tails: tails.close(), "draining"), (lambda tails: setattr(tails, "_n_followers", 64), "queue-full")],
)
def test_no_more_can_follow_than_there_is_room_for(
    home: Served, spoil: Callable[[JobTails], None], reason: str
) -> None:
    tails = JobTails(home.parts.jobs)
    tails.require_room()
    spoil(tails)
    with pytest.raises(EdgeError, match=r"stop|followers") as caught:
        tails.require_room()
    assert caught.value.reason == reason


def test_a_stream_ends_with_its_job_and_says_how(home: Served) -> None:
    """Issue 5: progress over SSE."""
    box = home.parts.jobs
    job = box.asked("dance", b"", "quant")
    box.claimed("one", job.job_id)
    box.ended(job.job_id, "one", JobState.DONE, result=b"")

    async def followed() -> bytes:
        return b"".join([part async for part in JobTails(box).events(job.job_id, 0)])

    found = asyncio.run(followed()).decode()
    assert found.count("event: job") == 3
    assert found.rstrip().endswith('event: end\ndata: {"reason":"done"}')


def test_a_stream_that_is_closed_says_that_the_server_drains(home: Served) -> None:
    box = home.parts.jobs
    job = box.asked("dance", b"", "quant")
    box.claimed("one", job.job_id)

    async def followed() -> bytes:
        tails, found = JobTails(box), b""
        async for part in tails.events(job.job_id, 0):
            found += part
            tails.close()
        return found

    assert '{"reason":"draining"}' in asyncio.run(followed()).decode()
    box.ended(job.job_id, "one", JobState.CANCELLED)
