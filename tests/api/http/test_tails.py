"""Following the log: every entry once and in order, from any place, across commits and processes."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.http import tails as tails_module
from api.http.tails import Tails
from nodes.vocabulary.errors import EdgeError
from tests.api.http.serving import Served

TIMEOUT_S = 20.0


def ids(content: bytes) -> list[int]:
    """The ids of entries; those of heartbeats are no entries."""
    return [int(found) for found in re.findall(rb"^id: ([0-9]+)\nevent: ", content, re.MULTILINE)]


async def read_until(events: AsyncIterator[bytes], last: int) -> list[int]:
    """The ids of events up to one that is waited for."""
    seen: list[int] = []
    async with asyncio.timeout(TIMEOUT_S):
        while not seen or seen[-1] < last:
            seen += ids(await anext(events))
    return seen


def ordered(home: Served) -> None:
    home.ordered(symbol="AAPL", qty="60", account_id="second")


def size(home: Served) -> int:
    with home.service.store.reader() as reader:
        return reader.head().size


def test_every_entry_is_told_once_and_in_order_those_to_come_included(home: Served) -> None:
    async def followed() -> list[int]:
        events = Tails(home.service).events(-1)
        before = size(home)
        seen = await read_until(events, before - 1)
        for _ in range(3):
            await asyncio.to_thread(ordered, home)
        return seen + await read_until(events, size(home) - 1)

    seen = asyncio.run(followed())
    assert seen == list(range(len(seen)))


def test_a_stream_resumes_where_another_broke_off(home: Served) -> None:
    async def followed() -> list[int]:
        tails = Tails(home.service)
        first = tails.events(-1)
        seen = await read_until(first, 1)
        await first.aclose()  # type: ignore[attr-defined]  # it is an async generator
        assert tails.n_followers == 0
        await asyncio.to_thread(ordered, home)
        return seen + await read_until(tails.events(seen[-1]), size(home) - 1)

    seen = asyncio.run(followed())
    assert seen == list(range(len(seen)))


def test_only_the_kinds_that_were_asked_for_are_told(home: Served) -> None:
    async def followed() -> list[str]:
        events = Tails(home.service, heartbeat_s=0.05).events(-1, frozenset({"genesis", "plan"}))
        content = b"".join([await anext(events) for _ in range(3)])
        lines = content.decode().splitlines()
        told = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
        return [str(entry["kind"]) for entry in told]

    kinds = asyncio.run(followed())
    assert kinds[0] == "genesis"
    assert set(kinds) == {"genesis", "plan"}


def test_a_silence_is_filled_with_heartbeats_that_hold_the_place(home: Served) -> None:
    async def followed() -> list[bytes]:
        events = Tails(home.service, heartbeat_s=0.05).events(size(home) - 1)
        return [await anext(events) for _ in range(3)]

    _, first, second = asyncio.run(followed())
    assert first == second == b": heartbeat\nid: %d\n\n" % (size(home) - 1)


def test_closing_ends_every_stream_with_a_word(home: Served) -> None:
    async def followed() -> tuple[bytes, int]:
        tails = Tails(home.service)
        events = tails.events(size(home) - 1)
        await anext(events)
        asyncio.get_running_loop().call_later(0.1, tails.close)
        async with asyncio.timeout(TIMEOUT_S):
            rest = [each async for each in events]
        with pytest.raises(EdgeError, match="about to close here") as refused:
            tails.require_room()
        assert refused.value.reason == "draining"
        return rest[-1], tails.n_followers

    assert asyncio.run(followed()) == (b'event: end\ndata: {"reason":"draining"}\n\n', 0)


def test_more_followers_than_there_is_room_for_are_refused(home: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails_module, "MAX_FOLLOWERS", 1)

    async def followed() -> None:
        tails = Tails(home.service)
        tails.require_room()
        events = tails.events(-1)
        await anext(events)
        with pytest.raises(EdgeError, match="1 followers are all") as refused:
            tails.require_room()
        assert refused.value.reason == "queue-full"

    asyncio.run(followed())


def test_followers_who_come_at_once_are_no_more_than_there_is_room_for(
    home: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is counted before the stream begins, so a burst is let in and cut down to size there."""
    monkeypatch.setattr(tails_module, "MAX_FOLLOWERS", 2)

    async def followed() -> list[bytes]:
        tails = Tails(home.service)
        streams = [tails.events(-1) for _ in range(4)]
        for stream in streams:
            await anext(stream)
        told = [await anext(stream) for stream in streams]
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]  # it is a generator
        return told

    told = asyncio.run(followed())
    assert [b"queue-full" in each for each in told] == [False, False, True, True]


def test_commits_of_other_processes_are_found_by_looking(home: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer of this process says nothing here, as if another had committed."""
    monkeypatch.setattr(home.service.writer, "on_commit", lambda _listener: lambda: None)

    async def followed() -> list[int]:
        before = size(home)
        events: Any = Tails(home.service).events(before - 1)
        await anext(events)
        await asyncio.to_thread(ordered, home)
        return await read_until(events, before)

    assert asyncio.run(followed())
