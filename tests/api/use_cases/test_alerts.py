"""Hearing alerts: the newest ones, or those that were not handled yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.feeds.files.ratings import analyst_ratings
from adapters.lake.facts.store import FactStore
from adapters.sql.alerts import AlertBox, RaisedAlert
from api.use_cases.alerts import AlertDesk, Hearing, heard_alerts

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[AlertDesk]:
    with AlertBox(tmp_path / "alerts.db", lambda: NOW) as box:
        yield AlertDesk(FactStore(tmp_path / "lake", lambda: NOW), box, lambda: NOW)


def rated(desk: AlertDesk, *days: int) -> None:
    rows = "".join(f"A,2018-06-{day:02},X,Buy\n" for day in days)
    parsed = analyst_ratings(f"ticker,rating_date,analyst_firm,rating\n{rows}".encode())
    desk.store.ingested(parsed.domain, parsed.facts, parsed.source, parsed.rejected)


def days(heard: Iterator[RaisedAlert]) -> list[int]:
    return [raised.alert.event_at.day for raised in heard]


def test_the_newest_are_heard_the_oldest_of_them_first(desk: AlertDesk) -> None:
    rated(desk, 4, 5, 6)

    assert days(heard_alerts(desk, Hearing(count=2))) == days(iter(desk.box.after(1, 2)))
    assert len(days(heard_alerts(desk, Hearing(count=9)))) == 3


def test_a_subscriber_hears_each_once_when_he_stays_to_the_end(desk: AlertDesk) -> None:
    rated(desk, 4, 5)
    assert len(days(heard_alerts(desk, Hearing("me")))) == 2
    rated(desk, 6)
    assert len(days(heard_alerts(desk, Hearing("me")))) == 1
    assert len(days(heard_alerts(desk, Hearing("you")))) == 3


def test_a_subscriber_who_goes_away_before_the_end_hears_the_last_one_again(desk: AlertDesk) -> None:
    """SVC-EVT-03: at least once."""
    rated(desk, 4, 5)
    first = next(heard_alerts(desk, Hearing("me")))

    again = list(heard_alerts(desk, Hearing("me")))

    assert [raised.sequence for raised in again] == [first.sequence, first.sequence + 1]


@pytest.mark.parametrize("subscriber", [None, "me"])
def test_who_follows_hears_what_another_ingests_and_never_raised(desk: AlertDesk, subscriber: str | None) -> None:
    rated(desk, 4)
    hearing = heard_alerts(desk, Hearing(subscriber, follows=True))
    first = next(hearing)
    rated(desk, 5)

    assert next(hearing).sequence == first.sequence + 1
