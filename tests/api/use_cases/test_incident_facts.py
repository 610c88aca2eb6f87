"""The record of an incident begins with facts whose name follows from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from api.use_cases.incident_facts import incident_facts

AT = datetime(2013, 1, 3, 16, tzinfo=UTC)


def test_an_incident_is_named_by_what_it_is_and_when() -> None:
    first = incident_facts("stale feed", "no bars", AT, "ops", AT)
    assert first == incident_facts("stale feed", "no bars", AT, "ops", AT)
    assert (first["state"], first["because"], first["principal"]) == ("open", "no bars", "ops")
    later = incident_facts("stale feed", "no bars", AT, "ops", AT + timedelta(seconds=1))
    assert later["incident_id"] != first["incident_id"]
    assert len(first["incident_id"]) == len("inc-") + 12
