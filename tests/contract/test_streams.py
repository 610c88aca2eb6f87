"""Streams keep their contract: events as documented, resumed without a gap, refused in the same words as the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest

from tests.api.server_process import Running
from tests.contract.documents import STREAM, operations

pytestmark = pytest.mark.slow
LOG, POLICY = "/internal/log/events", "/internal/policy/events"
ALERTS = "/api/v1/events/alerts/events"
JOBS, IMPACTS = "/api/v1/jobs/{job_id}/events", "/internal/policy/impacts/{impact_id}/events"


@pytest.fixture(scope="module")
def line(server: Running) -> Iterator[httpx.Client]:
    with server.client() as found:
        yield found


def _events(line: httpx.Client, path: str, n_events: int, **headers: str) -> list[dict[str, str]]:
    """The first events of a stream, field by field."""
    found: list[dict[str, str]] = []
    event: dict[str, str] = {}
    with line.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(STREAM)
        for text in response.iter_lines():
            name, _, value = text.partition(": ")
            if name not in {"", "retry"}:
                event[name] = value
            elif event.keys() >= {"id", "event", "data"}:
                found.append(event)
                event = {}
            if len(found) == n_events:
                break
    return found


def test_the_streams_are_those_that_the_document_has(document: dict[str, Any]) -> None:
    assert {each.path for each in operations(document) if each.is_stream} == {LOG, POLICY, ALERTS, JOBS, IMPACTS}


def test_every_event_of_the_log_is_an_entry_as_documented(line: httpx.Client, document: dict[str, Any]) -> None:
    """TEST-03."""
    schema = {"$ref": "#/components/schemas/EntryView", "components": document["components"]}
    events = _events(line, f"{LOG}?after=-1", 4)
    assert [event["id"] for event in events] == ["0", "1", "2", "3"]
    for event in events:
        entry = json.loads(event["data"])
        jsonschema_rs.validate(schema, entry)
        assert (event["event"], event["id"]) == (entry["kind"], str(entry["sequence"]))


def test_a_stream_goes_on_after_the_last_event_that_was_received(line: httpx.Client) -> None:
    first = _events(line, f"{LOG}?after=-1", 4)
    resumed = _events(line, f"{LOG}?after=-1", 2, **{"Last-Event-ID": first[1]["id"]})
    assert resumed == first[2:]


def test_the_stream_of_policies_tells_which_became_active(line: httpx.Client) -> None:
    (event,) = _events(line, f"{POLICY}?after=-1", 1)
    assert event["event"] == "activation"


@pytest.mark.parametrize(
    ("asked", "status"), [("after=-2", 400), ("after=none", 400), ("kind=nonsense", 400), ("after=999999", 422)]
)
def test_a_stream_of_what_there_is_not_is_refused(line: httpx.Client, asked: str, status: int) -> None:
    answer = line.get(f"{LOG}?{asked}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
