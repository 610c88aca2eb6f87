"""Scenarios in JSON."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from adapters.sql.job_rows import Job
from api.http.schemas.jobs import MAX_POLICY, JobView, job_view
from api.use_cases.scenario_jobs import ScenarioAsked, shipped_text
from api.use_cases.scenarios import ScenarioReport
from nodes.vocabulary.errors import EdgeError
from policies.scenario import Scenario


class ScenarioBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A scenario to run: one that is listed, by its name, or a document of your own.

    Attributes:
        name: of a scenario that is listed.
        text: a document, in YAML.
        file: what the document's faults call it.
        by_rule: whether each guardrail that fired is left out in a run of its own, which tells what it saved or cost.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_POLICY)] | None = None
    file: Annotated[str, msgspec.Meta(max_length=200)] = "scenario.yaml"
    by_rule: bool = True


class ShippedView(msgspec.Struct, frozen=True):
    """A scenario that can be run.

    Attributes:
        name: its name.
        version: of its document.
        title: a line.
        basis: real, calibrated or hypothetical.
        first_on: its first session.
        last_on: its last session.
        why: what it is to show.
    """

    name: str
    version: int
    title: str
    basis: str
    first_on: date
    last_on: date
    why: str


class ScenariosView(msgspec.Struct, frozen=True):
    """The scenarios that come with Assay."""

    scenarios: tuple[ShippedView, ...]


class ScenarioView(msgspec.Struct, frozen=True):
    """How far a scenario is.

    Attributes:
        job: its job.
        result: the report; null until it is done.
        report: where the page is; null until it is done.
    """

    job: JobView
    result: ScenarioReport | None
    report: str | None


def asked_of(body: ScenarioBody) -> ScenarioAsked:
    """What a body asks. Raises EdgeError unless it names one scenario, or for a name that is not known."""
    if (body.name is None) == (body.text is None):
        message = "a scenario is asked for by name or by text, and by one of them; give either"
        raise EdgeError(message, reason="invalid")
    text, file = (body.text or "", body.file) if body.name is None else shipped_text(body.name)
    return ScenarioAsked(text, file, body.by_rule)


def shipped_view(found: Scenario) -> ShippedView:
    """A scenario in a line."""
    span = (found.first_on, found.last_on)
    return ShippedView(found.name, found.version, found.title, found.basis, *span, found.why)


def scenario_view(job: Job, path: str) -> ScenarioView:
    """A scenario's job with what it came to."""
    if job.result is None:
        return ScenarioView(job_view(job), None, None)
    result = msgspec.json.decode(job.result, type=ScenarioReport)
    return ScenarioView(job_view(job), result, f"{path}/{job.job_id}/report")
