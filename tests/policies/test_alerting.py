"""Who is told of alerts and when, as a document (SGN-10, TEAM-02)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.vocabulary.errors import PolicyError
from policies.alerting import SHIPPED, AlertPolicy, Delivery, QuietHours, parsed_alert_policy, shipped_alert_policy

TEXT = SHIPPED.read_text(encoding="utf-8")
NIGHTS = QuietHours.model_validate(
    {"id": "nights", "from": "22:00", "to": "07:00", "zone": "America/New_York", "holds": ("ticket",)}
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def changed(*changes: tuple[str, str]) -> AlertPolicy:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parsed_alert_policy(text.encode(), "v1.yaml")


def test_the_shipped_policy_tells_somebody_of_every_severity() -> None:
    found = shipped_alert_policy()
    assert found.channels("page") == ("desk-mail", "desk-chat", "desk-hook")
    assert found.severity_of_event("corporate-action") == "ticket"
    assert found.severity_of_event("something-new") == found.event_severity
    assert found.all_channels == {"desk-mail", "desk-chat", "desk-hook", "second-mail"}


@pytest.mark.parametrize(
    ("at", "ends_at"),
    [
        ("2026-11-24T02:59:59", None),
        ("2026-11-24T03:00:00", "2026-11-24T12:00:00"),
        ("2026-11-24T11:59:59", "2026-11-24T12:00:00"),
        ("2026-11-24T12:00:00", None),
        ("2026-03-08T04:00:00", "2026-03-08T11:00:00"),  # the night of an hour less: summer time begins at 07:00 UTC
        ("2026-11-01T03:00:00", "2026-11-01T12:00:00"),  # the night of an hour more
    ],
)
def test_quiet_hours_follow_the_wall_clock_of_their_zone(at: str, ends_at: str | None) -> None:
    assert NIGHTS.ends_at(utc(at)) == (None if ends_at is None else utc(ends_at))


@pytest.mark.parametrize(
    ("begin", "end", "at", "ends_at"),
    [
        ("22:00", "02:30", "2026-03-08T06:59:59", "2026-03-08T07:00:00"),  # 02:30 is skipped: clocks read 03:00 next
        ("22:00", "02:30", "2026-03-08T07:00:00", None),
        ("02:30", "07:00", "2026-03-08T06:59:59", None),
        ("02:30", "07:00", "2026-03-08T07:00:00", "2026-03-08T11:00:00"),
        ("22:00", "01:30", "2026-11-01T05:00:00", "2026-11-01T05:30:00"),  # 01:30 comes twice: the first counts
        ("22:00", "01:30", "2026-11-01T06:00:00", None),
    ],
)
def test_quiet_hours_at_a_time_that_summer_time_skips_or_repeats(
    begin: str, end: str, at: str, ends_at: str | None
) -> None:
    """The first instant at which the wall clock reads no earlier (SGN-10)."""
    said = {"id": "nights", "from": begin, "to": end, "zone": "America/New_York", "holds": ("ticket",)}
    found = QuietHours.model_validate(said).ends_at(utc(at))
    assert found == (None if ends_at is None else utc(ends_at))


def test_what_can_wait_is_due_when_the_hours_end_and_a_page_at_once() -> None:
    policy, night = shipped_alert_policy(), utc("2026-11-24T04:00:00")
    assert policy.due_at("page", night) == night
    assert policy.due_at("ticket", night) == utc("2026-11-24T12:00:00")


def test_hours_that_follow_one_another_hold_until_the_last_ends() -> None:
    hours = '{id: mornings, from: "06:00", to: "09:00", zone: America/New_York, holds: [ticket]}'
    found = changed(("quiet_hours:\n", f"quiet_hours:\n  - {hours}\n"))
    assert found.due_at("ticket", utc("2026-11-24T04:00:00")) == utc("2026-11-24T14:00:00")


def test_hours_that_leave_no_time_do_not_hold_for_ever() -> None:
    hours = '{id: days, from: "07:00", to: "22:00", zone: America/New_York, holds: [note]}'
    found = changed(("quiet_hours:\n", f"quiet_hours:\n  - {hours}\n"))
    assert found.due_at("note", utc("2026-11-24T04:00:00")) > utc("2027-01-24T04:00:00")


@given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # given a zone
def test_quiet_hours_end_within_a_night_and_never_before_they_hold(at: datetime) -> None:
    ends_at = NIGHTS.ends_at(at)
    if ends_at is not None:
        assert at < ends_at <= at + timedelta(hours=10)
        assert NIGHTS.ends_at(ends_at) is None


def test_waits_grow_to_the_longest_and_then_it_is_given_up() -> None:
    found = Delivery(attempts=5, first_wait_s=10, wait_ratio=10, longest_wait_s=2000, patience_s=1)
    assert [found.wait_s(n_failed) for n_failed in range(1, 6)] == [10, 100, 1000, 2000, None]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("severities: [note], to", "severities: [page], to", "nobody is told of a note"),
        ("id: tickets", "id: pages", "'pages' names two"),
        ("holds: [ticket, note]", "holds: [page]", "holds pages"),
        ('to: "07:00"', 'to: "22:00"', "holds nothing, or everything"),
        ('from: "22:00"', 'from: "25:00"', "25:00"),
        ("zone: America/New_York", "zone: Mars/Olympus", "is no time zone"),
        ("attempts: 8", "attempts: 0", "0"),
        ("delivery: {attempts", "delivery: {mood: good, attempts", "mood"),
        ("version: 1", "version: 1\nmood: good", "mood"),
    ],
)
def test_what_cannot_be_is_a_fault_with_its_place(old: str, new: str, said: str) -> None:
    with pytest.raises(PolicyError, match=r"v1\.yaml") as caught:
        changed((old, new))
    assert said in str(caught.value)
