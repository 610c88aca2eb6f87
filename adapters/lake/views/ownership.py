"""Ownership as it was public: institutions and insiders, usable from their filings on and not from their periods."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from adapters.lake.domains.ownership import INSIDER_HOLDINGS, OWNERSHIP_13F
from adapters.lake.facts.store import FactStore

_SHARES = "SH"


def institutional_holders(store: FactStore, symbol: str, known_at: datetime) -> pl.DataFrame:
    """The filers whose newest 13F known at an instant names the share, largest first.

    A filer whose newer 13F no longer names it has sold and is left out.

    Returns:
        filer, period_on, shares, value_usd, accession, filed_on, known_at.
    """
    facts = store.as_of(OWNERSHIP_13F, known_at)
    newest = facts.group_by("filer").agg(pl.max("period_on"))
    current = facts.join(newest, on=["filer", "period_on"])
    held = current.filter(pl.col("symbol") == symbol, pl.col("kind") == _SHARES, pl.col("put_call") == "")
    columns = ("filer", "period_on", "shares", "value_usd", "accession", "filed_on", "known_at")
    return held.sort("shares", "filer", descending=[True, False]).select(columns).collect()


def holdings_of(store: FactStore, filer: str, known_at: datetime) -> pl.DataFrame:
    """A filer's newest 13F known at an instant, largest holding first: cusip, symbol, issuer, shares, value_usd, ..."""
    facts = store.as_of(OWNERSHIP_13F, known_at, where=pl.col("filer") == filer)
    current = facts.filter(pl.col("period_on") == pl.col("period_on").max())
    columns = (
        "cusip",
        "symbol",
        "issuer",
        "kind",
        "put_call",
        "shares",
        "value_usd",
        "period_on",
        "filed_on",
        "known_at",
    )
    return current.sort("value_usd", "cusip", descending=[True, False]).select(columns).collect()


def insiders(store: FactStore, symbol: str, known_at: datetime) -> pl.DataFrame:
    """Each insider's newest form known at an instant, by the period that it is about, largest holding first.

    Returns:
        insider_cik, shares_owned, form, period_on, filed_on, is_director, is_officer, is_ten_percent_owner, known_at.
    """
    facts = store.as_of(INSIDER_HOLDINGS, known_at, where=pl.col("symbol") == symbol)
    newest = facts.sort("insider_cik", "event_at", "known_at", "sequence").unique(
        "insider_cik", keep="last", maintain_order=True
    )
    columns = (
        "insider_cik", "shares_owned", "form", "period_on", "filed_on", "is_director", "is_officer",
        "is_ten_percent_owner", "known_at",
    )  # fmt: skip
    return newest.sort("shares_owned", descending=True, nulls_last=True).select(columns).collect()


def insider_forms(store: FactStore, symbol: str, known_at: datetime) -> pl.DataFrame:
    """Every form of a share's insiders known at an instant, newest first."""
    facts = store.history(INSIDER_HOLDINGS, known_at, pl.col("symbol") == symbol)
    columns = (
        "filed_on", "insider_cik", "form", "period_on", "shares_owned", "bought_shares", "sold_shares",
        "transaction_codes", "accession", "known_at",
    )  # fmt: skip
    return facts.sort("known_at", "sequence", descending=True).select(columns).collect()
