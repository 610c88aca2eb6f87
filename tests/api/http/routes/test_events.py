"""The tail of the log over HTTP: events with ids, resumed by Last-Event-ID; slow clients are cut off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.http import event_stream
from api.http.app import app
from api.http.routes.events import counted
from tests.api.http.serving import Served, problem_slug

PATH = "/internal/log/events"


async def streamed(home: Served, path: str, query: str, n_chunks: int, *, stuck: bool = False, **headers: str) -> bytes:
    """The body of a stream up to so many chunks, then the client goes away; a stuck client never takes the second."""
    application = app(home.parts)
    chunks: list[bytes] = []
    gone = asyncio.Event()

    async def receive() -> Any:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200, message
            assert (b"content-type", b"text/event-stream; charset=utf-8") in message["headers"]
            return
        chunks.append(message["body"])
        if stuck and len(chunks) > 1:
            await asyncio.Event().wait()
        if len(chunks) >= n_chunks:
            gone.set()

    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"authorization", home.headers()["Authorization"].encode()), *given],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    async with asyncio.timeout(20):
        await application(scope, receive, send)
    return b"".join(chunks)


def test_a_stream_begins_with_how_to_resume_and_goes_on_with_entries(home: Served) -> None:
    body = asyncio.run(streamed(home, PATH, "after=-1", 2)).decode()
    assert body.startswith("retry: 1000\n")
    assert "id: 0\nevent: genesis\ndata: {" in body


def test_who_follows_is_counted_until_they_go(home: Served) -> None:
    """The gauge comes back to none, also when a client just goes away."""
    gauge, seen = home.parts.telemetry.counted.stream_clients, list[float]()
    assert asyncio.run(streamed(home, PATH, "after=-1", 2))
    assert home.parts.telemetry.counted.registry.get_sample_value("assay_stream_clients") == 0

    async def events() -> AsyncIterator[bytes]:
        value = home.parts.telemetry.counted.registry.get_sample_value("assay_stream_clients")
        seen.append(-1.0 if value is None else value)
        yield b""

    async def all_of_it() -> list[bytes]:
        return [each async for each in counted(gauge, events())]

    assert asyncio.run(all_of_it()) == [b""]
    assert seen == [1.0]
    assert home.parts.telemetry.counted.registry.get_sample_value("assay_stream_clients") == 0


def test_the_last_id_that_was_received_goes_before_where_one_wanted_to_begin(home: Served) -> None:
    body = asyncio.run(streamed(home, PATH, "after=-1", 2, last_event_id="0")).decode()
    assert "id: 0\n" not in body
    assert "id: 1\n" in body


def test_policy_events_tell_what_became_of_policies(home: Served) -> None:
    body = asyncio.run(streamed(home, "/internal/policy/events", "after=-1", 2)).decode()
    assert "event: activation\n" in body
    assert "event: genesis\n" not in body


def test_a_client_that_takes_nothing_is_cut_off(home: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "SEND_TIMEOUT_S", 0.1)
    asyncio.run(streamed(home, PATH, "after=-1", 99, stuck=True))


@pytest.mark.parametrize("given", ["x", "-1", "1" * 19, "1.5", "²"])
def test_an_id_that_no_log_has_is_refused(home: Served, given: str) -> None:
    answer = home.get(PATH, headers={"Last-Event-ID": given.encode()})
    assert (answer.status_code, problem_slug(answer)) == (400, "bad-request")


def test_an_id_of_another_log_is_refused(home: Served) -> None:
    answer = home.get(PATH, headers={"Last-Event-ID": "99999"})
    assert (answer.status_code, problem_slug(answer)) == (422, "invalid")


def test_a_kind_that_there_is_not_is_refused(home: Served) -> None:
    answer = home.get(PATH, params={"kind": "nonsense"})
    assert (answer.status_code, problem_slug(answer)) == (400, "bad-request")


def test_the_log_is_for_auditors(home: Served) -> None:
    assert home.client.get(PATH, headers=home.headers("plan:read")).status_code == 403
