"""The outages of feeds as their runs tell them, and feeds held against policy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.domains.feed_runs import FEED_RUNS
from adapters.lake.facts.domain import INSTANT
from adapters.lake.facts.store import FactStore
from api.use_cases.data_reading import DataRoom
from api.use_cases.data_readings import ALL_READINGS
from api.use_cases.feed_outages import feed_outages, feed_standings, outages_of, standings_of
from api.use_cases.resilience_terms import resilience_terms
from nodes.vocabulary.errors import EdgeError

AT = datetime(2026, 11, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)
_SCHEMA = pl.Schema({**FEED_RUNS.keys, **FEED_RUNS.values, "event_at": INSTANT, "known_at": INSTANT})


def _runs(*outcomes: str, feed: str = "yahoo") -> pl.DataFrame:
    """A run an hour, each a minute long."""
    rows = [
        {
            "feed": feed, "scope": "AAPL", "outcome": outcome, "detail": "" if outcome == "done" else f"it {outcome}",
            "from_at": AT, "until_at": AT + number * HOUR, "n_fetched": 1, "n_accepted": 1, "n_quarantined": 0,
            "n_throttled": 0, "breaker": "opened" if outcome == "open" else "closed", "rests_until_at": None,
            "event_at": AT + number * HOUR, "known_at": AT + number * HOUR + timedelta(minutes=1),
        }
        for number, outcome in enumerate(outcomes)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_SCHEMA)


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    made = FactStore(tmp_path, lambda: AT + 10 * HOUR)
    made.ingested(FEED_RUNS, _runs("done", "unreachable", "open", "done", "done"), "yahoo")
    made.ingested(FEED_RUNS, _runs("done", "refused", feed="fred"), "fred")
    return made


def test_an_outage_lasts_from_the_first_run_that_failed_to_the_next_that_was_done() -> None:
    (found,) = outages_of(_runs("done", "unreachable", "open", "done", "done"))
    assert (found.upstream, found.because) == ("feed yahoo", "it unreachable")
    assert (found.good_at, found.began_at) == (AT + timedelta(minutes=1), AT + HOUR)
    assert (found.noticed_after_s, found.lasted_s, found.harm.n_probes) == (60.0, 2 * 3600 + 60.0, 1)


def test_one_that_has_not_ended_is_open_and_two_are_two() -> None:
    found = outages_of(_runs("refused", "done", "throttled", "incomplete"))
    assert [(each.good_at is None, each.lasted_s) for each in found] == [(True, 3660.0), (False, None)]


def test_runs_that_were_all_done_tell_of_none() -> None:
    assert outages_of(_runs("done", "done")) == []


def test_the_outages_of_all_feeds_are_told_newest_first_and_old_ones_no_more(store: FactStore) -> None:
    now = AT + 10 * HOUR
    assert [each.upstream for each in feed_outages(store, now, AT)] == ["feed fred", "feed yahoo"]
    assert [each.upstream for each in feed_outages(store, now, now)] == ["feed fred"]


def test_a_feed_is_within_policy_up_to_its_tolerance(store: FactStore) -> None:
    terms = resilience_terms()
    yahoo_s = terms.feeds["yahoo"].tolerance_s
    newest = AT + 4 * HOUR
    for over_s, is_within in ((0, True), (1, False)):
        now = newest + timedelta(seconds=yahoo_s + over_s)
        (yahoo,) = [each for each in feed_standings(store, terms, now) if each.feed.feed == "yahoo"]
        assert (yahoo.age_s, yahoo.is_within) == (yahoo_s + over_s, is_within)


@pytest.mark.parametrize(
    ("name", "feeds"), [("bars", ["yahoo"]), ("macro", ["fred"]), ("texts", []), ("halt-status", [])]
)
def test_a_reading_is_told_of_the_feeds_of_its_tables(
    store: FactStore, tmp_path: Path, name: str, feeds: list[str]
) -> None:
    room = DataRoom(lambda: (store, tmp_path), lambda: AT + 10 * HOUR)
    reading = next(each for each in ALL_READINGS if each.name == name)
    assert [each.feed.feed for each in standings_of(room, reading)] == feeds


def test_a_lake_that_does_not_answer_tells_of_no_feed_and_fails_no_answer() -> None:
    def away() -> tuple[FactStore, Path]:
        raise EdgeError("the lake is away; mount it")

    reading = next(each for each in ALL_READINGS if each.name == "bars")
    assert standings_of(DataRoom(away, lambda: AT), reading) == ()
