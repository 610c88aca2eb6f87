"""What can be asked of fundamentals: a number as of an instant, its first print, its revisions, statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from adapters.lake.facts.store import FactStore
from adapters.lake.views.fundamentals import (
    Question,
    Stated,
    first_print,
    periods,
    revisions,
    statement,
    trailing_sums,
    value_as_of,
)
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_from_text

_NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class FactQuestion:
    """Which number is asked for, and by whose knowledge.

    Attributes:
        question: the number.
        as_of: nothing that became known later is seen.
    """

    question: Question
    as_of: datetime


def as_of_from_text(text: str | None, now: datetime) -> datetime:
    """The instant that a person means: an RFC 3339 instant, a day (its end in New York), or now.

    Raises:
        DataError: the text is neither.
    """
    if text is None:
        return now
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return instant_from_text(text)
    return datetime.combine(day, time.max, _NEW_YORK).astimezone(UTC)


def stated_as_of(store: FactStore, asked: FactQuestion) -> Stated:
    """The number as it stood. Raises DataError when none was known."""
    return value_as_of(store, asked.question, asked.as_of)


def stated_first(store: FactStore, asked: FactQuestion) -> Stated:
    """The number as it was first printed. Raises DataError when none was known."""
    return first_print(store, asked.question, asked.as_of)


def stated_revisions(store: FactStore, asked: FactQuestion) -> tuple[Stated, ...]:
    """Every statement of the number, the first print first. Raises DataError when none was known."""
    return revisions(store, asked.question, asked.as_of)


def known_periods(store: FactStore, symbol: str, concept: str, as_of: datetime) -> pl.DataFrame:
    """The periods of a concept that were known. Raises DataError when there is none."""
    found = periods(store, symbol, concept, as_of)
    if found.is_empty():
        message = f"no period of {symbol} {concept} was known; check both names, or ask for a later instant"
        raise DataError(message, reason="not-known")
    return found


def known_statement(store: FactStore, symbol: str, name: str, as_of: datetime, *, is_annual: bool) -> pl.DataFrame:
    """The newest statement that was known. Raises DataError when there is none."""
    found = statement(store, symbol, name, as_of, is_annual=is_annual)
    if found.is_empty():
        message = f"no {name} statement of {symbol} was known; check the symbol, or ask for a later instant"
        raise DataError(message, reason="not-known")
    return found


def known_trailing_sums(store: FactStore, symbol: str, line: str, as_of: datetime) -> pl.DataFrame:
    """Trailing twelve months of a line that were known. Raises DataError when there are none."""
    found = trailing_sums(store, symbol, line, as_of)
    if found.is_empty():
        message = f"no trailing year of {symbol} {line} was known; check the symbol, or ask for a later instant"
        raise DataError(message, reason="not-known")
    return found


def plain_statements(found: Sequence[Stated], as_of: datetime) -> list[dict[str, Any]]:
    """Statements as data, with the instant that they were asked for."""
    return [asdict(stated) | {"as_of": as_of} for stated in found]
