from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from adapters.sql.jobs import JobBox, JobState
from api.use_cases.jobs import done_job
from api.use_cases.research_jobs import KIND, REPORT, ResearchAsked, ResearchResult, asked_research, fit_from_bytes
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import DataError, EdgeError, PolicyError
from tests.api.research_runs import Ran, ran, work_over
from tests.dataflows.research.small import small_policy
from tests.governance.model_examples import noon


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return ran(tmp_path_factory.mktemp("research"))


def test_a_study_registers_its_model_with_digests_of_data_code_policy_and_trials(run: Ran) -> None:
    """Journey 4 of issue 5; GOV-01."""
    model = run.research.model
    assert model.name == "small-study v1"
    assert model.n_trials == run.research.evidence.n_trials == 2
    assert model.policy_digest == run.research.design.digest
    assert len({model.data_digest, model.code_digest, model.policy_digest, model.trials_digest}) == 4
    assert model.features == "week_reversal_frac,month_reversal_frac"
    with run.folder.store.reader() as reader:
        assert reader.body(model.artefact_ref)
        assert reader.registry.newest_trial("small-study").number == 2  # type: ignore[union-attr]  # there are trials


def test_a_model_of_noise_is_kept_out_by_the_gate(run: Ran) -> None:
    """SIG-05, INF-03."""
    assert run.research.judgement.run.action.value == "deny"
    assert run.result.verdict in {"luck", "undecided"}
    assert run.result.sentence.endswith("It is not traded.")


def test_the_result_says_what_the_run_came_to(run: Ran) -> None:
    result = run.result
    assert result.model == run.research.model.name
    assert result.model_digest == digest_text(run.research.model.model_digest)
    assert result.figures == run.research.evidence.figures
    assert (result.n_trials, result.n_fits) == (2, 6)
    assert msgspec.json.decode(msgspec.json.encode(result), type=ResearchResult) == result


def test_importances_are_known_for_every_tested_fold(run: Ran) -> None:
    assert run.research.importances.shape == (2, 2)
    assert np.isfinite(run.research.importances).all()


def test_the_log_of_a_study_verifies(run: Ran) -> None:
    assert run.folder.verification().is_intact


def test_the_same_study_again_fits_the_same_and_is_the_same_model(run: Ran) -> None:
    """Journey 1 of issue 5: it is a pure function of policy, data and seed."""
    with JobBox(run.place / "jobs.db", noon) as box:
        job = box.asked(KIND, run.request, "quant")
        again = done_job(box, job, work_over(run.folder))
    assert msgspec.json.decode(again.result or b"", type=ResearchResult) == run.result


def test_a_study_goes_on_after_a_crash_with_what_it_had_fitted(run: Ran) -> None:
    told: list[tuple[str, int]] = []

    def crash(what: str, done: int, _total: int) -> None:
        told.append((what, done))
        if (what, done) == ("fits", 4):
            raise KeyboardInterrupt

    with JobBox(run.place / "crash.db", noon) as box:
        job = box.asked(KIND, run.request, "quant")
        with pytest.raises(KeyboardInterrupt):
            done_job(box, job, work_over(run.folder), crash)
        n_kept = len(box.parts(job.job_id))
        assert n_kept >= 4
        seen: list[tuple[str, int]] = []
        resumed = done_job(box, job, work_over(run.folder), lambda what, done, _total: seen.append((what, done)))
    assert next(done for what, done in seen if what == "fits") >= n_kept
    assert msgspec.json.decode(resumed.result or b"", type=ResearchResult) == run.result


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


def test_a_study_of_a_model_that_nobody_trains_fails_with_the_names_of_those_that_are(run: Ran) -> None:
    text = small_policy(models="[crystal-ball]").replace("  linear_l2: [0.1, 10.0, log]\n", "")
    with JobBox(run.place / "ball.db", noon) as box:
        job = asked_research(box, ResearchAsked(text, "small.yaml"), "quant")
        with pytest.raises((DataError, EdgeError), match="crystal-ball"):
            done_job(box, job, work_over(run.folder))
        assert box.job(job.job_id).state is JobState.FAILED


def test_kept_fits_that_are_none_are_refused() -> None:
    with pytest.raises(DataError, match="kept fit"):
        fit_from_bytes(b"U\0\0\0\0\0\0\0\1x")


def test_the_report_is_kept_with_the_job(run: Ran) -> None:
    assert run.report.startswith(b"<!doctype html>")
    assert REPORT == b"report"
