"""Scenarios by HTTP: listed, asked for, looked at, refused."""

from __future__ import annotations

import msgspec
import pytest

from api.pages.scenario_page import scenario_page
from api.use_cases.jobs import JobDesk, done_job
from api.use_cases.scenario_jobs import REPORT
from tests.api.http.serving import Served, problem_slug
from tests.api.made_report import made_report

SCENARIOS = "/api/v1/scenarios"


def test_scenarios_are_listed_with_their_basis(home: Served) -> None:
    found = {each["name"]: each for each in home.get(SCENARIOS).json()["scenarios"]}
    assert found["lehman-2008"]["basis"] == "real"
    assert found["covid-2020-path"]["basis"] == "calibrated"


def test_a_scenario_is_a_job_whose_report_and_page_are_there_when_it_is_done(home: Served) -> None:
    """SCN-01."""
    asked = home.post(SCENARIOS, json={"name": "lehman-2008"})
    assert asked.status_code == 202
    place = asked.headers["location"]
    assert home.get(place).json()["result"] is None
    assert problem_slug(home.get(f"{place}/report")) == "not-found"
    report = made_report()

    def work(desk: JobDesk, /) -> bytes:
        desk.keep(REPORT, scenario_page(report).encode())
        return msgspec.json.encode(report)

    done_job(home.parts.jobs, home.parts.jobs.job(place.rpartition("/")[2]), work)
    found = home.get(place).json()
    assert found["result"]["paths"][0]["guardrails"][0]["saved_usd"] == "120"
    page = home.get(found["report"])
    assert page.headers["content-type"].startswith("text/html")
    assert "crisis" in page.text


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({"name": "tulips-1637"}, "not-found"),
        ({}, "invalid"),
        ({"name": "lehman-2008", "text": "scenario: x"}, "invalid"),
        ({"text": "scenario: x"}, "policy-faults"),
    ],
)
def test_what_is_no_scenario_is_refused(home: Served, body: dict[str, str], slug: str) -> None:
    assert problem_slug(home.post(SCENARIOS, json=body)) == slug
