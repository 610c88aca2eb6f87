from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.lake.facts.store import FactStore
from adapters.sentiment.encoder import installed_encoder
from tests.adapters.sentiment.made import labels_csv
from tests.adapters.sentiment.written import store_texts, text
from tests.api.cli.invoking import answer, invoked, json_answer

AT = datetime(2019, 1, 3, 20, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> str:
    store = FactStore(tmp_path / "lake", lambda: datetime.now(UTC))
    store_texts(store, text("a", AT, "Shares slump"), text("b", AT, "Annual meeting"))
    return str(tmp_path / "lake")


@pytest.fixture
def head(tmp_path: Path) -> str:
    path = tmp_path / "head.json"
    told = ("--labels", str(labels_csv(tmp_path)), "--out", str(path), "--labels-known-at", "2018-04-23T00:00:00Z")
    assert "30 positive and 30 negative labels" in answer("sentiment", "train", *told)
    return str(path)


@pytest.fixture
def _no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    installed_encoder.cache_clear()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)


def test_the_lake_is_scored_once_and_its_days_are_shown(lake: str) -> None:
    """SVC-SNT-03."""
    first = answer("sentiment", "score", "--lake", lake)
    again = json_answer("sentiment", "score", "--lake", lake)

    assert "2 new scores of 2 texts" in first
    assert "1 without a word of tone" in first
    assert (again["n_revisions"], again["because"]) == (0, "")
    assert ["2019-01-03", "all", "2", "1", "-0.667", "-", "100%"] in [
        line.split() for line in answer("sentiment", "days", "AAPL", "--lake", lake).splitlines()
    ]
    assert json_answer("sentiment", "days", "AAPL", "--lake", lake, "--as-of", "2019-01-02") == []


def test_a_head_is_trained_evaluated_and_scores_the_lake(lake: str, head: str, tmp_path: Path) -> None:
    """SVC-SNT-04."""
    measured = answer("sentiment", "evaluate", "--labels", str(tmp_path / "labels.csv"), "--by", "target")
    done = json_answer("sentiment", "score", "--lake", lake, "--head", head)

    assert [line.split()[0] for line in measured.splitlines()[1:4]] == ["minilm", "lexicon", "majority"]
    assert "60 labels in 5 groups by target, 5 folds; 1 neutral left out" in measured
    assert done["model"].startswith("minilm-head@")
    assert (done["n_new"], done["n_hindsight"]) == (2, 0)


def test_one_text_is_read_by_either_model(head: str) -> None:
    assert answer("sentiment", "read", "Shares slump").startswith("-0.667 by lexicon-1@")
    assert answer("sentiment", "read", "Annual meeting").startswith("nothing by lexicon-1@")
    assert json_answer("sentiment", "read", "Shares slump", "--head", head)["reading"]["score"] < 0


@pytest.mark.usefixtures("_no_extra")
def test_without_the_extra_the_lexicon_serves_and_says_so(lake: str, tmp_path: Path) -> None:
    """SVC-SNT-04: the lexicon is always available."""
    result = invoked("sentiment", "evaluate", "--labels", str(labels_csv(tmp_path)))

    assert result.exit_code == 0
    assert "run pip install assay-engine[sentiment]" in result.stderr
    assert "lexicon 1" in result.stdout
    assert "minilm" not in result.stdout
    assert json_answer("sentiment", "score", "--lake", lake)["n_new"] == 2


def test_a_head_that_cannot_serve_leaves_it_to_the_lexicon_under_its_own_name(
    lake: str, head: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("_no_extra")
    done = json_answer("sentiment", "score", "--lake", lake, "--head", head)

    assert done["model"].startswith("lexicon-1@")
    assert "cannot serve, the lexicon does" in done["because"]


def test_a_changed_head_is_refused_rather_than_replaced(lake: str, head: str) -> None:
    path = Path(head)
    path.write_text(path.read_text(encoding="utf-8").replace('"name": "head"', '"name": "other"'), encoding="utf-8")
    result = invoked("sentiment", "score", "--lake", lake, "--head", head)

    assert result.exit_code == 11
    assert "it was changed: train again" in " ".join(result.stderr.split())
