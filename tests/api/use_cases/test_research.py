from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from adapters.sql.job_rows import JobState
from adapters.sql.jobs import JobBox
from api.use_cases.jobs import done_job
from api.use_cases.research_jobs import KIND, ResearchAsked, ResearchResult, asked_research
from nodes.vocabulary.errors import DataError, EdgeError
from tests.api.research_runs import Ran, ran, work_over
from tests.dataflows.research.small import small_policy
from tests.governance.model_examples import noon


@pytest.fixture
def run() -> Ran:
    return ran()


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


def test_importances_are_known_for_every_tested_fold(run: Ran) -> None:
    assert run.research.importances.shape == (2, 2)
    assert np.isfinite(run.research.importances).all()


def test_the_log_of_a_study_verifies(run: Ran) -> None:
    assert run.folder.verification().is_intact


def test_the_same_study_again_fits_the_same_and_is_the_same_model(run: Ran, tmp_path: Path) -> None:
    """Journey 1 of issue 5: it is a pure function of policy, data and seed."""
    with JobBox(tmp_path / "jobs.db", noon) as box:
        job = box.asked(KIND, run.request, "quant")
        again = done_job(box, job, work_over(run.folder))
    assert msgspec.json.decode(again.result or b"", type=ResearchResult) == run.result


def test_a_study_goes_on_after_a_crash_with_what_it_had_fitted(run: Ran, tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []

    def crash(what: str, done: int, _total: int) -> None:
        told.append((what, done))
        if (what, done) == ("fits", 4):
            raise KeyboardInterrupt("stop")

    with JobBox(tmp_path / "crash.db", noon) as box:
        job = box.asked(KIND, run.request, "quant")
        with pytest.raises(KeyboardInterrupt, match="stop"):
            done_job(box, job, work_over(run.folder), crash)
        n_kept = len(box.parts(job.job_id))
        assert n_kept >= 4
        seen: list[tuple[str, int]] = []
        resumed = done_job(box, job, work_over(run.folder), lambda what, done, _total: seen.append((what, done)))
    assert next(done for what, done in seen if what == "fits") >= n_kept
    assert msgspec.json.decode(resumed.result or b"", type=ResearchResult) == run.result


def test_a_study_of_a_model_that_nobody_trains_fails_with_the_names_of_those_that_are(run: Ran, tmp_path: Path) -> None:
    text = small_policy(models="[crystal-ball]").replace("  linear_l2: [0.1, 10.0, log]\n", "")
    with JobBox(tmp_path / "ball.db", noon) as box:
        job = asked_research(box, ResearchAsked(text, "small.yaml"), "quant")
        with pytest.raises((DataError, EdgeError), match="crystal-ball"):
            done_job(box, job, work_over(run.folder))
        assert box.job(job.job_id).state is JobState.FAILED
