"""An outage is an alert of the board, once, and with the gravity that the policy gives it (journey 4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.sql.alert_board import AlertBoard
from adapters.upstreams.outages import Harm, Outage, OutageBook
from adapters.upstreams.upstream import News
from api.use_cases.outage_notices import KIND, outage_raised
from api.use_cases.telling import Teller
from api.use_cases.upstreams import Upstreams
from policies.alerting import shipped_alert_policy

AT = datetime(2026, 11, 23, 2, 11, tzinfo=UTC)
OUTAGE = Outage("lake", "no answer within 10 s", None, AT, AT)


@pytest.fixture
def teller(tmp_path: Path) -> Teller:
    return Teller(AlertBoard(tmp_path / "board.db", lambda: AT), shipped_alert_policy(), {}, lambda: AT)


def test_an_outage_is_raised_once_by_whoever_notices_it(teller: Teller) -> None:
    assert [outage_raised(teller, OUTAGE), outage_raised(teller, replace(OUTAGE, because="refused"))] == [True, False]
    assert outage_raised(teller, replace(OUTAGE, upstream="broker"))


def test_it_is_a_ticket_that_says_what_was_seen(teller: Teller) -> None:
    outage_raised(teller, OUTAGE)
    (alert,) = teller.board.alerts()
    assert (alert.notice.kind, alert.notice.severity, alert.notice.title) == (KIND, "ticket", "lake does not answer")
    assert "no answer within 10 s" in alert.notice.detail


def test_upstreams_raise_an_outage_when_they_write_it_down_and_not_when_it_ends(tmp_path: Path) -> None:
    raised: list[Outage] = []
    upstreams = Upstreams(book=OutageBook(tmp_path / "outages.db", lambda: AT), raised=raised.append)
    for news in (News(OUTAGE, is_over=False), News(OUTAGE, is_over=False), News(None, is_over=True)):
        upstreams.note("lake", news)
    upstreams.looked()
    assert raised == [OUTAGE]
    assert upstreams.outages(1)[0].harm == Harm()
    upstreams.close()


def test_an_outage_that_a_dead_process_wrote_down_is_raised_by_the_next(tmp_path: Path) -> None:
    """Killed after the outage was in the book, and before its alert was on the board."""
    with OutageBook(tmp_path / "outages.db", lambda: AT) as book:
        book.begun(OUTAGE)
    raised: list[Outage] = []
    upstreams = Upstreams(book=OutageBook(tmp_path / "outages.db", lambda: AT), raised=raised.append)
    upstreams.looked()
    assert raised == [OUTAGE]
    upstreams.close()
