"""Numbers of financial statements, as each filing stated them."""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

FUNDAMENTALS = Domain(
    name="fundamentals",
    keys={
        "cik": pl.String(),
        "taxonomy": pl.String(),
        "concept": pl.String(),
        "unit": pl.String(),
        "period_start_on": pl.Date(),
        "period_end_on": pl.Date(),
    },
    values={
        "symbol": pl.String(),
        "value": pl.Float64(),
        "accession": pl.String(),
        "form": pl.String(),
        "filed_on": pl.Date(),
        "fiscal_year": pl.Int64(),
        "fiscal_period": pl.String(),
    },
    doc=(
        "One row a number and filing. period_start_on is null for balances at period_end_on. fiscal_year and"
        " fiscal_period are of the filing, not of the period. event_at is the end of the period's last day, UTC. The"
        " first fact of a key is the first print, later ones are comparatives or restatements."
    ),
    lag="When its filing was known: see the domain filings.",
    rules={
        "the period ends before it begins; correct its days": pl.col("period_start_on") <= pl.col("period_end_on"),
        "no value is stated; leave the row out": pl.col("value").is_not_null() | pl.col("is_retracted"),
    },
)
