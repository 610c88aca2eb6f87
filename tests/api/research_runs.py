"""A small study that was really run: over made-up bars, with the linear trainer, in this process."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from adapters.log_folder import LogFolder
from adapters.sql.jobs import JobBox
from api.pages.research_page import research_page
from api.use_cases.jobs import done_job
from api.use_cases.model_desk import ModelDesk
from api.use_cases.research import Research
from api.use_cases.research_jobs import REPORT, ResearchAsked, ResearchResult, ResearchWork, asked_research
from tests.api.use_cases.model_desks import desk_of, opened
from tests.dataflows.research.panels import small_closes, small_snapshot
from tests.dataflows.research.small import small_policy
from tests.governance.model_examples import noon


@dataclass(frozen=True)
class Ran:
    """What a run left behind."""

    folder: LogFolder
    request: bytes
    research: Research
    result: ResearchResult
    report: bytes


def work_over(folder: LogFolder, tell: list[Research] | None = None) -> ResearchWork:
    """What does research jobs over a log, in this process."""

    @contextmanager
    def models() -> Iterator[ModelDesk]:
        yield desk_of(folder)

    return ResearchWork(
        models=models,
        snapshot=lambda: small_snapshot(small_closes()),
        page=research_page,
        n_workers=1,
        tell=None if tell is None else tell.append,
    )


@cache
def ran() -> Ran:
    """The small study, run once in this process."""
    place = Path(tempfile.mkdtemp(prefix="assay-research-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    folder = opened(place / "log")
    told: list[Research] = []
    with JobBox(place / "jobs.db", noon) as box:
        job = asked_research(box, ResearchAsked(small_policy(), "small.yaml"), "quant")
        done = done_job(box, job, work_over(folder, told))
        report = box.part(done.job_id, REPORT)
    result = msgspec.json.decode(done.result or b"", type=ResearchResult)
    return Ran(folder, job.request, told[0], result, report or b"")
