"""Days of sentiment: what comes after the close belongs to the next session, and no day ever changes afterwards."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.domains.identity import IDENTITY
from adapters.lake.domains.texts import FILING, REDDIT
from adapters.lake.facts.store import FactStore
from adapters.lake.knowledge import filing_knowledge, new_york_instants
from adapters.lake.views.sentiment import closing_instants, daily_sentiment, known_scores, repeats, score_panel
from adapters.sentiment.scorers import LexiconScorer
from adapters.sentiment.scoring import scored
from nodes.kernels.tone import tone
from nodes.vocabulary.absent import Absent
from tests.adapters.sentiment.written import store_texts, text

NOW = datetime(2019, 6, 1, tzinfo=UTC)
CLOSE = datetime(2019, 1, 3, 21, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LEXICON = LexiconScorer()


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    return FactStore(tmp_path, lambda: NOW)


def days(store: FactStore, known_at: datetime = NOW, channel: str = "all") -> pl.DataFrame:
    scored(store, LEXICON, NOW)
    return daily_sentiment(store, LEXICON.model, known_at).filter(pl.col("channel") == channel)


def test_a_text_after_the_close_belongs_to_the_next_session(store: FactStore) -> None:
    store_texts(store, text("a", CLOSE, "Profit slumps"), text("b", CLOSE + MINUTE, "Sales surge"))
    found = days(store)

    assert found["session_on"].to_list() == [date(2019, 1, 3), date(2019, 1, 4)]
    assert found["mean_score"].to_list() == [tone("Profit slumps"), tone("Sales surge")]


@pytest.mark.parametrize(
    ("known_at", "close_at"),
    [
        (datetime(2019, 1, 5, 12, tzinfo=UTC), datetime(2019, 1, 7, 21, tzinfo=UTC)),
        (datetime(2018, 11, 23, 18, 30, tzinfo=UTC), datetime(2018, 11, 26, 21, tzinfo=UTC)),
        (datetime(2019, 7, 2, 2, tzinfo=UTC), datetime(2019, 7, 2, 20, tzinfo=UTC)),
        (datetime(2019, 1, 4, 2, tzinfo=UTC), datetime(2019, 1, 4, 21, tzinfo=UTC)),
    ],
    ids=["weekend", "after an early close", "summer", "late evening in New York"],
)
def test_the_next_close_minds_weekends_half_days_and_seasons(known_at: datetime, close_at: datetime) -> None:
    instants = pl.Series([known_at], dtype=pl.Datetime("ns", "UTC"))
    assert closing_instants(instants).dt.cast_time_unit("us").to_list() == [close_at]


def test_a_day_has_its_count_mean_dispersion_and_share_of_bad_texts(store: FactStore) -> None:
    rows = [text("a", CLOSE, "Profit slumps"), text("b", CLOSE, "Sales surge"), text("c", CLOSE, "Annual meeting")]
    store_texts(store, *rows, text("d", CLOSE, "Weak demand for its phones", channel=REDDIT))
    (row,) = days(store).rows(named=True)
    scores = [tone("Profit slumps"), tone("Sales surge"), tone("Weak demand for its phones")]

    assert (row["texts_count"], row["scored_count"]) == (4, 3)
    assert row["mean_score"] == pytest.approx(pl.Series(scores).mean())
    assert row["dispersion_score"] == pytest.approx(pl.Series(scores).std())
    assert row["negative_frac"] == pytest.approx(sum(score < 0 for score in scores if score is not None) / 3)
    assert days(store, channel=REDDIT)["texts_count"].to_list() == [1]


def test_a_day_without_a_score_has_no_figures_rather_than_zero(store: FactStore) -> None:
    store_texts(store, text("a", CLOSE, "Annual meeting"))
    (row,) = days(store).rows(named=True)

    assert (row["texts_count"], row["scored_count"]) == (1, 0)
    assert (row["mean_score"], row["dispersion_score"], row["negative_frac"]) == (None, None, None)


def test_a_repeat_counts_once_and_the_first_one_stands(store: FactStore) -> None:
    """SVC-SNT-03."""
    headline = "Apple cuts its revenue forecast for the first quarter"
    store_texts(
        store,
        text("later", CLOSE - MINUTE, f"{headline} - Reuters"),
        text("first", CLOSE - 2 * MINUTE, headline),
        text("other share", CLOSE, headline, symbol="MSFT"),
    )

    assert repeats(store, NOW).rows() == [("later", "first")]
    assert days(store)["texts_count"].to_list() == [1, 1]
    assert score_panel(store, LEXICON.model, NOW)["text_id"].to_list() == ["first", "other share"]
    assert repeats(store, CLOSE - 2 * MINUTE).is_empty()


def test_a_repeat_that_names_its_share_itself_counts_once_too(store: FactStore) -> None:
    headline = "Apple cuts its revenue forecast for the first quarter"
    lease = {"security_id": "AAPL", "symbol": "AAPL", "valid_from_on": date(1980, 12, 12), "valid_to_on": None}
    known = {"exchange": "Q", "name": "Apple Inc.", "event_at": CLOSE - DAY, "known_at": CLOSE - DAY}
    store.ingested(IDENTITY, pl.DataFrame([lease | known]).cast({"valid_to_on": pl.Date}), "test")
    store_texts(store, text("a", CLOSE - MINUTE, headline), text("b", CLOSE, headline, symbol=None))

    assert days(store)["texts_count"].to_list() == [1]
    assert repeats(store, NOW, ["AAPL"]).rows() == [("b", "a")]
    assert repeats(store, NOW, ["MSFT"]).is_empty()


def test_an_edit_or_a_retraction_after_the_close_leaves_the_day_as_it_was(store: FactStore) -> None:
    store_texts(store, text("a", CLOSE, "Profit slumps"), text("b", CLOSE, "Sales surge"))
    before = days(store)
    store_texts(store, text("a", CLOSE, "Profit surges", known_at=CLOSE + MINUTE))
    store_texts(store, text("b", CLOSE, "Sales surge", known_at=CLOSE + MINUTE, is_retracted=True))

    assert days(store).equals(before)


def test_a_retraction_before_the_close_takes_the_text_out(store: FactStore) -> None:
    store_texts(store, text("a", CLOSE - MINUTE, "Profit slumps"))
    store_texts(store, text("a", CLOSE - MINUTE, "Profit slumps", known_at=CLOSE, is_retracted=True))

    assert days(store).is_empty()


def test_the_past_is_the_same_whatever_becomes_known_later(store: FactStore) -> None:
    """DESIGN section 4: cutting off the future never changes the past."""
    dice = random.Random(11)
    words = (
        "Profit slumps at Apple",
        "Sales surge at Apple",
        "Apple holds its annual meeting",
        "Apple wins a contract",
    )
    for n in range(40):
        at = CLOSE + dice.randrange(-5000, 5000) * MINUTE
        known_at = at + dice.randrange(0, 3000) * MINUTE
        store_texts(store, text(f"{n % 30}-{at}", at, dice.choice(words), known_at=known_at))
    whole = days(store)
    for cut_at in (CLOSE - 2 * DAY, CLOSE, CLOSE + DAY):
        closed = whole.filter(pl.col("known_to_at") <= cut_at)
        assert (
            days(store, cut_at)
            .filter(pl.col("known_to_at") < cut_at)
            .equals(closed.filter(pl.col("known_to_at") < cut_at))
        )
        assert closed.height


def test_a_score_that_says_nothing_is_a_retraction_in_the_panel(store: FactStore) -> None:
    store_texts(store, text("a", CLOSE, "Annual meeting"), text("b", CLOSE, "Profit slumps"))
    days(store)
    found = score_panel(store, LEXICON.model, NOW, ["AAPL"])

    assert dict(found.select("text_id", "is_retracted").iter_rows()) == {"a": True, "b": False}
    assert score_panel(store, LEXICON.model, NOW, ["MSFT"]).is_empty()


def test_no_texts_are_no_days(store: FactStore) -> None:
    assert days(store).is_empty()
    assert score_panel(store, LEXICON.model, NOW).is_empty()


def test_a_filing_after_hours_is_usable_from_the_next_session_only(store: FactStore, shared_data: Path) -> None:
    """DESIGN section 10: Apple's letter of 2019-01-02, accepted at 16:30:03 New York, belongs to 2019-01-03."""
    documents = pl.read_parquet(shared_data / "f3_aapl_8k_text_2019.parquet")
    accepted = documents.select(accepted_at=new_york_instants(pl.col("made_available_et").str.to_datetime()))[
        "accepted_at"
    ]
    known = filing_knowledge(pl.DataFrame({"accepted_at": accepted, "filed_on": accepted.dt.date()}))
    store_texts(
        store,
        *(
            text(f"{row['accession']}/{row['doc_type']}", at, row["form"], body=row["text"], channel=FILING)
            for row, at in zip(documents.rows(named=True), known.dt.cast_time_unit("us"), strict=True)
        ),
    )
    found = days(store, channel=FILING)

    assert found["session_on"].to_list() == [date(2019, 1, 3), date(2019, 1, 30), date(2019, 2, 6)]
    assert found["texts_count"].to_list() == [2, 2, 1]
    assert found["scored_count"].to_list()[0] >= 1
    assert days(store, datetime(2019, 1, 2, 21, tzinfo=UTC)).is_empty()
    assert repeats(store, NOW).is_empty()


def test_scores_are_handed_over_or_the_reason_why_there_are_none(store: FactStore) -> None:
    assert known_scores(store, LEXICON.model, NOW) == Absent(
        "text_scores", "no text about these shares is known: fetch or import some"
    )
    store_texts(store, text("a", CLOSE - MINUTE, "Profit slumps"), text("b", CLOSE, "Sales surge"))
    unscored = known_scores(store, LEXICON.model, NOW, ["AAPL"])
    assert isinstance(unscored, Absent)
    assert "2 texts are known, none scored by" in unscored.reason
    days(store)
    scores = known_scores(store, LEXICON.model, NOW, ["AAPL"])
    assert isinstance(scores, pl.DataFrame)
    assert scores["text_id"].to_list() == ["a", "b"]
    assert isinstance(known_scores(store, "another", NOW, ["AAPL"]), Absent)
