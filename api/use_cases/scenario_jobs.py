"""Scenarios as jobs: what is asked, who does it, and what is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from adapters.sql.job_rows import Job
from adapters.sql.jobs import JobBox
from api.use_cases.jobs import JobDesk
from api.use_cases.scenarios import Bench, ScenarioReport, ScenarioRequest, scenario_report
from nodes.vocabulary.errors import EdgeError
from policies.scenario import SHIPPED, Scenario, parsed_scenario

KIND = "scenario"
REPORT = b"report"
"""The key under which the page is kept, among the parts of the job."""


class ScenarioAsked(msgspec.Struct, frozen=True):
    """What is asked of a scenario job.

    Attributes:
        text: the scenario's document.
        file: its name, for faults.
        by_rule: whether each guardrail that fired is left out in a run of its own.
    """

    text: str
    file: str
    by_rule: bool


@dataclass(frozen=True)
class ScenarioWork:
    """What does scenario jobs.

    Attributes:
        request: the scenario under the live policy on the lake of the home.
        bench: opens the desks of its runs.
        page: writes the report.
    """

    request: Callable[[Scenario, bool], ScenarioRequest]
    bench: Bench
    page: Callable[[ScenarioReport], str]

    def __call__(self, desk: JobDesk, /) -> bytes:
        """The result of a job."""
        asked = msgspec.json.decode(desk.job.request, type=ScenarioAsked)
        scenario = parsed_scenario(asked.text.encode(), asked.file)
        report = scenario_report(self.request(scenario, asked.by_rule), self.bench, desk.progress)
        desk.keep(REPORT, self.page(report).encode())
        return msgspec.json.encode(report)


def asked_scenario(box: JobBox, asked: ScenarioAsked, principal: str) -> Job:
    """The job of a scenario: the one that was asked for and is not done, or a new one.

    Raises PolicyError with every fault of the document.
    """
    parsed_scenario(asked.text.encode(), asked.file)
    request = msgspec.json.encode(asked)
    return box.unfinished(KIND, request) or box.asked(KIND, request, principal)


def shipped_text(name: str) -> tuple[str, str]:
    """The document of a scenario that comes with Assay, and its file's name. Raises EdgeError (not-found)."""
    files = {file.stem: file for file in SHIPPED.glob("*.yaml")}
    if name not in files:
        message = f"scenario {name!r} is not known, only {', '.join(sorted(files))}"
        raise EdgeError(f"{message}; name one of these, or a YAML file of your own", reason="not-found")
    return files[name].read_text(encoding="utf-8"), files[name].name
