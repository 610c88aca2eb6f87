"""Estimize CSV files: single estimates of earnings and revenue, and the releases that they were about.

Both state earnings a share divided by every split up to the day the file was made; see `adapters.feeds.files.splits`.
Usernames do not matter here: an analyst is whatever the column `analyst` names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from adapters.feeds.files.entries import optional_number_of, read_csv_entries, text_of, whole_of
from adapters.feeds.files.parsed import Parsed
from adapters.feeds.files.splits import Embedded, rescaled
from adapters.lake.domains.estimates import EARNINGS_ACTUALS, ESTIMATES
from adapters.lake.knowledge import INSTANT, NEW_YORK, release_knowledge
from nodes.vocabulary.errors import DataError

_SOURCE = "estimize"
EPS, REVENUE = "eps_usd", "revenue_usd"
_MILLION = 1e6
_QUARTERS = range(1, 5)
_ESTIMATE_COLUMNS = ("ticker", "created_at", "fiscal_year", "fiscal_quarter", "eps", "revenue", "flagged", "analyst")
_RELEASE_COLUMNS = (
    "ticker", "fiscal_year", "fiscal_quarter", "eps", "revenue", "consensus_eps_estimate",
    "consensus_revenue_estimate", "wallstreet_eps_estimate", "wallstreet_revenue_estimate", "release_date",
)  # fmt: skip
_PERIOD: Mapping[str, pl.DataType] = {
    "symbol": pl.String(),
    "fiscal_year": pl.Int32(),
    "fiscal_quarter": pl.Int32(),
    "stated_at": pl.Datetime("us", "UTC"),
}
_ESTIMATE: Mapping[str, pl.DataType] = {
    **_PERIOD,
    "analyst": pl.String(),
    "estimate_id": pl.String(),
    "is_flagged": pl.Boolean(),
    EPS: pl.Float64(),
    REVENUE: pl.Float64(),
}
_NUMBERS = ("value", "consensus", "crowd_consensus")
_RELEASE: Mapping[str, pl.DataType] = {
    **_PERIOD,
    **{f"{name}_{measure}": pl.Float64() for measure in (EPS, REVENUE) for name in _NUMBERS},
}


def estimize_estimates(text: bytes, embedded: Embedded | None) -> Parsed:
    """Facts of the domain `estimates`: one for each number of each row.

    Args:
        text: CSV with ticker, created_at, fiscal_year, fiscal_quarter, eps, revenue (millions), flagged, analyst, id.
        embedded: the splits that the file's eps embed; None when nobody knows.

    Raises:
        DataError: the file is not of this kind at all.
    """
    parsed = read_csv_entries("estimates", text, _ESTIMATE_COLUMNS, _estimate, _ESTIMATE)
    keys = [name for name in _ESTIMATE if name not in {EPS, REVENUE}]
    long = parsed.accepted.unpivot([EPS, REVENUE], index=keys, variable_name="measure", value_name="value")
    known = long.drop_nulls("value").with_columns(
        event_at=pl.col("stated_at").cast(INSTANT), known_at=pl.col("stated_at").cast(INSTANT)
    )
    told = rescaled(known, ["value"], _new_york_day(), pl.col("measure") == EPS, embedded)
    columns = (*ESTIMATES.keys, *ESTIMATES.values, "event_at", "known_at")
    facts = told.sort("known_at", "estimate_id", "measure").select(columns)
    return Parsed(ESTIMATES, _SOURCE, facts, parsed.rejected)


def estimize_releases(text: bytes, embedded: Embedded | None, filings: pl.DataFrame | None = None) -> Parsed:
    """Facts of the domain `earnings_actuals`: what was announced, and the consensus before it.

    A release stated at the close is known from the acceptance of that day's 8-K with item 2.02, when `filings` has it,
    else from the next opening. A row without any actual number is set aside: nothing was announced.

    Args:
        text: CSV with the columns of the vendor's releases; revenue in millions; release_date with an offset.
        embedded: the splits that the file's eps embed; None when nobody knows.
        filings: facts of the domain `filings`.

    Raises:
        DataError: the file is not of this kind at all.
    """
    parsed = read_csv_entries("releases", text, _RELEASE_COLUMNS, _release, _RELEASE)
    parts = [
        parsed.accepted.select(
            *_PERIOD, pl.lit(measure).alias("measure"), *(pl.col(f"{name}_{measure}").alias(name) for name in _NUMBERS)
        )
        for measure in (EPS, REVENUE)
    ]
    long = pl.concat(parts).drop_nulls("value")
    dated = long.with_columns(
        event_at=pl.col("stated_at").cast(INSTANT), known_at=release_knowledge(long["stated_at"].cast(INSTANT))
    )
    known = with_results_acceptance(dated, filings)
    told = rescaled(known, _NUMBERS, _new_york_day(), pl.col("measure") == EPS, embedded)
    columns = (*EARNINGS_ACTUALS.keys, *EARNINGS_ACTUALS.values, "event_at", "known_at")
    facts = told.sort("known_at", "symbol", "measure").select(columns)
    return Parsed(EARNINGS_ACTUALS, _SOURCE, facts, parsed.rejected)


def with_results_acceptance(rows: pl.DataFrame, filings: pl.DataFrame | None) -> pl.DataFrame:
    """Releases known from the acceptance of the 8-K with item 2.02 of their New York day, where there is one."""
    if filings is None:
        return rows
    results = filings.filter(
        pl.col("form") == "8-K", pl.col("items").str.contains("2.02", literal=True), pl.col("accepted_at").is_not_null()
    )
    accepted = (
        results.select("symbol", results_at="known_at", day=pl.col("known_at").dt.convert_time_zone(NEW_YORK).dt.date())
        .sort("results_at")
        .unique(["symbol", "day"], keep="first")
    )
    dated = rows.with_columns(day=pl.col("event_at").dt.convert_time_zone(NEW_YORK).dt.date())
    joined = dated.join(accepted, on=["symbol", "day"], how="left", maintain_order="left")
    return joined.with_columns(known_at=pl.coalesce("results_at", "known_at")).drop("day", "results_at")


def _estimate(row: Mapping[str, Any]) -> dict[str, Any]:
    eps, revenue = optional_number_of(row, "eps"), optional_number_of(row, "revenue")
    if eps is None and revenue is None:
        message = "neither eps nor revenue is given; drop the row at the source"
        raise DataError(message)
    return {
        **_period(row, "created_at"),
        "analyst": text_of(row, "analyst"),
        "estimate_id": str(row.get("id") or ""),
        "is_flagged": text_of(row, "flagged").lower() == "true",
        EPS: eps,
        REVENUE: None if revenue is None else revenue * _MILLION,
    }


def _release(row: Mapping[str, Any]) -> dict[str, Any]:
    found = _period(row, "release_date")
    if optional_number_of(row, "eps") is None and optional_number_of(row, "revenue") is None:
        message = f"release of {row['release_date']} has neither eps nor revenue; read it as a calendar entry"
        raise DataError(message)
    for measure, word, scale in ((EPS, "eps", 1.0), (REVENUE, "revenue", _MILLION)):
        cells = (word, f"wallstreet_{word}_estimate", f"consensus_{word}_estimate")
        for name, cell in zip(_NUMBERS, cells, strict=True):
            number = optional_number_of(row, cell)
            # The vendor writes 0.0 for a consensus that it does not have.
            is_there = number is not None and (number != 0.0 or name == "value")
            found[f"{name}_{measure}"] = number * scale if is_there and number is not None else None
    return found


def _period(row: Mapping[str, Any], stated: str) -> dict[str, Any]:
    quarter = whole_of(row, "fiscal_quarter")
    if quarter not in _QUARTERS:
        message = f"fiscal_quarter is {quarter}, expected 1 to 4; correct it at the source"
        raise DataError(message)
    return {
        "symbol": text_of(row, "ticker"),
        "fiscal_year": whole_of(row, "fiscal_year"),
        "fiscal_quarter": quarter,
        "stated_at": _stated_at(row, stated),
    }


def _stated_at(row: Mapping[str, Any], field: str) -> datetime:
    text = text_of(row, field)
    try:
        stated = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except ValueError as error:
        message = f"{field} is {text!r}, expected an instant like 2014-01-27T16:00:00-05:00; correct it at the source"
        raise DataError(message) from error
    if stated.tzinfo is None:
        message = f"{field} is {text!r}, which has no offset and names no instant; state it with its offset"
        raise DataError(message)
    return stated


def _new_york_day() -> pl.Expr:
    return pl.col("stated_at").dt.convert_time_zone(NEW_YORK).dt.date()
