"""The study of an analysis: rivals that know no more than a model does, trials that are counted first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from api.use_cases.analysis_results import AnalysisAsked
from api.use_cases.analysis_study import AnalysedStudy, study_skill, unseen_losses
from api.use_cases.model_registration import trial_ledger
from dataflows.research.design import FoldDesign, study_design
from dataflows.research.fitting import study_data
from dataflows.research.sampling import SampleTable
from nodes.vocabulary.errors import DataError
from policies.parse import parsed_policy
from tests.adapters.models.made import N_ROWS, samples
from tests.api.research_samples import small_study
from tests.api.use_cases.model_desks import desk_of, opened

FOLDS = FoldDesign("walk-forward", 2, 1, 2, 1)
ASKED = AnalysisAsked(small_study(), "small.yaml", "linear")


@pytest.fixture
def study(tmp_path: Path) -> AnalysedStudy:
    """Made-up samples in place of those of a market, which nothing here looks at."""
    design = study_design(parsed_policy(small_study().encode(), "small.yaml"))
    table = SampleTable(samples(), cast("Any", None), np.zeros(N_ROWS, np.int64), 0, 0)
    ledger = trial_ledger(desk_of(opened(tmp_path)), design.family)
    return AnalysedStudy(design, table, study_data(table.samples, FOLDS), ledger, b"d" * 32, "job")


def test_no_model_is_the_mean_of_what_was_learnt_from_and_never_of_what_is_tested(study: AnalysedStudy) -> None:
    target = study.samples.target
    turned = replace(
        study.table, samples=replace(study.samples, target=np.where(np.arange(N_ROWS) >= 300, 0.0, target))
    )
    first = study.data.splits[0].test
    said = np.full(N_ROWS, 0.5)
    before, after = (unseen_losses(each, said) for each in (study, replace(study, table=turned)))
    places = np.flatnonzero(before[2])
    own = np.isin(places, first[first < 300])
    assert before[1][own].tolist() == after[1][own].tolist()


def test_samples_without_a_prediction_are_in_neither_loss(study: AnalysedStudy) -> None:
    said = np.where(np.arange(N_ROWS) % 2 == 0, 0.5, np.nan)
    losses, rival, tested = unseen_losses(study, said)
    assert len(losses) == len(rival) == tested.sum()
    assert not tested[1::2].any()


def test_predictions_for_no_sample_are_refused(study: AnalysedStudy) -> None:
    with pytest.raises(DataError, match="none of 400 samples was predicted unseen"):
        unseen_losses(study, np.full(N_ROWS, np.nan))


def test_a_model_that_knows_has_skill_and_one_that_says_nothing_has_none(study: AnalysedStudy) -> None:
    knows = np.where(study.samples.target == 1.0, 0.9, 0.1)
    losses, rival, _ = unseen_losses(study, knows)
    assert study_skill(study, losses, rival).low > 0.5
    assert study_skill(study, rival, rival).frac == 0.0


def test_trials_are_counted_before_they_are_made_and_once(study: AnalysedStudy) -> None:
    study.record("features-optimize", ASKED, 3)
    study.record("features-optimize", ASKED, 3)
    assert study.ledger.state.n_trials == 3


def test_a_trainer_that_there_is_not_has_no_recipe(study: AnalysedStudy) -> None:
    with pytest.raises(DataError, match="there is no trainer 'oracle'"):
        study.recipe(AnalysisAsked(small_study(), "small.yaml", "oracle"))
