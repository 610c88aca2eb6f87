"""Analyses in JSON: the result stands in the field of its kind."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec

from adapters.models.trainers import TRAINERS
from adapters.sql.job_rows import JobState
from adapters.sql.jobs import JobBox
from api.http.schemas.analysis import RecommendationBody, TrainerName, analysis_view, asked_of
from api.use_cases.analysis import KINDS, RECOMMEND
from api.use_cases.analysis_results import ModelRecommendation
from tests.governance.model_examples import noon


def test_every_trainer_can_be_named() -> None:
    assert set(get_args(TrainerName)) == set(TRAINERS)


def test_a_recommendation_asks_for_no_model() -> None:
    assert asked_of(RecommendationBody("text")).model == ""


def test_a_result_stands_in_the_field_of_its_kind(tmp_path: Path) -> None:
    found = ModelRecommendation("use none", (), (), 7)
    with JobBox(tmp_path / "jobs.db", noon) as box:
        for kind in KINDS:
            job = box.asked(kind, kind.encode(), "ada")
            assert analysis_view(job).model_recommendation is None
        job = box.asked(RECOMMEND, b"request", "ada")
        box.claimed("me", job.job_id)
        done = box.ended(job.job_id, "me", JobState.DONE, result=msgspec.json.encode(found))
        assert analysis_view(done).model_recommendation == found
        assert analysis_view(done).model_evaluation is None
