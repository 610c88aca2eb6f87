"""Backtests in JSON."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from adapters.sql.job_rows import Job
from api.http.schemas.jobs import MAX_POLICY, JobView, job_view
from api.settings import Settings
from api.use_cases.backtest_jobs import MAX_CHANGES, BacktestResult
from api.use_cases.backtest_retraining import RetrainingAsked
from api.use_cases.backtests import BacktestAsked
from api.use_cases.policies import file_bytes

Change = Annotated[str, msgspec.Meta(min_length=3, max_length=400, pattern="^[^=]+=.+$")]


class RetrainingBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How the policy's model is trained anew as a backtest goes on.

    Attributes:
        policy: text of the policy that says when, on what and through which gate.
        study: text of the research policy that it names.
    """

    policy: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_POLICY)]
    study: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_POLICY)]


class BacktestBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A backtest to run: the policy and the data are those of the server.

    Attributes:
        first_on: first session; the first of the installation where it is left out.
        last_on: last session; that of the last bar where it is left out.
        assumptions: text of the policy that says what the market is like; the server's where it is left out.
        file: what the faults of that text call it.
        changes: assumptions to change one at a time and compare, each "name=value", several with commas.
        has_study: whether capacity, sensitivity and reality gap are worked out, too.
        retraining: how the policy's model is trained anew; null leaves a policy that trades one without any.
    """

    first_on: date | None = None
    last_on: date | None = None
    assumptions: Annotated[str, msgspec.Meta(max_length=MAX_POLICY)] = ""
    file: Annotated[str, msgspec.Meta(max_length=200)] = "assumptions.yaml"
    changes: Annotated[tuple[Change, ...], msgspec.Meta(max_length=MAX_CHANGES)] = ()
    has_study: bool = False
    retraining: RetrainingBody | None = None


class BacktestJobView(msgspec.Struct, frozen=True):
    """A backtest.

    Attributes:
        job: its job.
        result: what it came to; null until it is done.
        report: path of its tear sheet; null until it is done.
        tables: paths of its tables by name; empty until it is done.
    """

    job: JobView
    result: BacktestResult | None
    report: str | None
    tables: dict[str, str]


def asked_of(body: BacktestBody, settings: Settings) -> BacktestAsked:
    """What a body asks of a server. Raises EdgeError when its own assumptions cannot be read."""
    text = body.assumptions or file_bytes(settings.assumptions).decode(errors="replace")
    file = body.file if body.assumptions else settings.assumptions.name
    asked = body.retraining
    return BacktestAsked(
        assumptions=text,
        file=file,
        first_on=body.first_on or settings.first_on,
        last_on=body.last_on,
        changes=body.changes,
        has_study=body.has_study,
        retraining=None
        if asked is None
        else RetrainingAsked(asked.policy, "retraining.yaml", asked.study, "study.yaml"),
    )


def backtest_view(job: Job, path: str, tables: tuple[str, ...]) -> BacktestJobView:
    """A job of a backtest as it is told, under the path of backtests."""
    if job.result is None:
        return BacktestJobView(job_view(job), None, None, {})
    place = f"{path}/{job.job_id}"
    result = msgspec.json.decode(job.result, type=BacktestResult)
    return BacktestJobView(
        job_view(job), result, f"{place}/report", {name: f"{place}/tables/{name}" for name in tables}
    )
