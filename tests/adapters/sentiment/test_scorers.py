"""Scorers: equal texts have equal readings, and a model's name says which it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.sentiment.encoder import installed_encoder
from adapters.sentiment.scorers import HeadScorer, LexiconScorer, Reading, Scorer
from tests.adapters.sentiment.made import LABELLED_AT, made_head

TEXTS = ("Profit rises at Tesco", "Annual meeting", "Shares slump")


@pytest.fixture(params=["lexicon", "head"])
def scorer(request: pytest.FixtureRequest, tmp_path: Path) -> Scorer:
    return LexiconScorer() if request.param == "lexicon" else HeadScorer(made_head(tmp_path), installed_encoder())


def test_a_text_is_read_alike_alone_and_among_others(scorer: Scorer) -> None:
    """SVC-SNT-04."""
    assert scorer.readings(TEXTS) == [scorer.readings([text])[0] for text in TEXTS]


def test_no_texts_have_no_readings(scorer: Scorer) -> None:
    assert scorer.readings(()) == []


def test_a_model_names_itself_with_a_digest(scorer: Scorer) -> None:
    name, _, digest = scorer.model.partition("@")

    assert name in {"lexicon-1", "minilm-test"}
    assert len(bytes.fromhex(digest)) == 6


def test_only_a_head_was_taught(tmp_path: Path) -> None:
    assert LexiconScorer().taught_at is None
    assert HeadScorer(made_head(tmp_path), installed_encoder()).taught_at == LABELLED_AT


def test_the_lexicon_gives_no_probabilities_and_says_nothing_of_plain_words() -> None:
    assert LexiconScorer().readings(["Annual meeting"]) == [Reading(None, None, None)]
