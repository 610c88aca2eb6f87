"""Incidents over HTTP: listed, read, and written up as JSON, Markdown or a page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.lake.lake import Lake
from api.use_cases.incidents import Incident, IncidentReport, closed_incident, opened_incident
from api.use_cases.model_desk import serving_desk
from tests.api.http.serving import Served, paper_settings, problem_slug, served

PLACE = "/internal/incidents"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[Served]:
    with served(paper_settings(tmp_path_factory.mktemp("incidents") / "home"), http_lake) as found:
        yield found


@pytest.fixture(scope="module")
def recorded(home: Served) -> tuple[Incident, Incident]:
    """One that is closed, and one that is open."""
    desk = serving_desk(home.service)
    now = desk.clock()
    first = opened_incident(desk, IncidentReport("Orders on <bad> data", "prices stood still", now), "oncall")
    closed = closed_incident(desk, first.incident_id, "ada", "the feed was late")
    return closed, opened_incident(desk, IncidentReport("A second one", "nobody knows", now), "oncall")


def test_incidents_are_listed_newest_first(home: Served, recorded: tuple[Incident, Incident]) -> None:
    """GOV-03."""
    found = home.get(PLACE).json()["incidents"]
    assert [each["incident_id"] for each in found] == [recorded[1].incident_id, recorded[0].incident_id]
    assert (found[0]["ended_at"], found[0]["cause"], found[0]["family"]) == (None, None, None)
    assert (found[1]["closed_by"], found[1]["cause"]) == ("ada", "the feed was late")


def test_one_incident_is_read_as_the_log_has_it(home: Served, recorded: tuple[Incident, Incident]) -> None:
    found = home.get(f"{PLACE}/{recorded[0].incident_id}").json()
    assert (found["title"], found["what"]) == ("Orders on <bad> data", "prices stood still")
    assert (found["recorded_by"], found["sequence"]) == ("oncall", recorded[0].sequence)


@pytest.mark.parametrize(
    ("accept", "kind", "begins"),
    [("text/markdown", "text/markdown", "# "), ("text/html", "text/html", "<!doctype html>")],
)
def test_a_postmortem_is_given_as_it_is_asked_for(
    home: Served, recorded: tuple[Incident, Incident], accept: str, kind: str, begins: str
) -> None:
    """GOV-03: the timeline is the log's."""
    path = f"{PLACE}/{recorded[0].incident_id}/postmortem"
    response = home.client.get(path, headers=home.headers() | {"Accept": accept})
    assert response.headers["content-type"].startswith(kind)
    assert response.text.lower().startswith(begins)
    assert home.get(path).json()["markdown"].startswith("# ")
    assert "<bad>" not in home.get(path).json()["html"]


@pytest.mark.parametrize("path", ["inc-000000000000", "inc-000000000000/postmortem"])
def test_an_unknown_incident_is_not_found(home: Served, path: str) -> None:
    response = home.get(f"{PLACE}/{path}")
    assert (response.status_code, problem_slug(response)) == (404, "not-found")


def test_who_may_not_read_the_audit_reads_no_incident(home: Served) -> None:
    response = home.client.get(PLACE, headers=home.headers("plan:read"))
    assert (response.status_code, problem_slug(response)) == (403, "forbidden")
