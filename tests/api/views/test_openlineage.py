"""The events of a decision fit the public schema of OpenLineage, and say what the trace says.

The schema is taken from `openlineage-python`, whose classes are generated from the published JSON Schema: every object
is read into its class, which knows its fields, their types and their formats, and no other field is let through.
"""

from __future__ import annotations

import importlib
import typing
from collections.abc import Iterator
from enum import Enum
from types import UnionType
from typing import Any, Union

import attr
import pytest
from openlineage.client.generated import base

from api.views.built import Recorded, recorded_decision
from api.views.openlineage import PRODUCER, lineage_events, openlineage_events, run_id
from nodes.vocabulary.canonical import digest_text
from tests.governance.bundle_examples import DecidedHome, clipped, decided

__all__ = ["decided"]
_BASES = {"RunFacet", "JobFacet", "DatasetFacet"}


def _read(kind: Any, value: Any, place: str) -> Any:
    """A value as an instance of a generated type. Raises AssertionError or what the type's validators raise."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, UnionType):
        return _read(next(each for each in arguments if each is not type(None)), value, place)
    if origin is list:
        return [_read(arguments[0], each, f"{place}[]") for each in value]
    if origin is dict:
        reader = _facet if arguments[1].__name__.endswith("Facet") else _object
        return {name: reader(arguments[1], each, f"{place}.{name}") for name, each in value.items()}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if attr.has(kind):
        return _object(kind, value, place)
    assert isinstance(value, kind), f"{place} is {value!r}"
    return value


def _object(kind: type, value: dict[str, Any], place: str) -> Any:
    hints = typing.get_type_hints(kind, vars(importlib.import_module(kind.__module__)) | vars(base))
    fields = {field.name: field for field in attr.fields(kind)}
    assert set(value) <= set(fields), f"{place} has {set(value) - set(fields)}"
    read = {name: _read(hints[name], each, f"{place}.{name}") for name, each in value.items()}
    made = kind(**{fields[name].alias: each for name, each in read.items() if fields[name].init})
    fixed = {name: getattr(made, name) for name, field in fields.items() if not field.init}
    assert {name: value[name] for name in fixed} == fixed, place
    return made


def _facet(_kind: type, value: dict[str, Any], place: str) -> Any:
    """A facet by the schema that it names; one of our own has the base's fields and others beside them."""
    name = value["_schemaURL"].rpartition("/")[2]
    if name in _BASES:
        own = {key: each for key, each in value.items() if key.startswith("_")}
        return _object(getattr(base, name), own, place)
    return _object(_GENERATED[name], value, place)


def _generated() -> Iterator[tuple[str, type]]:
    for module in ("nominal_time_run", "job_type_job", "dataset_version_dataset", "column_lineage_dataset",
                   "schema_dataset", "processing_engine_run"):  # fmt: skip
        found = importlib.import_module(f"openlineage.client.generated.{module}")
        yield from ((name, each) for name, each in vars(found).items() if isinstance(each, type) and attr.has(each))


_GENERATED = dict(_generated())


@pytest.fixture(scope="module")
def recorded(decided: DecidedHome) -> Recorded:
    with decided.store.reader() as reader:
        return recorded_decision(reader, clipped(reader))


def test_every_event_fits_the_public_schema(recorded: Recorded) -> None:
    """ENG-13: events validate against the public schema."""
    events = openlineage_events(recorded)
    read = [_read(base.RunEvent, event, "event") for event in events]
    assert [each.eventType.value for each in read] == ["START", "COMPLETE", "START", "COMPLETE"]
    assert {each.producer for each in read} == {PRODUCER}


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("run", "runId"), "no uuid", "badly formed"),
        (("eventTime",), "yesterday", "yest"),
        (("eventType",), "BEGUN", "BEGUN"),
        (("job", "owner"), "me", "owner"),
        (("run", "facets", "nominalTime", "nominalStartTime"), "noon", "noon"),
    ],
)
def test_the_reading_of_the_schema_refuses_what_does_not_fit(
    recorded: Recorded, path: tuple[str, ...], value: str, why: str
) -> None:
    event = openlineage_events(recorded)[0]
    place: Any = event
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises((ValueError, AssertionError), match=why):
        _read(base.RunEvent, event, "event")


def test_runs_are_named_by_their_traces_and_joined_by_what_they_read(recorded: Recorded) -> None:
    """ENG-13."""
    assert recorded.session is not None
    _, session, _, order = openlineage_events(recorded)
    assert session["run"]["runId"] == run_id(recorded.session) != run_id(recorded.order) == order["run"]["runId"]
    written = {(each["namespace"], each["name"]) for each in session["outputs"]}
    assert written <= {(each["namespace"], each["name"]) for each in order["inputs"]}
    digests = order["run"]["facets"]["assay_digests"]
    assert digests["traceDigest"] == digest_text(recorded.order.trace.digest)
    assert order["outputs"][0]["facets"]["version"]["datasetVersion"] == lineage_events(recorded).decision_id


def test_each_rule_is_traced_to_the_fields_that_it_was_computed_from(recorded: Recorded) -> None:
    """ENG-13: lineage down to columns."""
    fields = openlineage_events(recorded)[-1]["outputs"][0]["facets"]["columnLineage"]["fields"]
    sources = {(each["name"], each["field"]) for each in fields["participation_holds"]["inputFields"]}
    day = f"session/{recorded.entry.facts['session_on']}"
    assert {(day, "last_adv_shares"), (day, "candidate_order_shares")} <= sources
    cash = {each["field"] for each in fields["cash_holds"]["inputFields"] if each["name"] == "account/demo"}
    assert "cash_usd" in cash


def test_a_decision_without_a_session_has_the_events_of_its_own_run(recorded: Recorded) -> None:
    alone = Recorded(**{**vars(recorded), "session": None})
    events = openlineage_events(alone)
    assert [each["eventType"] for each in events] == ["START", "COMPLETE"]
    assert {each["name"].partition("/")[0] for each in events[0]["inputs"]} == {"account", "policy"}
