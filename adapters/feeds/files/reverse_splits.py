"""Reverse splits taken from 8-K filings, as CSV: ticker, effective_date, filing_date, ratio, accession_number, form.

The ratio is old shares for one new share. The list is made by a machine from text: a ratio of 1 or less, or of
thousands, is a misreading or a forward split and is set aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import polars as pl

from adapters.feeds.files.entries import day_of, number_of, read_csv_entries, text_of
from adapters.feeds.files.parsed import Parsed
from adapters.feeds.files.tables import joined_rejects
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS, SPLIT
from adapters.lake.session_instants import next_opens, opens_from
from nodes.vocabulary.errors import DataError

_COLUMNS = ("ticker", "effective_date", "filing_date", "ratio", "accession_number", "form")
_MAX_OLD_SHARES = 1000.0
_REPEATED_WITHIN = timedelta(days=183)
_ROW: Mapping[str, pl.DataType] = {
    "security_id": pl.String(),
    "effective_on": pl.Date(),
    "filed_on": pl.Date(),
    "ratio": pl.Float64(),
    "detail": pl.String(),
}


def reverse_splits(text: bytes) -> Parsed:
    """Facts of the domain `corporate_actions`, known from the opening of the session after their filing.

    The list has a row for each filing that mentions a split, dated by the filing: the same ratio of the same ticker
    within half a year of a row before it is that split again, and is set aside.

    Raises:
        DataError: the file is not of this kind at all.
    """
    parsed = read_csv_entries("reverse splits", text, _COLUMNS, _split, _ROW)
    ordered = parsed.accepted.sort("security_id", "ratio", "effective_on", maintain_order=True)
    since = (pl.col("effective_on") - pl.col("effective_on").shift(1)).over("security_id", "ratio")
    is_again = (since <= _REPEATED_WITHIN).fill_null(value=False)
    rows = ordered.filter(~is_again)
    rejected = joined_rejects([parsed.rejected, _repeats(ordered.filter(is_again))])
    effective_at, announced_at = opens_from(rows["effective_on"]), next_opens(rows["filed_on"])
    dated = rows.with_columns(
        kind=pl.lit(SPLIT),
        ex_on=effective_at.dt.convert_time_zone("America/New_York").dt.date(),
        amount_usd=pl.lit(None, pl.Float64),
        announced_at=announced_at,
        effective_at=effective_at,
        event_at=effective_at,
        known_at=announced_at,
    )
    columns = (*CORPORATE_ACTIONS.keys, *CORPORATE_ACTIONS.values, "event_at", "known_at")
    facts = dated.sort("known_at", "security_id").select(columns)
    return Parsed(CORPORATE_ACTIONS, "8k-reverse-splits", facts, rejected)


def _repeats(rows: pl.DataFrame) -> pl.DataFrame:
    reason = "repeats a split of the same ratio within half a year before it; drop it unless there were two"
    return rows.select(
        file=pl.lit("reverse splits"),
        line=pl.lit(None, pl.Int64),
        column=pl.lit("effective_date"),
        value=pl.format("{} {} {}", "security_id", "effective_on", "detail"),
        reason=pl.lit(reason),
    )


def _split(row: Mapping[str, Any]) -> dict[str, Any]:
    old_shares = number_of(row, "ratio")
    if not 1.0 < old_shares <= _MAX_OLD_SHARES:
        message = f"ratio is {row['ratio']}, expected more than 1 and at most {_MAX_OLD_SHARES:.0f} old shares for one"
        raise DataError(f"{message}; read the filing {row['accession_number']} and correct it")
    return {
        "security_id": text_of(row, "ticker"),
        "effective_on": day_of(row, "effective_date"),
        "filed_on": day_of(row, "filing_date"),
        "ratio": 1.0 / old_shares,
        "detail": f"1 for {row['ratio']} reverse split, {text_of(row, 'form')} {text_of(row, 'accession_number')}",
    }
