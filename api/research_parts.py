"""Joins research with the world: jobs of a home, its registry, the lake, the report's page."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from adapters.sql.jobs import JOBS, JobBox
from api.backtest_parts import backtest_work
from api.bootstrap import chosen_lake, fact_store, open_models, shell_clock
from api.impact_parts import impact_work
from api.pages.research_page import research_page
from api.scenario_parts import scenario_work
from api.settings import Settings
from api.use_cases.analysis import KINDS as ANALYSES
from api.use_cases.analysis import AnalysisWork
from api.use_cases.backtest_jobs import KIND as BACKTEST
from api.use_cases.feature_facts import feature_facts
from api.use_cases.impact_jobs import KIND as IMPACT
from api.use_cases.jobs import JobWork, JobWorks, done_job
from api.use_cases.leak_audit import bars_snapshot
from api.use_cases.research import Research
from api.use_cases.research_jobs import KIND, ResearchWork
from api.use_cases.scenario_jobs import KIND as SCENARIO
from api.use_cases.sentiment import serving
from dataflows.features import FeatureSnapshot
from nodes.vocabulary.errors import AssayError

SHIPPED_STUDY = Path(__file__).resolve().parents[1] / "policies" / "research" / "us-equities" / "v1.yaml"
"""The study of the demo."""


def job_box(settings: Settings) -> JobBox:
    """The jobs of a home."""
    return JobBox(settings.home / JOBS, shell_clock)


def research_work(settings: Settings, n_workers: int, tell: Callable[[Research], None] | None = None) -> ResearchWork:
    """What does research jobs from the command line: each opens the registry of the home by itself."""
    return ResearchWork(
        models=partial(open_models, settings),
        snapshot=partial(research_snapshot, settings),
        page=research_page,
        n_workers=n_workers,
        tell=tell,
    )


def research_snapshot(settings: Settings) -> FeatureSnapshot:
    """The facts that research reads: those of the lake that the settings name, as of now, else the bundled bars."""
    if settings.lake is None:
        return bars_snapshot(chosen_lake(settings))
    return feature_facts(fact_store(settings), serving(settings.sentiment_head), shell_clock())


def started_job(settings: Settings, job_id: str) -> BaseProcess:
    """A process of its own that does a job of a home."""
    process = get_context("spawn").Process(target=worked_job, args=(settings, job_id), name=f"job-{job_id}")
    process.start()
    return process


def worked_job(settings: Settings, job_id: str) -> None:
    """A job, done to its end. What it raises is recorded in the job; a signal to stop gives it back."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with job_box(settings) as box, suppress(AssayError, KeyboardInterrupt):
        done_job(box, box.job(job_id), job_work(settings))


def job_work(settings: Settings) -> JobWork:
    """What the server's jobs do: half of the cores, for others decide orders on them."""
    n_workers = max(1, (os.cpu_count() or 2) // 2)
    models, snapshot = partial(open_models, settings), partial(research_snapshot, settings)
    analyses = {kind: AnalysisWork(kind, models, snapshot, n_workers) for kind in ANALYSES}
    others: dict[str, JobWork] = {
        BACKTEST: backtest_work(settings),
        SCENARIO: scenario_work(settings),
        IMPACT: impact_work(settings, n_workers),
    }
    return JobWorks({KIND: research_work(settings, n_workers), **others, **analyses})
