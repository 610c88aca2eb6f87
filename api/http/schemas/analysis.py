"""Analyses of features and models in JSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from adapters.sql.job_rows import Job
from api.http.schemas.jobs import MAX_POLICY, JobView, job_view
from api.use_cases.analysis import ANALYZE, EVALUATE, OPTIMIZE, RECOMMEND
from api.use_cases.analysis_results import (
    AnalysisAsked,
    FeatureAnalysis,
    FeatureSelection,
    ModelEvaluation,
    ModelRecommendation,
)

Policy = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_POLICY)]
File = Annotated[str, msgspec.Meta(max_length=200)]
TrainerName = Literal["lightgbm", "linear", "random-forest", "xgboost"]
SettingName = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class AnalysisBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A model on the samples of a study.

    Attributes:
        policy: text of a research policy: its features, labels and folds are used.
        model: which trainer.
        settings: its hyper-parameters by name, e.g. n_trees; by default its own.
        file: what the policy's faults call it.
    """

    policy: Policy
    model: TrainerName
    settings: Annotated[dict[SettingName, float | int | bool], msgspec.Meta(max_length=50)] = {}
    file: File = "policy.yaml"


class RecommendationBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Models to rank: those of a study.

    Attributes:
        policy: text of a research policy, which names the models and what is searched of each.
        file: what the policy's faults call it.
    """

    policy: Policy
    file: File = "policy.yaml"


class AnalysisView(msgspec.Struct, frozen=True):
    """An analysis. Its result is in the field of its kind when it is done; all others are null.

    Attributes:
        job: how far it is.
        feature_analysis: importance of features.
        feature_selection: choice of features.
        model_evaluation: a model out of sample.
        model_recommendation: a ranking of models.
    """

    job: JobView
    feature_analysis: FeatureAnalysis | None = None
    feature_selection: FeatureSelection | None = None
    model_evaluation: ModelEvaluation | None = None
    model_recommendation: ModelRecommendation | None = None


def asked_of(body: AnalysisBody | RecommendationBody) -> AnalysisAsked:
    """What a body asks."""
    if isinstance(body, RecommendationBody):
        return AnalysisAsked(body.policy, body.file)
    return AnalysisAsked(body.policy, body.file, body.model, dict(body.settings))


def analysis_view(job: Job) -> AnalysisView:
    """A job of an analysis as it is told."""
    if job.result is None:
        return AnalysisView(job_view(job))
    field, kind = _FIELDS[job.kind]
    return AnalysisView(job_view(job), **{field: msgspec.json.decode(job.result, type=kind)})


_FIELDS: dict[str, tuple[str, Any]] = {
    ANALYZE: ("feature_analysis", FeatureAnalysis),
    OPTIMIZE: ("feature_selection", FeatureSelection),
    EVALUATE: ("model_evaluation", ModelEvaluation),
    RECOMMEND: ("model_recommendation", ModelRecommendation),
}
