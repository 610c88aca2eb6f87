"""What research asks of features and models beside a full study: jobs that register nothing and count their trials.

All start from a research policy: its samples, labels and folds are those of the study. Whatever fits a model on a
family's data and looks at what comes of it is a trial of the family, and is written into its ledger before it is made.

 - features-analyze: importance of each feature for unseen samples, by permutation and by Shapley values, with intervals
 - features-optimize: features chosen inside each training part and judged on the tested one
 - models-evaluate: one model with given settings, out of sample: loss, calibration, returns after costs
 - models-recommendation: the policy's models ranked by what the data can tell apart
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from adapters.models.importance import Importance, permutation_importances, shapley_importances
from adapters.models.rows import Mask
from adapters.models.selection import SelectionDesign, nested_selection
from adapters.models.trainers import trainer
from adapters.sql.job_rows import Job
from adapters.sql.jobs import JobBox
from api.use_cases.analysis_results import (
    AnalysisAsked,
    CalibrationBin,
    FeatureAnalysis,
    FeatureImportance,
    FeatureSelection,
    FoldSelection,
    ModelEvaluation,
    ModelRecommendation,
    RankedModel,
)
from api.use_cases.analysis_study import (
    AnalysedStudy,
    analysed_study,
    chosen_predictions,
    recorded_fits,
    study_skill,
    unseen_losses,
)
from api.use_cases.jobs import JobDesk
from api.use_cases.model_desk import ModelDesk
from dataflows.features import FeatureSnapshot
from dataflows.research.design import Choice, ModelDesign, study_design
from dataflows.research.evidence import study_evidence
from dataflows.research.outcome import study_outcome
from dataflows.research.samples import Samples
from nodes.kernels.arrays import Array
from nodes.kernels.calibration import reliability
from nodes.kernels.forecasts import Skill
from nodes.kernels.significance.bootstrap import Resampling
from nodes.kernels.significance.confidence_set import model_confidence_p
from nodes.vocabulary.errors import DataError
from policies.parse import parsed_policy

ANALYZE, OPTIMIZE = "features-analyze", "features-optimize"
EVALUATE, RECOMMEND = "models-evaluate", "models-recommendation"
NO_MODEL = "none"
"""The rival of every model: the mean of the training targets."""
SET_LEVEL_FRAC = 0.05
_N_BINS = 10


@dataclass(frozen=True)
class AnalysisWork:
    """What does jobs of analysis.

    Attributes:
        kind: of work.
        models: the desk of the registry, for as long as one job needs it.
        snapshot: the facts that features read.
        n_workers: processes that fit.
    """

    kind: str
    models: Callable[[], AbstractContextManager[ModelDesk]]
    snapshot: Callable[[], FeatureSnapshot]
    n_workers: int

    def __call__(self, desk: JobDesk, /) -> bytes:
        """The result of a job."""
        asked = msgspec.json.decode(desk.job.request, type=AnalysisAsked)
        with self.models() as models:
            desk.progress("samples", 0, 1)
            study = analysed_study(models, self.snapshot(), asked, desk.job.job_id)
            desk.progress("samples", 1, 1)
            return msgspec.json.encode(_ANSWERS[self.kind](study, asked, desk, self.n_workers))


def asked_analysis(box: JobBox, kind: str, asked: AnalysisAsked, principal: str) -> Job:
    """The job of an analysis: the one that was asked for and is not under way, or a new one.

    Raises:
        PolicyError: the policy has faults.
        DataError: the trainer is unknown, or one is named where the policy says which.
    """
    study_design(parsed_policy(asked.policy.encode(), asked.file))
    if kind != RECOMMEND:
        trainer(asked.model, "class")
    elif asked.model or asked.settings:
        message = f"model {asked.model!r} is named for a recommendation; leave it out, the policy's models are compared"
        raise DataError(message)
    request = msgspec.json.encode(asked)
    return box.unfinished(kind, request) or box.asked(kind, request, principal)


def feature_analysis(study: AnalysedStudy, asked: AnalysisAsked, desk: JobDesk, _n_workers: int) -> FeatureAnalysis:
    """The importance of each feature, by the mean growth of the loss, greatest first."""
    recipe, tested = study.recipe(asked), study.data.splits[:-1]
    study.record(ANALYZE, asked, 1)
    desk.progress("importances", 0, 2)
    shuffled = permutation_importances(recipe, study.samples, tested)
    desk.progress("importances", 1, 2)
    shared = shapley_importances(recipe, study.samples, tested)
    desk.progress("importances", 2, 2)
    found = [_importance(*pair) for pair in zip(shuffled, shared, strict=True)]
    ranked = tuple(sorted(found, key=lambda each: -each.permutation))
    return FeatureAnalysis(asked.model, len(study.samples), study.ledger.state.n_trials, ranked)


def feature_selection(study: AnalysedStudy, asked: AnalysisAsked, desk: JobDesk, _n_workers: int) -> FeatureSelection:
    """Features chosen inside each training part. Every number of features that is tried counts as a trial."""
    folds = study.design.folds
    study.record(OPTIMIZE, asked, len(study.samples.names).bit_length() + 1)
    design = SelectionDesign(folds.n_inner_folds, folds.embargo_sessions)
    desk.progress("selection", 0, 1)
    found = nested_selection(study.recipe(asked), study.samples, study.data.splits[:-1], design)
    desk.progress("selection", 1, 1)
    judged = tuple(FoldSelection(each.names, each.loss, each.loss_of_all, each.loss_of_none) for each in found.folds)
    return FeatureSelection(asked.model, found.names, found.chosen_frac, judged, study.ledger.state.n_trials)


def model_evaluation(study: AnalysedStudy, asked: AnalysisAsked, desk: JobDesk, n_workers: int) -> ModelEvaluation:
    """One model with given settings, on the folds of the study."""
    study.recipe(asked)
    fixed = ModelDesign(asked.model, {name: Choice((value,)) for name, value in asked.settings.items()})
    design = replace(study.design, models=(fixed,), n_trials=1)
    done = recorded_fits(study, design, desk, n_workers)
    outcome = study_outcome(study.table, study.data, design.book, done)
    evidence = study_evidence(design, outcome, study.ledger.state.n_trials)
    losses, rival, tested = unseen_losses(study, outcome.predictions)
    gained = study_skill(study, losses, rival)
    bins, error = _calibration(study.samples, outcome.predictions, tested)
    return ModelEvaluation(
        model=asked.model,
        n_tested=int(tested.sum()),
        loss=float(losses.mean()),
        loss_of_none=float(rival.mean()),
        skill_frac=gained.frac,
        skill_low_frac=gained.low,
        skill_high_frac=gained.high,
        calibration=bins,
        calibration_error_frac=error,
        figures=dict(evidence.figures),
        n_trials=evidence.n_trials,
    )


def model_recommendation(
    study: AnalysedStudy, _asked: AnalysisAsked, desk: JobDesk, n_workers: int
) -> ModelRecommendation:
    """The models of the policy and none, ranked by losses out of sample and by what can be told apart."""
    done = recorded_fits(study, study.design, desk, n_workers)
    names = [model.name for model in study.design.models]
    columns = [unseen_losses(study, chosen_predictions(study, done, name)) for name in names]
    if any((each[2] != columns[0][2]).any() for each in columns):
        message = f"models {', '.join(names)} predict different samples; use features that all of them know"
        raise DataError(message)
    losses = np.column_stack([each[0] for each in columns] + [columns[0][1]])
    chances = _chances(study, losses, columns[0][2])
    ranked = [
        _ranked(study, name, losses[:, at], losses[:, -1], chances[at]) for at, name in enumerate((*names, NO_MODEL))
    ]
    ranked.sort(key=lambda each: each.loss)
    chosen = tuple(each.model for each in ranked if each.may_be_best and each.skill_low_frac > 0)
    return ModelRecommendation(_sentence(ranked, chosen), chosen, tuple(ranked), study.ledger.state.n_trials)


def _chances(study: AnalysedStudy, losses: Array, tested: Mask) -> list[float]:
    """The p-value of each column's place among the best, over sessions: shares of one session are no two witnesses."""
    days, place = np.unique(study.samples.spans.starts[tested], return_inverse=True)
    panel = np.column_stack([np.bincount(place, column) / np.bincount(place) for column in losses.T])
    length = int((study.samples.spans.ends - study.samples.spans.starts).max()) + 1
    block = min(max(1.0, length / study.design.label.step_sessions), len(days) / 2)
    draws = Resampling("stationary", block, study.design.n_bootstraps, study.design.seed)
    found: list[float] = model_confidence_p(panel, draws).tolist()
    return found


Answer = Callable[[AnalysedStudy, AnalysisAsked, JobDesk, int], msgspec.Struct]
_ANSWERS: Mapping[str, Answer] = {
    ANALYZE: feature_analysis,
    OPTIMIZE: feature_selection,
    EVALUATE: model_evaluation,
    RECOMMEND: model_recommendation,
}
KINDS = tuple(_ANSWERS)


def _calibration(samples: Samples, predictions: Array, tested: Mask) -> tuple[tuple[CalibrationBin, ...], float | None]:
    if samples.kind != "class":
        return (), None
    found = reliability(predictions[tested], samples.target[tested], _N_BINS)
    columns = (found.said, found.came, found.low, found.high, found.counts)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    bins = tuple(CalibrationBin(said, came, low, high, int(count)) for said, came, low, high, count in rows)
    return bins, found.expected_error


def _importance(shuffled: Importance, shared: Importance) -> FeatureImportance:
    return FeatureImportance(
        shuffled.name, shuffled.mean, shuffled.low, shuffled.high, shared.mean, shared.low, shared.high
    )


def _ranked(study: AnalysedStudy, name: str, losses: Array, rival: Array, chance: float) -> RankedModel:
    gained = Skill(0.0, 0.0, 0.0) if name == NO_MODEL else study_skill(study, losses, rival)
    is_kept = chance >= SET_LEVEL_FRAC
    return RankedModel(name, float(losses.mean()), gained.frac, gained.low, gained.high, chance, is_kept)


def _sentence(ranked: Sequence[RankedModel], chosen: Sequence[str]) -> str:
    if len(chosen) == 1:
        return f"Use {chosen[0]}: it surely errs less than no model, and no other model may be best."
    if chosen:
        return f"Use any of {', '.join(chosen)}: each surely errs less than no model, and no data here tell them apart."
    best = next(each.model for each in ranked)
    if best == NO_MODEL:
        return "No model errs less than the mean of what it was trained on: use none."
    return f"{best} errs least, but not surely less than no model at all: use none."
