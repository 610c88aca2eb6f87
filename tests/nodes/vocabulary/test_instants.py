"""Instants are exact, UTC, and never naive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import EPOCH, AsOf, instant_from_ns, instant_from_text, instant_ns, instant_text
from tests.strategies import instants

CLOSE_AT = datetime(2005, 1, 3, 21, tzinfo=UTC)
NAIVE = datetime(2005, 1, 3, 21)  # noqa: DTZ001  # what is refused


class _ZoneThatDoesNotKnow(tzinfo):
    """A time zone that is there and gives no offset, which leaves the datetime naive."""

    def utcoffset(self, _instant: datetime | None) -> None:
        return None


def test_the_nanoseconds_of_an_instant_are_counted_from_the_epoch() -> None:
    """date -u -d 2005-01-03T21:00:00Z +%s gives 1104786000."""
    assert instant_ns(CLOSE_AT) == 1_104_786_000_000_000_000


def test_the_microsecond_before_the_epoch_is_minus_a_thousand() -> None:
    assert instant_ns(EPOCH - timedelta(microseconds=1)) == -1000


def test_an_instant_is_the_same_in_every_zone() -> None:
    assert instant_ns(CLOSE_AT.astimezone(ZoneInfo("America/New_York"))) == instant_ns(CLOSE_AT)


@given(instants())
def test_nanoseconds_read_back_to_the_microsecond(instant: datetime) -> None:
    assert instant_from_ns(instant_ns(instant)) == instant


@pytest.mark.parametrize(("ns", "expected_ns"), [(1_999, 1_000), (-1, -1_000), (-1_000, -1_000)])
def test_nanoseconds_are_cut_down_to_the_microsecond(ns: int, expected_ns: int) -> None:
    assert instant_ns(instant_from_ns(ns)) == expected_ns


@given(instants(), instants())
def test_nanoseconds_keep_the_order_of_instants(one: datetime, other: datetime) -> None:
    assert (one < other) == (instant_ns(one) < instant_ns(other))


LOST = NAIVE.replace(tzinfo=_ZoneThatDoesNotKnow())  # type: ignore[abstract]  # only its offset is asked for


@pytest.mark.parametrize("naive", [NAIVE, LOST])
def test_a_naive_datetime_is_refused(naive: datetime) -> None:
    for read in (instant_ns, instant_text):
        with pytest.raises(DataError, match="naive datetime 2005-01-03T21:00:00 names no instant; attach a time zone"):
            read(naive)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2005-01-03T21:00:00Z", CLOSE_AT),
        ("2005-01-03T16:00:00-05:00", CLOSE_AT),
        ("2005-01-04T02:30:00+05:30", CLOSE_AT),
        ("2005-01-03T21:00:00.5Z", CLOSE_AT + timedelta(milliseconds=500)),
        ("2005-01-03T21:00:00.000001Z", CLOSE_AT + timedelta(microseconds=1)),
        ("2005-01-03T21:00:00.000000Z", CLOSE_AT),
    ],
)
def test_a_text_names_its_instant_in_utc(text: str, instant: datetime) -> None:
    assert instant_from_text(text) == instant
    assert instant_from_text(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ON",
        "2005-01-03",
        "2005-01-03T21Z",
        "2005-01-03 21:00:00Z",
        "20050103T210000Z",
        "2005-W01-1T21:00:00Z",
        "2005-13-03T21:00:00Z",
        "2005-02-29T21:00:00Z",
        "2005-01-03T24:00:00Z",
        "2005-01-03T21:00:60Z",
        "2005-01-03T21:00:00.1234567Z",
        "2005-01-03T21:00:00+05:00:30",
        "2005-01-03T21:00:00Z\n",
        "9999-12-31T23:59:59-05:00",
        "0001-01-01T00:00:00+05:00",
        "1104786000",
    ],
)
def test_a_text_that_is_no_rfc_3339_instant_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="is not an RFC 3339 instant; write it like 2005-01-03T21:00:00Z"):
        instant_from_text(text)


def test_a_text_without_an_offset_is_refused_as_naive() -> None:
    with pytest.raises(DataError, match="naive datetime 2005-01-03T21:00:00 names no instant"):
        instant_from_text("2005-01-03T21:00:00")


def test_the_text_of_an_instant_ends_in_z() -> None:
    assert instant_text(CLOSE_AT.astimezone(ZoneInfo("Asia/Kolkata"))) == "2005-01-03T21:00:00Z"


@given(instants())
def test_the_text_of_an_instant_reads_back(instant: datetime) -> None:
    assert instant_from_text(instant_text(instant)) == instant


@given(st.text(max_size=30))
def test_any_other_text_is_refused_and_not_guessed(text: str) -> None:
    with pytest.raises(DataError, match=r"is not an RFC 3339 instant|names no instant"):
        instant_from_text(text)


def test_as_of_pairs_are_ordered_by_event_and_then_by_knowledge() -> None:
    later = CLOSE_AT + timedelta(hours=1)
    assert AsOf(CLOSE_AT, CLOSE_AT) < AsOf(CLOSE_AT, later) < AsOf(later, CLOSE_AT)
