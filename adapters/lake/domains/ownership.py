"""Who holds shares: institutions by Form 13F, insiders by Forms 3, 4 and 5."""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

OWNERSHIP_13F = Domain(
    name="ownership_13f",
    keys={
        "filer": pl.String(),
        "cusip": pl.String(),
        "kind": pl.String(),
        "put_call": pl.String(),
        "period_on": pl.Date(),
    },
    values={
        "symbol": pl.String(),
        "issuer": pl.String(),
        "title": pl.String(),
        "shares": pl.Int64(),
        "value_usd": pl.Float64(),
        "accession": pl.String(),
        "filed_on": pl.Date(),
    },
    doc=(
        "One row a holding of a filer at a quarter's end, its lines by manager summed up. kind is SH or PRN, put_call"
        " is put, call or empty. symbol is null where no map from CUSIP to ticker was given. An amendment that restates"
        " is a later fact. value_usd is in dollars for all years (filings before 2023 state thousands)."
    ),
    rules={
        "shares are negative; correct them": pl.col("shares") >= 0,
        "kind is none; use SH or PRN": pl.col("kind").is_in(["SH", "PRN"]),
    },
    lag="When the 13F was known: its acceptance, else 09:30 New York of the session after its filing date.",
)

INSIDER_HOLDINGS = Domain(
    name="insider_holdings",
    keys={"symbol": pl.String(), "insider_cik": pl.String(), "accession": pl.String()},
    values={
        "period_on": pl.Date(),
        "filed_on": pl.Date(),
        "form": pl.String(),
        "shares_owned": pl.Float64(),
        "bought_shares": pl.Float64(),
        "sold_shares": pl.Float64(),
        "is_director": pl.Boolean(),
        "is_officer": pl.Boolean(),
        "is_ten_percent_owner": pl.Boolean(),
        "is_other": pl.Boolean(),
        "transaction_codes": pl.String(),
    },
    doc=(
        "One row a Form 3, 4 or 5 of an insider: shares owned after it, and the shares bought (code P) and sold (S) on"
        " the open market; null where the source does not say. event_at is the end of period_on."
    ),
    rules={
        "a number of shares is negative; correct it": pl.min_horizontal("shares_owned", "bought_shares", "sold_shares")
        >= 0
    },
    lag="When the form was known: its acceptance, else 09:30 New York of the session after its filing date.",
)
