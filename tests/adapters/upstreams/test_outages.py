"""The book of outages: one open outage an upstream, however many notice it (MON-03: seconds are kept)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.upstreams.outages import Harm, Outage, OutageBook

AT = datetime(2026, 11, 23, 2, 11, tzinfo=UTC)
OUTAGE = Outage("lake", "no answer within 1 s", AT - timedelta(seconds=9), AT, AT + timedelta(seconds=2))


@pytest.fixture
def book(tmp_path: Path) -> OutageBook:
    return OutageBook(tmp_path / "outages.db", lambda: AT + timedelta(seconds=60))


def test_an_outage_is_told_by_the_first_who_notices_it(book: OutageBook, tmp_path: Path) -> None:
    other = OutageBook(tmp_path / "outages.db", book.clock)
    assert [book.begun(OUTAGE), other.begun(replace(OUTAGE, because="refused")), book.begun(OUTAGE)] == [
        True,
        False,
        False,
    ]
    assert book.newest(9) == other.open_ones() == (OUTAGE,)


def test_an_end_says_how_long_it_lasted_and_what_it_did(book: OutageBook) -> None:
    book.begun(OUTAGE)
    book.harmed("lake", Harm(n_probes=2, n_from_memory=3, oldest_s=40))
    assert book.ended("lake", Harm(n_from_memory=1, n_refused=5, oldest_s=7))
    (found,) = book.newest(9)
    assert (found.noticed_after_s, found.lasted_s) == (2.0, 60.0)
    assert found.harm == Harm(n_probes=2, n_from_memory=4, n_refused=5, oldest_s=40)
    assert book.open_ones() == ()


def test_what_is_not_open_is_not_ended_and_the_next_outage_is_a_new_one(book: OutageBook) -> None:
    assert not book.ended("lake", Harm())
    assert book.begun(OUTAGE)
    assert book.ended("lake", Harm())
    assert book.begun(replace(OUTAGE, good_at=None))
    assert [each.lasted_s for each in book.newest(9)] == [None, 60.0]


def test_upstreams_do_not_share_an_outage(book: OutageBook) -> None:
    assert [book.begun(OUTAGE), book.begun(replace(OUTAGE, upstream="broker"))] == [True, True]
    book.ended("lake", Harm())
    assert [each.upstream for each in book.open_ones()] == ["broker"]
