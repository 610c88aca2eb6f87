"""Texts: one text is stored once, and is known when it could be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from adapters.feeds.settled import settled
from adapters.feeds.source import Pace, Window
from adapters.feeds.texts import Text, plain_text, text_facts, without_copies
from adapters.lake.domains.texts import TEXTS
from adapters.lake.facts.store import FactStore

AT = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
FETCHED = AT + timedelta(hours=1)
FIRST = Window(AT - timedelta(days=1), FETCHED, FETCHED)
LATER = Window(AT - timedelta(days=1), FETCHED + timedelta(hours=1), FETCHED + timedelta(hours=1), seen_until=FETCHED)
NEWS = Text(channel="news", published_at=AT, symbol="AAPL", title="Apple beats, again!", url="https://a/1")
PACE = Pace("1/second", timedelta(days=1), timedelta(days=1))


def test_a_text_of_the_first_fetch_is_known_when_it_was_published() -> None:
    """SVC-SNT-03: publish-time stamping."""
    facts = text_facts("rss", [NEWS], FIRST).facts
    assert facts.select("published_at", "event_at", "known_at").row(0) == (AT, AT, AT)


def test_a_text_that_an_earlier_fetch_should_have_brought_is_known_from_the_one_that_did() -> None:
    assert text_facts("rss", [NEWS], LATER).facts["known_at"][0] == LATER.fetched_at


def test_an_edited_text_is_known_from_its_edit() -> None:
    edited = Text(channel="reddit", published_at=AT, native_id="t3_1", body="no", readable_at=AT + timedelta(minutes=5))
    assert text_facts("reddit", [edited], FIRST).facts["known_at"][0] == AT + timedelta(minutes=5)


def test_the_same_words_elsewhere_are_the_same_text_and_the_first_of_them_stays() -> None:
    """SVC-SNT-03: dedupe."""
    copy = Text(
        channel="news", published_at=AT - timedelta(minutes=2), symbol="AAPL", title="APPLE BEATS - again", url="b"
    )
    facts = text_facts("rss", [NEWS, copy], FIRST).facts
    assert facts["url"].to_list() == ["b"]


def test_the_same_words_weeks_later_are_news_again() -> None:
    again = Text(channel="news", published_at=AT - timedelta(days=20), symbol="AAPL", title=NEWS.title)
    assert text_facts("rss", [NEWS, again], FIRST).facts.height == 2


def test_the_same_words_about_another_symbol_are_another_text() -> None:
    other = Text(channel="news", published_at=AT, symbol="MSFT", title=NEWS.title)
    assert text_facts("rss", [NEWS, other], FIRST).facts["text_id"].n_unique() == 2


def test_posts_with_ids_of_their_own_are_never_copies_of_each_other() -> None:
    posts = [Text(channel="x", published_at=AT, native_id=str(n), body="to the moon") for n in range(2)]
    assert text_facts("x", posts, FIRST).facts.height == 2


def test_a_copy_of_what_the_lake_holds_is_left_out(tmp_path: Path) -> None:
    store = FactStore(tmp_path, lambda: LATER.fetched_at)
    store.ingested(TEXTS, text_facts("rss", [NEWS], FIRST).facts, "rss")
    copy = Text(channel="news", published_at=AT + timedelta(minutes=40), symbol="AAPL", title=NEWS.title, url="c")
    part = text_facts("finnhub", [copy], LATER)
    assert without_copies(store, part, LATER.fetched_at).facts.is_empty()


def test_a_text_that_came_late_keeps_the_instant_from_which_it_was_known(tmp_path: Path) -> None:
    store = FactStore(tmp_path, lambda: LATER.fetched_at)
    store.ingested(TEXTS, text_facts("rss", [NEWS], LATER).facts, "rss")
    again = settled(store, text_facts("rss", [NEWS], FIRST), PACE, LATER.fetched_at)
    assert again.facts.is_empty()


def test_words_are_taken_out_of_their_markup() -> None:
    assert plain_text("<p>AT&amp;T &lt;T&gt;\n <b>rises</b></p>") == "AT&T <T> rises"
    assert plain_text("<br/>") is None
    assert plain_text(None) is None


def test_facts_have_the_columns_of_the_domain() -> None:
    schema = text_facts("rss", [], FIRST).facts.schema
    assert schema["published_at"] == pl.Datetime("ns", "UTC")
