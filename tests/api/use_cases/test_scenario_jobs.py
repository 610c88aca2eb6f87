"""Scenarios as jobs: asked once, refused with every fault, told by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.sql.jobs import JobBox
from api.bootstrap import shell_clock
from api.use_cases.scenario_jobs import KIND, ScenarioAsked, asked_scenario, shipped_text
from nodes.vocabulary.errors import EdgeError, PolicyError


def test_a_scenario_that_is_under_way_is_not_asked_for_twice(tmp_path: Path) -> None:
    asked = ScenarioAsked(*shipped_text("lehman-2008"), by_rule=True)
    with JobBox(tmp_path / "jobs.db", shell_clock) as box:
        first, again = (asked_scenario(box, asked, "risk") for _ in range(2))
        other = asked_scenario(box, ScenarioAsked(*shipped_text("lehman-2008"), by_rule=False), "risk")
    assert (first.job_id, first.kind) == (again.job_id, KIND)
    assert other.job_id != first.job_id


def test_a_document_with_faults_is_no_job(tmp_path: Path) -> None:
    with JobBox(tmp_path / "jobs.db", shell_clock) as box, pytest.raises(PolicyError, match=r"mine\.yaml"):
        asked_scenario(box, ScenarioAsked("scenario: x", "mine.yaml", by_rule=True), "risk")


def test_a_name_that_is_not_known_is_answered_with_those_that_are() -> None:
    with pytest.raises(EdgeError, match=r"scenario 'tulips-1637' is not known, only .*lehman-2008"):
        shipped_text("tulips-1637")
