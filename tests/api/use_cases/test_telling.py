"""Who is told of an alert, and how it gets there (SGN-10, TEAM-02)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.notifiers.messages import Message
from adapters.sql.alert_tables import DeliveryState
from api.use_cases.telling import severity_of, tellings
from nodes.vocabulary.errors import EdgeError
from policies.alerting import shipped_alert_policy
from tests.adapters.sql.board_samples import HandClock, notice
from tests.api.use_cases.boards import Ear, ears, told_by

NIGHT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def test_a_page_is_told_at_once_and_escalated_later() -> None:
    found = {each.channel: each for each in tellings(shipped_alert_policy(), "page", NIGHT, ears())}
    assert {name: each.due_at for name, each in found.items()} == {
        "desk-mail": NIGHT,
        "desk-chat": NIGHT,
        "desk-hook": NIGHT,
        "second-mail": NIGHT + timedelta(seconds=900),
    }
    assert [name for name, each in found.items() if each.is_escalation] == ["second-mail"]


def test_a_ticket_of_the_night_is_told_in_the_morning() -> None:
    assert {each.due_at for each in tellings(shipped_alert_policy(), "ticket", NIGHT, ears())} == {MORNING}


def test_channels_that_nobody_set_up_are_left_out() -> None:
    found = tellings(shipped_alert_policy(), "page", DAY, {"desk-chat": None})
    assert [each.channel for each in found] == ["desk-chat"]


def test_an_alert_reaches_every_channel_of_its_route_once(tmp_path: Path) -> None:
    channels, clock = ears(), HandClock(DAY)
    teller = told_by(tmp_path, clock, channels)
    assert teller.raised(notice())
    assert not teller.raised(notice())
    for name in channels:
        while teller.delivered(name):
            pass
    assert {name: len(ear.heard) for name, ear in channels.items()} == {
        "desk-mail": 1, "desk-chat": 1, "desk-hook": 1, "second-mail": 0
    }  # fmt: skip


def test_a_failed_delivery_is_tried_again_under_the_same_name(tmp_path: Path) -> None:
    channels, clock = ears(), HandClock(DAY)
    channels["desk-hook"].failures = 2
    teller = told_by(tmp_path, clock, channels)
    teller.raised(notice())
    waits_s = []
    while not channels["desk-hook"].heard:
        began_at = clock()
        while not teller.delivered("desk-hook"):
            clock.move(1)
        waits_s.append((clock() - began_at).total_seconds())
    assert waits_s == [0.0, 5.0, 20.0], "at once, then as the policy says"
    assert channels["desk-hook"].heard[0].alert_id == "alert-1"


def test_one_channel_that_fails_holds_up_no_other_and_ends_as_a_dead_letter(tmp_path: Path) -> None:
    channels, clock = ears(), HandClock(DAY)
    channels["desk-hook"].failures = 99
    teller = told_by(tmp_path, clock, channels)
    teller.raised(notice())
    assert teller.delivered("desk-mail")
    for _ in range(8):
        assert teller.delivered("desk-hook")
        clock.move(7200)
    (dead,) = teller.board.deliveries(state=DeliveryState.DEAD)
    assert (dead.channel, dead.n_failed, dead.because) == ("desk-hook", 8, "nobody listens; come back")
    assert not teller.delivered("desk-hook")


class Broken(Ear):
    """A channel that fails in a way that nobody foresaw."""

    def send(self, message: Message, patience_s: float) -> None:
        assert patience_s > 0
        raise UnicodeError(f"{message.title} to https://host/secret")


def test_a_channel_that_breaks_ends_as_a_dead_letter_too_and_says_nothing_secret(tmp_path: Path) -> None:
    channels, clock = {**ears(), "desk-hook": Broken()}, HandClock(DAY)
    teller = told_by(tmp_path, clock, channels)
    teller.raised(notice())
    for _ in range(teller.policy.delivery.attempts):
        with pytest.raises(UnicodeError, match="wide spread"):
            teller.delivered("desk-hook")
        clock.move(86_400)
    assert not teller.delivered("desk-hook")
    (dead,) = teller.board.deliveries(state=DeliveryState.DEAD)
    assert (dead.channel, dead.n_failed) == ("desk-hook", teller.policy.delivery.attempts)
    assert dead.because == "UnicodeError; see this server's log lines"


def test_threads_deliver_what_is_raised_while_they_run(tmp_path: Path) -> None:
    channels = ears()
    teller = told_by(tmp_path, lambda: datetime.now(UTC), channels)
    with teller:
        teller.raised(notice())
        ends_s = time.monotonic() + 10.0
        while not channels["desk-mail"].heard and time.monotonic() < ends_s:
            time.sleep(0.02)
    assert [each.title for each in channels["desk-mail"].heard] == ["[page] wide spread"]


def test_what_another_process_left_behind_is_delivered(tmp_path: Path) -> None:
    """At least once: the process that claimed it died with it."""
    channels, clock = ears(), HandClock(DAY)
    told_by(tmp_path, clock, {**channels}).raised(notice())
    dead, alive = (told_by(tmp_path, clock, channels) for _ in range(2))
    assert dead.board.claimed("desk-mail", "a process that died", 35.0) is not None
    assert not alive.delivered("desk-mail")
    clock.move(35)
    assert alive.delivered("desk-mail")
    assert len(channels["desk-mail"].heard) == 1


def test_a_word_that_is_no_severity_is_refused() -> None:
    assert severity_of("page") == "page"
    with pytest.raises(EdgeError, match="severity 'loud' is none; write one of page, ticket, note"):
        severity_of("loud")
