"""Whose share a text is about, where its source does not say: by cashtag or by company name, as known at the time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import polars as pl

from adapters.lake.domains.identity import IDENTITY
from adapters.lake.facts.store import FactStore

_CASHTAG = re.compile(r"(?<![\w$])\$([A-Z]{1,5}(?:\.[A-Z])?)\b")
_FORM = re.compile(
    r"[\s,]+(?:the|inc|incorporated|corp|corporation|co|company|ltd|limited|plc|llc|lp|sa|nv|ag|group|holdings?|"
    r"class [a-c]|common stock|&)\.?$",
    re.IGNORECASE,
)
_MIN_LETTERS = 3


@dataclass(frozen=True)
class Names:
    """Tickers and company names with the spans in which each was in force and known.

    Attributes:
        leases: symbol, name, valid_from_on, valid_to_on, known_at; every revision.
    """

    leases: pl.DataFrame

    @classmethod
    def of(cls, store: FactStore, known_at: datetime) -> Names:
        """The names that were known at an instant."""
        columns = ("symbol", "name", "valid_from_on", "valid_to_on", "known_at")
        return cls(store.history(IDENTITY, known_at).filter(~pl.col("is_retracted")).select(columns).collect())

    def symbol(self, text: str, published_on: date, known_at: datetime) -> str | None:
        """The one share that a text names; None when it names none, or several.

        Args:
            text: what was written.
            published_on: only tickers that were leased on that day count.
            known_at: only names that were known by then count.
        """
        tags, named = set(_CASHTAG.findall(text)), set[str]()
        for symbol, pattern, from_on, to_on, lease_known_at in self._patterns:
            is_in_force = from_on <= published_on and (to_on is None or published_on <= to_on)
            if not is_in_force or lease_known_at > known_at:
                continue
            if symbol in tags or (pattern is not None and pattern.search(text)):
                named.add(symbol)
        return named.pop() if len(named) == 1 else None

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str] | None, date, date | None, datetime]]:
        rows = self.leases.with_columns(pl.col("known_at").dt.cast_time_unit("us")).iter_rows()
        return [(symbol, _pattern(name), from_on, to_on, known_at) for symbol, name, from_on, to_on, known_at in rows]


def _pattern(name: str | None) -> re.Pattern[str] | None:
    """A company's name as headlines write it: without its legal form, as whole words, in its own case."""
    short = (name or "").strip()
    while (shorter := _FORM.sub("", short).strip(" ,.")) != short:
        short = shorter
    if len(short) < _MIN_LETTERS or short.islower():
        return None
    return re.compile(rf"(?<![\w]){re.escape(short)}(?![\w])")
