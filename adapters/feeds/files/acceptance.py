"""How a company's acceptance times are to be read: as UTC, as they claim, or as New York time.

Evidence, for each reading: EDGAR accepts filings from 06:00 to 22:00 New York on business days, and a company publishes
results before the open or after the close. A reading that puts filings into the night or results into the session is
wrong. Where the evidence does not decide, a time is read as New York time: that is the later instant, so nothing is
known too early.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import polars as pl

from adapters.lake.knowledge import NEW_YORK, new_york_instants

_MARGIN = 3
_RESULTS = "2.02"


class AcceptanceLaw(Enum):
    """How stated times become instants."""

    UTC = "utc"
    NEW_YORK = "new-york"
    LATER_OF_BOTH = "later-of-both"


@dataclass(frozen=True)
class Acceptance:
    """The reading of one company's acceptance times.

    Attributes:
        law: the reading.
        evidence: what it was decided on, in words and counts.
    """

    law: AcceptanceLaw
    evidence: str

    def instants(self, stated_at: pl.Expr) -> pl.Expr:
        """The instants of stated wall-clock times."""
        if self.law is AcceptanceLaw.UTC:
            return stated_at.dt.replace_time_zone("UTC")
        return new_york_instants(stated_at)


@dataclass(frozen=True)
class _Signs:
    """What speaks against a reading.

    Attributes:
        at_night: filings outside 06:00 to 22:00.
        in_session: results between 09:30 and 16:00.
        filings: filings with a stated time.
        results: those of them that announce results.
    """

    at_night: int
    in_session: int
    filings: int
    results: int

    @property
    def against(self) -> int:
        return self.at_night + self.in_session

    def __str__(self) -> str:
        night = f"{self.at_night} of {self.filings} filings at night"
        return f"{night}, {self.in_session} of {self.results} results in the session"


def acceptance_of(filings: pl.DataFrame) -> Acceptance:
    """The reading that the evidence of `form`, `items` and `stated_at` supports."""
    stated = filings.filter(pl.col("stated_at").is_not_null())
    as_new_york = _signs(stated, pl.col("stated_at"))
    in_utc = pl.col("stated_at").dt.replace_time_zone("UTC").dt.convert_time_zone(NEW_YORK)
    as_utc = _signs(stated, in_utc.dt.replace_time_zone(None))
    evidence = f"read as UTC: {as_utc}; read as New York time: {as_new_york}"
    if as_new_york.against >= as_utc.against + _MARGIN:
        law = AcceptanceLaw.UTC
    elif as_utc.against >= as_new_york.against + _MARGIN:
        law = AcceptanceLaw.NEW_YORK
    else:
        law = AcceptanceLaw.LATER_OF_BOTH
    return Acceptance(law, evidence)


def _signs(stated: pl.DataFrame, local_at: pl.Expr) -> _Signs:
    minute = local_at.dt.hour().cast(pl.Int32) * 60 + local_at.dt.minute()
    is_result = pl.col("form").str.starts_with("8-K") & pl.col("items").str.contains(_RESULTS, literal=True)
    counted = stated.select(
        at_night=((minute < 6 * 60) | (minute > 22 * 60)).sum(),
        in_session=(is_result & (minute >= 9 * 60 + 30) & (minute < 16 * 60)).sum(),
        results=is_result.sum(),
    ).row(0, named=True)
    return _Signs(filings=stated.height, **counted)
