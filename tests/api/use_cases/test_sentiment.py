"""Which model serves: the one asked for, or the lexicon under its own name with the reason."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from adapters.sentiment.encoder import installed_encoder
from adapters.sentiment.evaluation import HEAD, LEXICON, MAJORITY
from adapters.sentiment.head import read_head
from adapters.sentiment.scorers import LexiconScorer, Reading
from api.use_cases.sentiment import Grouping, Serving, evaluation, read_text, serving, trained
from nodes.kernels.tone import tone
from nodes.vocabulary.errors import DataError, EdgeError
from tests.adapters.sentiment.made import COMPANIES, LABELLED_AT, labels_csv

WORDS = "Shares slump"


class FailingScorer:
    """A model whose runtime fails on every text."""

    model = "failing@00"

    @property
    def taught_at(self) -> datetime | None:
        return None

    def readings(self, texts: Sequence[str]) -> list[Reading]:
        raise EdgeError(f"onnxruntime failed on {len(texts)} text; check memory")


@pytest.fixture
def head(tmp_path: Path) -> Path:
    path = tmp_path / "head.json"
    trained(labels_csv(tmp_path), path, "test", LABELLED_AT)
    return path


@pytest.fixture
def _no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    installed_encoder.cache_clear()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)


def test_the_lexicon_serves_where_no_head_is_named() -> None:
    assert serving(None).scorer.model == LexiconScorer().model
    assert serving(None).because == ""


def test_a_trained_head_serves_under_its_name(head: Path) -> None:
    """SVC-SNT-04."""
    assert serving(head).scorer.model == read_head(head).model


def test_training_does_not_write_over_a_head(head: Path, tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="exists and may have scored texts"):
        trained(labels_csv(tmp_path), head, "test", LABELLED_AT)


def test_without_its_libraries_a_head_leaves_it_to_the_lexicon(head: Path, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("_no_extra")
    served = serving(head)

    assert served.scorer.model == LexiconScorer().model
    assert f"{read_head(head).model} cannot serve, the lexicon does" in served.because


def test_a_file_that_is_no_head_is_a_fault_and_not_a_reason_to_fall_back(tmp_path: Path) -> None:
    path = tmp_path / "head.json"
    path.write_text("{}", encoding="utf-8")

    with pytest.raises(DataError, match="is no head"):
        serving(path)


def test_a_text_that_the_model_fails_on_is_read_by_the_lexicon_which_says_so() -> None:
    found = read_text(Serving(FailingScorer()), WORDS)

    assert (found.model, found.reading.score) == (LexiconScorer().model, tone(WORDS))
    assert found.because.startswith("failing@00 failed on this text, the lexicon read it: onnxruntime failed")


def test_a_text_is_read_by_the_model_that_serves() -> None:
    assert read_text(serving(None), WORDS).because == ""


@pytest.mark.parametrize(("grouping", "n_groups"), [(Grouping.HEADLINE, 60), (Grouping.TARGET, len(COMPANIES))])
def test_models_are_measured_on_folds_of_headlines_or_companies(
    tmp_path: Path, grouping: Grouping, n_groups: int
) -> None:
    told: list[tuple[str, int, int]] = []
    found = evaluation(labels_csv(tmp_path), grouping, LABELLED_AT, lambda *step: told.append(step))

    assert (found.n_labels, found.n_neutral, found.n_groups) == (60, 1, n_groups)
    assert [one.model for one in found.measures] == [HEAD, LEXICON, MAJORITY]
    assert told[-1] == ("folds", 5, 5)


@pytest.mark.usefixtures("_no_extra")
def test_without_the_libraries_the_lexicon_is_measured_alone(tmp_path: Path) -> None:
    found = evaluation(labels_csv(tmp_path), Grouping.HEADLINE, LABELLED_AT, lambda *_: None)

    assert [one.model for one in found.measures] == [LEXICON, MAJORITY]
    assert "pip install assay-engine[sentiment]" in found.because
