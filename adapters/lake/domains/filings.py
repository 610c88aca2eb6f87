"""Filings with the SEC: what was filed when, and since when it could be read."""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

FILINGS = Domain(
    name="filings",
    keys={"cik": pl.String(), "accession": pl.String()},
    values={
        "symbol": pl.String(),
        "form": pl.String(),
        "filed_on": pl.Date(),
        "accepted_at": pl.Datetime("ns", "UTC"),
        "report_on": pl.Date(),
        "items": pl.String(),
        "acceptance_law": pl.String(),
        "acceptance_evidence": pl.String(),
    },
    doc=(
        "One row a filing. acceptance_law says how the stated acceptance time was read (utc, new-york, later-of-both"
        " or date-only), acceptance_evidence on what grounds. event_at is the acceptance."
    ),
    lag=(
        "The later of acceptance and 06:00 New York of the filing date; without an acceptance time 09:30 New York of"
        " the session after the filing date."
    ),
    rules={
        "it was known before it was accepted; correct known_at": pl.col("known_at") >= pl.col("accepted_at"),
        "acceptance_law is no law; use utc, new-york, later-of-both or date-only": pl.col("acceptance_law").is_in(
            ["utc", "new-york", "later-of-both", "date-only"]
        ),
    },
)
