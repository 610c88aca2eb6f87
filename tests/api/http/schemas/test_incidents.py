"""What clients read about an incident: open ones have no end, and nothing stands for nothing."""

from __future__ import annotations

from api.http.schemas.incidents import incident_view
from api.use_cases.incidents import Incident
from tests.governance.examples import NOON


def test_an_open_incident_has_neither_end_nor_cause_nor_family() -> None:
    found = incident_view(Incident("inc-1", "late", NOON, "oncall", "prices stood still", "", 7))
    assert (found.ended_at, found.cause, found.closed_by, found.family) == (None, None, None, None)
    assert (found.sequence, found.what) == (7, "prices stood still")


def test_a_closed_incident_says_when_why_and_by_whom() -> None:
    closed = Incident("inc-1", "late", NOON, "oncall", "", "momentum", 7, NOON, "a late feed", "ada")
    found = incident_view(closed)
    assert found.ended_at == found.began_at
    assert (found.cause, found.closed_by, found.family) == ("a late feed", "ada", "momentum")
