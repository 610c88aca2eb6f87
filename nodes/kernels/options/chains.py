"""Chains as they were known at instants: for each instant the newest quote of every contract that had not expired.

A quote is newest by when it was made, then by when that version of it became known, then by sequence: a late correction
of an old quote never replaces a newer one. A retracted quote was never made. Stale quotes are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from nodes.kernels.arrays import Array, Index, array
from nodes.kernels.derived import kept
from nodes.kernels.options.quotes import Quotes

_SATURDAY = 6
_CLOSE_HOUR = 16
_NS_IN_S = 1_000_000_000
_YEAR_NS = 365 * 86_400 * _NS_IN_S


@dataclass(frozen=True)
class Chains:
    """Quotes of several chains, one entry a quote.

    Attributes:
        row: which instant's chain a quote belongs to, as a row of the instants.
        quotes: the quotes; their expiry counts days since 1970.
        years: from the instant to the contract's expiry.
    """

    row: Index
    quotes: Quotes
    years: Array


def expiry_instants(expiry_on: pl.Series) -> pl.Series:
    """When contracts stop trading: 16:00 New York of the expiry, of the Friday before one that is dated a Saturday.

    Monthly options were dated the Saturday after their last trading day until February 2015.
    """
    days = pl.DataFrame({"day": expiry_on}).select(
        pl.when(pl.col("day").dt.weekday() == _SATURDAY)
        .then(pl.col("day").dt.offset_by("-1d"))
        .otherwise("day")
        .cast(pl.Datetime("ns"))
        .dt.offset_by(f"{_CLOSE_HOUR}h")
        .dt.replace_time_zone("America/New_York")
        .dt.convert_time_zone("UTC")
    )
    return days.to_series().alias(expiry_on.name)


def chains_as_of(options: pl.DataFrame, symbol: pl.Series, at: pl.Series, max_age_s: int) -> Chains:
    """The chain of each symbol at each instant.

    Args:
        options: quotes with underlying_id, expiry_on, strike_usd, right, quoted_at, bid_usd, ask_usd, known_at and
            sequence; is_retracted where some are.
        symbol: underlying of each instant.
        at: the instants, one a row.
        max_age_s: oldest quote that counts, in seconds before the instant.
    """
    return chains_of(ordered_facts(options), symbol, at, max_age_s)


def chains_of(facts: pl.DataFrame, symbol: pl.Series, at: pl.Series, max_age_s: int) -> Chains:
    """The same, of facts that `ordered_facts` has ordered: once for many questions."""
    asked = pl.DataFrame({"underlying_id": symbol.cast(pl.String), "at": at.cast(pl.Datetime("ns", "UTC"))})
    queries = asked.with_row_index("row").with_columns(at=pl.col("at").to_physical())
    found = queries.filter(pl.col("at").is_not_null()).join(_spans(facts), on="underlying_id").sort("row")
    quoted, known = (facts[name].to_numpy() for name in ("quoted_ns", "known_ns"))
    expires = facts["expires_ns"].to_numpy()
    rows, places = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for row, _, instant, first, count in found.iter_rows():
        inside = quoted[first : first + count]
        low = first + int(np.searchsorted(inside, instant - max_age_s * _NS_IN_S, side="left"))
        high = first + int(np.searchsorted(inside, instant, side="right"))
        place = np.arange(low, high)
        place = place[(known[place] <= instant) & (expires[place] > instant)]
        rows.append(np.full(len(place), row, dtype=np.int64))
        places.append(place)
    return _newest(facts, np.concatenate(rows), np.concatenate(places), queries["at"].fill_null(0).to_numpy())


@kept
def _spans(facts: pl.DataFrame) -> pl.DataFrame:
    """Where the quotes of each underlying are: underlying_id, first and count."""
    blocks = facts.select("underlying_id").with_row_index("place")
    return blocks.group_by("underlying_id").agg(first=pl.col("place").min(), count=pl.len())


@kept
def ordered_facts(options: pl.DataFrame) -> pl.DataFrame:
    """The quotes ordered by underlying and moment, instants as numbers."""
    retracted = pl.col("is_retracted") if "is_retracted" in options.columns else pl.lit(value=False)
    return options.select(
        "underlying_id",
        "expiry_on",
        "strike_usd",
        "right",
        "bid_usd",
        "ask_usd",
        "sequence",
        retracted=retracted,
        quoted_ns=pl.col("quoted_at").cast(pl.Datetime("ns", "UTC")).to_physical(),
        known_ns=pl.col("known_at").cast(pl.Datetime("ns", "UTC")).to_physical(),
        expires_ns=expiry_instants(options["expiry_on"]).to_physical(),
    ).sort("underlying_id", "quoted_ns", "known_ns", "sequence", maintain_order=True)


def _newest(facts: pl.DataFrame, row: Index, place: Index, at: Index) -> Chains:
    """The newest quote of every contract of every row."""
    contract = ["row", "expiry_on", "strike_usd", "right"]
    seen = facts[place].with_columns(row=pl.Series(row, dtype=pl.Int64))
    versions = seen.unique([*contract, "quoted_ns"], keep="last", maintain_order=True).filter(~pl.col("retracted"))
    newest = versions.unique(contract, keep="last", maintain_order=True).sort(contract)
    rows = newest["row"].to_numpy()
    left_ns = newest["expires_ns"].to_numpy() - at[rows]
    quotes = Quotes(
        newest["expiry_on"].cast(pl.Int32).cast(pl.Int64).to_numpy(),
        array(newest["strike_usd"]),
        (newest["right"] == "C").to_numpy(),
        array(newest["bid_usd"]),
        array(newest["ask_usd"]),
    )
    return Chains(rows, quotes, left_ns / _YEAR_NS)
