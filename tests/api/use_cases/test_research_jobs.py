from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from adapters.sql.job_rows import JobState
from adapters.sql.jobs import JobBox
from api.use_cases.research_jobs import (
    REPORT,
    ResearchAsked,
    ResearchResult,
    asked_research,
    fit_bytes,
    fit_from_bytes,
)
from dataflows.research.trials import FitResult
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import DataError, PolicyError
from tests.api.research_runs import Ran, ran
from tests.dataflows.research.small import small_policy
from tests.governance.model_examples import noon


@pytest.fixture
def run() -> Ran:
    return ran()


def test_the_result_says_what_the_run_came_to(run: Ran) -> None:
    result = run.result
    assert result.model == run.research.model.name
    assert result.model_digest == digest_text(run.research.model.model_digest)
    assert result.figures == run.research.evidence.figures
    assert (result.n_trials, result.n_fits) == (2, 6)
    assert msgspec.json.decode(msgspec.json.encode(result), type=ResearchResult) == result


def test_a_study_that_is_asked_for_again_is_the_same_job_until_it_is_done(tmp_path: Path) -> None:
    asked = ResearchAsked(small_policy(), "small.yaml")
    with JobBox(tmp_path / "jobs.db", noon) as box:
        first, again = (asked_research(box, asked, "quant") for _ in range(2))
        assert first.job_id == again.job_id
        box.claimed("one")
        box.ended(first.job_id, "one", JobState.FAILED, because="no bars; import some")
        assert asked_research(box, asked, "quant").job_id != first.job_id


def test_a_policy_with_faults_never_becomes_a_job(tmp_path: Path) -> None:
    with JobBox(tmp_path / "jobs.db", noon) as box, pytest.raises(PolicyError, match="n_folds was 0"):
        asked_research(box, ResearchAsked(small_policy(n_folds="0"), "small.yaml"), "quant")


def test_kept_fits_that_are_none_are_refused() -> None:
    with pytest.raises(DataError, match="kept fit"):
        fit_from_bytes(b"U\0\0\0\0\0\0\0\1x")


def test_the_report_is_kept_with_the_job(run: Ran) -> None:
    assert run.report.startswith(b"<!doctype html>")
    assert REPORT == b"report"


def test_a_kept_fit_is_the_fit_bit_for_bit() -> None:
    fit = FitResult(0.6931, np.array([0.1, np.nan]), 0.5, 0.25)
    again = fit_from_bytes(fit_bytes(fit))
    assert (again.loss, again.centre, again.spread) == (fit.loss, fit.centre, fit.spread)
    assert again.predictions.tobytes() == fit.predictions.tobytes()
