from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pytest

from adapters.models.onnx_runtime import Scorer
from adapters.sql.jobs import JobBox
from api.pages.research_page import research_page
from api.use_cases.jobs import done_job
from api.use_cases.research import ResearchDesk, ResearchRequest, research
from api.use_cases.research_jobs import KIND, ResearchAsked, ResearchResult, asked_research
from dataflows.features import FeatureSnapshot
from dataflows.research.live import live_record, reference_from_bytes
from dataflows.research.sampling import study_plan
from governance.registration import REFERENCE
from nodes.vocabulary.errors import PolicyError
from nodes.vocabulary.verdict import Action
from tests.api.research_runs import Ran, ran, work_over
from tests.api.use_cases.model_desks import desk_of, opened
from tests.dataflows.research.panels import small_closes, small_snapshot
from tests.dataflows.research.small import MemoryFits, small_policy
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


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("models: [linear]", "models: [linear, crystal-ball]", "there is no trainer 'crystal-ball'; name one of"),
        ("linear_l2: [0.1, 10.0, log]", "linear_l2: [0.1, 1.0e+10, log]", "l2 of linear was 1e10; set a number|l2 of"),
        ("linear_l2: [0.1, 10.0, log]", "linear_depth: 3", "linear has no setting 'depth'; use only l2"),
    ],
)
def test_what_no_trainer_knows_is_told_before_anything_is_tried_or_counted(
    run: Ran, tmp_path: Path, old: str, new: str, message: str
) -> None:
    """A trial is counted before it is fitted, so that a slip in a policy must not spend any."""
    text = small_policy().replace(old, new)
    with JobBox(tmp_path / "ball.db", noon) as box, pytest.raises(PolicyError, match=message):
        asked_research(box, ResearchAsked(text, "small.yaml"), "quant")
    with desk_of(run.folder).store.reader() as reader:
        before = reader.registry.newest_trial("small-study")
    request = ResearchRequest(text.encode(), "small.yaml", "ball", "quant")
    with pytest.raises(PolicyError, match=message):
        research(ResearchDesk(desk_of(run.folder), _nothing, MemoryFits()), request, lambda *_: None)
    with desk_of(run.folder).store.reader() as reader:
        assert reader.registry.newest_trial("small-study") == before


def _nothing() -> FeatureSnapshot:
    message = "a policy that is wrong reads no facts"
    raise AssertionError(message)


@pytest.mark.parametrize(
    ("label", "kind"), [("scaled-return", "value"), ("meta-label\n  primary_feature: month_reversal_frac", "class")]
)
def test_value_targets_and_meta_labels_go_the_whole_way_to_the_registry(label: str, kind: str, tmp_path: Path) -> None:
    """LBL-02, LBL-03: from the policy to a registered version whose live record is sized as its study was."""
    text = small_policy(label=label).encode()
    desk = desk_of(opened(tmp_path / "log"))
    request = ResearchRequest(text, "small.yaml", "study", "quant")
    found = research(ResearchDesk(desk, lambda: small_snapshot(small_closes()), MemoryFits()), request, lambda *_: None)
    assert found.table.samples.kind == kind
    assert found.judgement.run.action is Action.DENY
    assert research_page(found).lower().startswith("<!doctype html>")
    with desk.store.reader() as reader:
        entry = reader.records(found.model.sequence, found.model.sequence + 1)[0].entry
        reference = reference_from_bytes(reader.body(entry.facts[REFERENCE]))
        scorer = Scorer(reader.body(found.model.artefact_ref), found.design.features)
    early = replace(reference, last_on=found.table.market.sessions[200])
    live = live_record(early, found.design, study_plan(found.design), small_snapshot(small_closes()),
                       partial(scorer.scores, names=found.design.features))  # fmt: skip
    assert np.isfinite(live.returns).any()
