"""Instants: UTC only, as whole nanoseconds since 1970-01-01T00:00:00Z.

A naive datetime is refused wherever it appears: it names no instant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nodes.vocabulary.errors import DataError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Without an offset it is read as well, to be refused as naive.
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def instant_ns(instant: datetime) -> int:
    """Nanoseconds from the epoch to `instant`, exactly. Raises DataError on a naive datetime."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        message = f"naive datetime {instant.isoformat()} names no instant; attach a time zone (UTC)"
        raise DataError(message)
    return (instant - EPOCH) // _MICROSECOND * 1000


def instant_from_ns(ns: int) -> datetime:
    """The UTC datetime of an instant, truncated to microseconds (the resolution of datetime)."""
    return EPOCH + timedelta(microseconds=ns // 1000)


def instant_text(instant: datetime) -> str:
    """RFC 3339 text of an instant in UTC with a Z, e.g. 2005-01-03T21:00:00Z."""
    instant_ns(instant)
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def instant_from_text(text: str) -> datetime:
    """The instant that an RFC 3339 text names. Raises DataError when it has no offset or is no instant.

    A fraction finer than a microsecond is refused too: `datetime` would cut it off without a word.
    """
    message = f"{text!r:.80} is not an RFC 3339 instant; write it like 2005-01-03T21:00:00Z"
    if _RFC_3339.fullmatch(text) is None:
        raise DataError(message)
    try:
        instant = datetime.fromisoformat(text)
        instant_ns(instant)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise DataError(message) from error


@dataclass(frozen=True, order=True)
class AsOf:
    """The pair of instants that every read is made at.

    Attributes:
        event_at: when it was true.
        known_at: when we could have known.
    """

    event_at: datetime
    known_at: datetime
