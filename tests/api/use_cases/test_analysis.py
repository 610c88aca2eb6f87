"""Analyses of features and models: honest about noise, counted as trials, found again after a crash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from functools import cache
from typing import TypeVar

import msgspec
import pytest

from adapters.lake.lake import bundled_lake
from adapters.sql.jobs import JobBox
from api.use_cases.analysis import ANALYZE, EVALUATE, KINDS, OPTIMIZE, RECOMMEND, AnalysisWork, asked_analysis
from api.use_cases.analysis_results import (
    AnalysisAsked,
    FeatureAnalysis,
    FeatureSelection,
    ModelEvaluation,
    ModelRecommendation,
)
from api.use_cases.jobs import done_job
from api.use_cases.leak_audit import bars_snapshot
from api.use_cases.model_desk import ModelDesk
from dataflows.features import FeatureSnapshot
from nodes.vocabulary.errors import DataError, PolicyError
from tests.api.research_samples import small_study
from tests.api.use_cases.model_desks import desk_of, opened
from tests.governance.model_examples import noon

_T = TypeVar("_T", bound=msgspec.Struct)
LINEAR = AnalysisAsked(small_study(), "small.yaml", "linear")


@cache
def snapshot() -> FeatureSnapshot:
    return bars_snapshot(bundled_lake())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> ModelDesk:
    return desk_of(opened(tmp_path_factory.mktemp("log")))


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobBox]:
    with JobBox(tmp_path_factory.mktemp("jobs") / "jobs.db", noon) as found:
        yield found


def result(box: JobBox, desk: ModelDesk, kind: str, asked: AnalysisAsked, view: type[_T]) -> _T:
    job = asked_analysis(box, kind, asked, "ada")
    done = done_job(box, job, AnalysisWork(kind, lambda: nullcontext(desk), snapshot, 1))
    return msgspec.json.decode(done.result or b"", type=view)


def test_features_are_analysed_with_intervals_and_the_trial_is_counted(box: JobBox, desk: ModelDesk) -> None:
    """API-ANL-03: permutation and Shapley importance with confidence intervals."""
    found = result(box, desk, ANALYZE, LINEAR, FeatureAnalysis)
    assert len(found.features) == 12
    assert all(each.permutation_low <= each.permutation <= each.permutation_high for each in found.features)
    assert all(0 <= each.shapley_low <= each.shapley <= each.shapley_high for each in found.features)
    assert [each.permutation for each in found.features] == sorted(
        (e.permutation for e in found.features), reverse=True
    )
    assert found.n_trials == 1


def test_features_are_chosen_inside_folds(box: JobBox, desk: ModelDesk) -> None:
    """API-ANL-04: nested validation; each choice is judged where it was not made."""
    found = result(box, desk, OPTIMIZE, LINEAR, FeatureSelection)
    assert len(found.folds) == 2
    assert set(found.names) <= set(found.chosen_frac)
    assert all(set(fold.names) <= set(found.chosen_frac) for fold in found.folds)


def test_a_model_is_evaluated_out_of_sample_with_its_trial_deflated(box: JobBox, desk: ModelDesk) -> None:
    """API-ANL-01."""
    found = result(box, desk, EVALUATE, LINEAR, ModelEvaluation)
    assert found.skill_frac == pytest.approx(1 - found.loss / found.loss_of_none)
    assert found.skill_low_frac <= found.skill_frac <= found.skill_high_frac
    assert sum(each.n_samples for each in found.calibration) == found.n_tested
    assert found.figures["oos_sessions"] > 0
    assert "psr_frac" in found.figures


def test_models_are_ranked_by_what_the_data_tell_apart(box: JobBox, desk: ModelDesk) -> None:
    """API-ANL-02: a ranking with significance: no model that may be no better than none is recommended."""
    asked = AnalysisAsked(small_study(), "small.yaml")
    found = result(box, desk, RECOMMEND, asked, ModelRecommendation)
    assert {each.model for each in found.ranking} == {"lightgbm", "linear", "none"}
    assert [each.loss for each in found.ranking] == sorted(each.loss for each in found.ranking)
    assert max(each.best_p_frac for each in found.ranking) == 1.0
    assert all(each.skill_low_frac > 0 for each in found.ranking if each.model in found.recommended)
    assert found.sentence


def test_what_is_asked_again_before_it_began_is_the_same_job(box: JobBox) -> None:
    asked = AnalysisAsked(small_study(), "again.yaml", "xgboost")
    assert asked_analysis(box, ANALYZE, asked, "ada") == asked_analysis(box, ANALYZE, asked, "ada")


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_with_faults_makes_no_job(box: JobBox, kind: str) -> None:
    model = "" if kind == RECOMMEND else "linear"
    with pytest.raises(PolicyError, match="n_folds was 0"):
        asked_analysis(box, kind, AnalysisAsked(small_study(n_folds="0"), "f", model), "ada")


def test_a_trainer_that_there_is_not_makes_no_job(box: JobBox) -> None:
    with pytest.raises(DataError, match="there is no trainer 'oracle'"):
        asked_analysis(box, EVALUATE, AnalysisAsked(small_study(), "f", "oracle"), "ada")


def test_a_recommendation_names_no_model(box: JobBox) -> None:
    with pytest.raises(DataError, match="is named for a recommendation; leave it out"):
        asked_analysis(box, RECOMMEND, LINEAR, "ada")
