"""Scores as facts: once, known when their text was, taken back with it, and marked where read with hindsight."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.domains.identity import IDENTITY
from adapters.lake.domains.texts import FILING, TEXT_SCORES
from adapters.lake.facts.store import FactStore
from adapters.sentiment.encoder import installed_encoder
from adapters.sentiment.scorers import HeadScorer, LexiconScorer
from adapters.sentiment.scoring import HINDSIGHT, read_words, scored
from nodes.kernels.tone import tone
from tests.adapters.sentiment.made import LABELLED_AT, made_head
from tests.adapters.sentiment.written import store_texts, text

NOW = datetime(2019, 6, 1, tzinfo=UTC)
AT = datetime(2019, 1, 3, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEXICON = LexiconScorer()


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    return FactStore(tmp_path / "lake", lambda: NOW)


def scores(store: FactStore, known_at: datetime = NOW) -> pl.DataFrame:
    return store.as_of(TEXT_SCORES, known_at).sort("text_id", "model").collect()


def test_a_score_is_known_when_its_text_was_and_names_its_model(store: FactStore) -> None:
    """SVC-SNT-04."""
    store_texts(store, text("a", AT, "Apple profit slumps", known_at=AT + HOUR))
    done = scored(store, LEXICON, NOW)
    (row,) = scores(store).rows(named=True)

    assert (done.n_revisions, done.n_new) == (1, 1)
    assert row["model"] == LEXICON.model
    assert row["model"].startswith("lexicon-1@")
    assert (row["event_at"], row["known_at"]) == (AT, AT + HOUR)
    assert (row["score"], row["symbol"], row["channel"]) == (tone("Apple profit slumps"), "AAPL", "news")
    assert scores(store, AT).is_empty()


def test_what_was_scored_is_not_scored_again(store: FactStore) -> None:
    store_texts(store, text("a", AT, "Profit slumps"), text("b", AT, "Annual meeting"))
    scored(store, LEXICON, NOW)
    again = scored(store, LEXICON, NOW)

    assert (again.n_revisions, again.n_new) == (0, 0)
    assert scores(store).height == 2


def test_a_text_without_tone_has_no_score_rather_than_zero(store: FactStore) -> None:
    store_texts(store, text("a", AT, "Annual meeting"))

    assert scored(store, LEXICON, NOW).n_without_tone == 1
    assert scores(store)["score"].to_list() == [None]


def test_an_edit_is_a_later_score_and_a_retraction_takes_the_score_back(store: FactStore) -> None:
    store_texts(store, text("a", AT, "Profit slumps"))
    store_texts(store, text("a", AT, "Profit surges", known_at=AT + HOUR))
    store_texts(store, text("a", AT, "Profit surges", known_at=AT + 2 * HOUR, is_retracted=True))
    scored(store, LEXICON, NOW)

    assert scores(store, AT)["score"].to_list() == [tone("Profit slumps")]
    assert scores(store, AT + HOUR)["score"].to_list() == [tone("Profit surges")]
    assert scores(store, AT + 2 * HOUR).is_empty()


def test_a_text_older_than_the_labels_is_scored_under_a_name_that_says_so(store: FactStore, tmp_path: Path) -> None:
    """A head that was taught by later labels never passes for one that was there at the time."""
    scorer = HeadScorer(made_head(tmp_path), installed_encoder())
    old, new = LABELLED_AT - HOUR, LABELLED_AT
    store_texts(store, text("old", old, "Apple profit slumps"), text("new", new, "Apple profit slumps"))
    store_texts(store, text("old", old, "Apple profit surges", known_at=AT))
    done = scored(store, scorer, NOW)

    assert done.n_hindsight == 2
    models = dict(scores(store).select("text_id", "model").iter_rows())
    assert models == {"new": scorer.model, "old": scorer.model + HINDSIGHT}


def test_a_heads_score_is_the_difference_of_its_probabilities(store: FactStore, tmp_path: Path) -> None:
    store_texts(store, text("a", AT, "Apple profit slumps"))
    scored(store, HeadScorer(made_head(tmp_path), installed_encoder()), NOW)
    (row,) = scores(store).rows(named=True)

    assert row["p_positive"] + row["p_negative"] == pytest.approx(1.0)
    assert row["score"] == pytest.approx(row["p_positive"] - row["p_negative"])


def test_two_models_stand_beside_each_other(store: FactStore, tmp_path: Path) -> None:
    store_texts(store, text("a", AT, "Apple profit slumps"))
    scored(store, LEXICON, NOW)
    scored(store, HeadScorer(made_head(tmp_path), installed_encoder()), NOW)

    assert scores(store)["model"].n_unique() == 2


def test_a_text_gets_the_one_share_that_it_names(store: FactStore) -> None:
    lease = {"security_id": "TSCO", "symbol": "TSCO", "valid_from_on": date(2000, 1, 3), "valid_to_on": None}
    known = {"exchange": "L", "name": "Tesco PLC", "event_at": AT - HOUR, "known_at": AT - HOUR}
    store.ingested(IDENTITY, pl.DataFrame([lease | known]).cast({"valid_to_on": pl.Date}), "test")
    store_texts(store, text("a", AT, "Tesco sales rise", symbol=None), text("b", AT, "Sales rise", symbol=None))
    done = scored(store, LEXICON, NOW)

    assert scores(store)["symbol"].to_list() == ["TSCO", None]
    assert done.n_without_symbol == 1


def test_progress_is_told(store: FactStore) -> None:
    told: list[tuple[str, int, int]] = []
    store_texts(store, *(text(f"{n}", AT, f"Profit {n} rises") for n in range(501)))
    scored(store, LEXICON, NOW, lambda *step: told.append(step))

    assert told == [("texts", 500, 501), ("texts", 501, 501)]


@pytest.mark.parametrize(
    ("channel", "title", "body", "words"),
    [
        ("news", "T", "B", "T"),
        ("x", None, "B", "B"),
        (FILING, "T", "B", "B"),
        (FILING, "T", None, "T"),
        ("x", None, None, ""),
    ],
)
def test_titles_are_read_of_news_and_bodies_of_filings(channel: str, title: str, body: str, words: str) -> None:
    assert read_words(channel, title, body) == words
