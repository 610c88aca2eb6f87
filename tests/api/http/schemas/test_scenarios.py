"""Scenarios in JSON."""

from __future__ import annotations

import msgspec
import pytest

from api.http.schemas.scenarios import ScenarioBody, asked_of, shipped_view
from api.use_cases.scenarios import ScenarioReport
from nodes.vocabulary.errors import EdgeError
from policies.scenario import shipped_scenarios
from tests.api.made_report import made_report


def test_a_name_stands_for_the_document_that_ships() -> None:
    asked = asked_of(ScenarioBody(name="lehman-2008", by_rule=False))
    assert (asked.file, asked.by_rule) == ("lehman-2008.yaml", False)
    assert asked.text.startswith("scenario: lehman-2008")


@pytest.mark.parametrize("body", [ScenarioBody(), ScenarioBody(name="lehman-2008", text="scenario: x")])
def test_neither_and_both_are_refused(body: ScenarioBody) -> None:
    with pytest.raises(EdgeError, match="by name or by text, and by one of them"):
        asked_of(body)


def test_every_shipped_scenario_has_its_line() -> None:
    assert all(shipped_view(each).why for each in shipped_scenarios())


def test_a_report_survives_json() -> None:
    report = made_report(2)
    assert msgspec.json.decode(msgspec.json.encode(report), type=ScenarioReport) == report
