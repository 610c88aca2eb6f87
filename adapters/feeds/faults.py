"""What can go wrong between us and a vendor, named for what to do about it: wait, try again, ask a person, set aside.

Nothing here quotes a vendor's own exception: several of them spell out the address that was asked, key included.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from nodes.vocabulary.errors import AssayError, DataError, EdgeError

_THROTTLED, _TIMED_OUT, _FIRST_SERVER_FAULT = 429, 408, 500
_NOT_THERE = frozenset({404, 410})
_DEFAULT_WAIT_S = 60.0
_SECONDS = re.compile(r"\d+(\.\d+)?", re.ASCII)


class ThrottledError(EdgeError):
    """The vendor asks us to wait.

    Attributes:
        retry_after_s: for how long.
    """

    def __init__(self, what: str, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        message = f"{what} asks for {retry_after_s:.0f} s of rest; fetch less often or lower its rate"
        super().__init__(message, reason="throttled")


class UnreachableError(EdgeError):
    """The vendor did not answer, or answered with a fault of its own: the same question may work later."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what} did not answer: {why}; try again later", reason="unreachable")


class RefusedError(EdgeError):
    """The vendor understood and said no: the key, its rights or the question are at fault."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what} refused: {why}; check its key and what it is asked for", reason="refused")


class RestingError(EdgeError):
    """The vendor failed so often that it is left alone for a while."""

    def __init__(self, what: str, rest_s: float) -> None:
        message = f"{what} failed too often and is left alone for {rest_s:.0f} s; see why in the runs before"
        super().__init__(message, reason="open")


class IncompleteError(EdgeError):
    """Some answers could not be read: the run is not complete, and the next asks for its window again."""

    def __init__(self, what: str, subjects: Sequence[str]) -> None:
        message = f"{what} answered for {', '.join(subjects)} what cannot be used; see the quarantine, then fetch again"
        super().__init__(message, reason="incomplete")


class BeyondReachError(DataError):
    """There was more than the vendor hands out: what is missing will never come, however often it is asked for."""


class NotThereError(DataError):
    """The vendor has nothing under that name."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is unknown to the vendor; correct its name", reason="not-there")


class MalformedError(DataError):
    """The vendor's answer is not of its documented form."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what} answered what cannot be read: {why}; compare with its documentation")


@dataclass(frozen=True)
class Translation:
    """How exceptions of a client library become ours.

    Attributes:
        types: what it raises.
        fault: ours for one of them.
    """

    types: tuple[type[Exception], ...]
    fault: Callable[[Exception], AssayError]


def status_fault(what: str, status: int, headers: Mapping[str, str]) -> AssayError:
    """What an HTTP status other than success asks us to do."""
    if status == _THROTTLED:
        return ThrottledError(what, retry_after_s(headers, datetime.now(UTC)))
    if status >= _FIRST_SERVER_FAULT or status == _TIMED_OUT:
        return UnreachableError(what, f"status {status}")
    if status in _NOT_THERE:
        return NotThereError(what)
    return RefusedError(what, f"status {status}")


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float:
    """The seconds that Retry-After (RFC 9110, 10.2.3: seconds or a date) or x-rate-limit-reset (epoch) name."""
    named = {name.lower(): value.strip() for name, value in headers.items()}
    after, reset = named.get("retry-after", ""), named.get("x-rate-limit-reset", "")
    if _SECONDS.fullmatch(after):
        return float(after)
    if after:
        return _until(after, now)
    if _SECONDS.fullmatch(reset):
        return max(0.0, float(reset) - now.timestamp())
    return _DEFAULT_WAIT_S


def _until(date: str, now: datetime) -> float:
    try:
        at = parsedate_to_datetime(date)
    except ValueError:
        return _DEFAULT_WAIT_S
    zoned = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return max(0.0, (zoned - now).total_seconds())
