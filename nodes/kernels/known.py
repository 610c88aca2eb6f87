"""Facts beside the rows of a panel: the newest event's newest revision that was known when each bar closed."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def known_rows(facts: pl.DataFrame, symbol: pl.Series, at: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
    """For each row the columns of the fact that stood then; null where none was known.

    The newest event stands, in its newest revision. An old period's late revision never replaces a newer period.

    Args:
        facts: symbol, event_at, known_at, sequence, and the columns.
        symbol: symbol of each row.
        at: instant of each row; a fact known at exactly that instant is seen.
        columns: what to take from the facts.
    """
    ordered = facts.sort("symbol", "known_at", "event_at", "sequence")
    newest = ordered.filter(pl.col("event_at") >= pl.col("event_at").cum_max().over("symbol"))
    steps = newest.unique(["symbol", "known_at"], keep="last", maintain_order=True)
    named = steps.select("symbol", pl.col("known_at").alias("_at"), *columns)
    asked = pl.DataFrame({"symbol": symbol, "_at": at.cast(pl.Datetime("ns", "UTC"))}).with_row_index("_row")
    found = asked.sort("_at").join_asof(named.sort("_at"), on="_at", by="symbol", check_sortedness=False)
    return found.sort("_row").select(columns)


def known_values(facts: pl.DataFrame, symbol: pl.Series, at: pl.Series) -> pl.Series:
    """The `value` of `known_rows`."""
    return known_rows(facts, symbol, at, ["value"])["value"]


def days_since_known(facts: pl.DataFrame, symbol: pl.Series, at: pl.Series) -> pl.Series:
    """Whole days from when the standing fact of `known_rows` was known to each row; null where none was."""
    known_at = known_rows(facts.with_columns(since_at=pl.col("known_at")), symbol, at, ["since_at"])["since_at"]
    return (at - known_at).dt.total_days()
