"""What analyses are asked and come to, as bytes and back."""

from __future__ import annotations

import msgspec
import pytest

from api.use_cases.analysis_results import AnalysisAsked, ModelRecommendation, RankedModel


def test_a_question_comes_back_from_its_bytes() -> None:
    asked = AnalysisAsked("text", "v1.yaml", "lightgbm", {"n_trees": 40, "learning_rate": 0.1})
    assert msgspec.json.decode(msgspec.json.encode(asked), type=AnalysisAsked) == asked


def test_questions_share_no_settings() -> None:
    """A default that is one object for all would leak from one question to the next."""
    one, other = AnalysisAsked("text", "a"), AnalysisAsked("text", "b")
    one.settings["n_trees"] = 3
    assert other.settings == {}


def test_an_answer_comes_back_from_its_bytes() -> None:
    ranked = RankedModel("none", 0.69, 0.0, 0.0, 0.0, 1.0, may_be_best=True)
    found = ModelRecommendation("use none", (), (ranked,), 7)
    assert msgspec.json.decode(msgspec.json.encode(found), type=ModelRecommendation) == found


def test_an_answer_without_its_fields_is_none() -> None:
    with pytest.raises(msgspec.ValidationError, match="missing required field `ranking`"):
        msgspec.json.decode(b'{"sentence": "", "recommended": []}', type=ModelRecommendation)
