"""What vendors' answers have in common, once a client library has read them: lists of objects, epochs, failures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.feeds.faults import MalformedError, UnreachableError, status_fault
from adapters.feeds.files.entries import Entry, number_of
from adapters.feeds.optional import library
from nodes.vocabulary.errors import AssayError, DataError


def listed(value: Any, what: str) -> Iterator[Entry]:  # noqa: ANN401  # a vendor's answer
    """The entries of a list. Raises MalformedError when it is none."""
    if not isinstance(value, list):
        raise MalformedError(what, f"{type(value).__name__} instead of a list")
    for number, row in enumerate(value):
        yield Entry(row if isinstance(row, dict) else {"entry": row}, place=f"[{number}]")


def epoch_of(row: Mapping[str, Any], field: str) -> datetime:
    """A field that holds seconds since 1970. Raises DataError otherwise."""
    seconds = number_of(row, field)
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        message = f"{field} is {row.get(field)!r}, expected seconds since 1970; correct it at the source"
        raise DataError(message) from error
    if at.year < 1971:  # noqa: PLR2004  # vendors write 0 for "unknown"
        message = f"{field} is {row.get(field)!r}, which is no time; correct it at the source"
        raise DataError(message)
    return at


def requests_fault(what: str, error: Exception) -> AssayError:
    """What an exception of the library requests asks us to do."""
    exceptions = library("requests.exceptions")
    if isinstance(error, exceptions.JSONDecodeError):
        return MalformedError(what, "no JSON")
    if isinstance(error, exceptions.HTTPError) and error.response is not None:
        return status_fault(what, error.response.status_code, error.response.headers)
    return UnreachableError(what, type(error).__name__)
