"""Facts beside the rows of a panel: the newest event's newest revision that was known when each bar closed."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from nodes.kernels.as_of import newest_known


def known_rows(facts: pl.DataFrame, symbol: pl.Series, at: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
    """For each row the columns of the fact that stood then; null where none was known.

    The newest event stands, in its newest revision. An old period's late revision never replaces a newer period.

    Args:
        facts: symbol, event_at, known_at, sequence, and the columns.
        symbol: symbol of each row.
        at: instant of each row; a fact known at exactly that instant is seen.
        columns: what to take from the facts.
    """
    questions = pl.DataFrame({"symbol": symbol, "at": at.cast(pl.Datetime("ns", "UTC"))})
    return newest_known(facts, ["symbol"], questions, columns)


def known_values(facts: pl.DataFrame, symbol: pl.Series, at: pl.Series) -> pl.Series:
    """The `value` of `known_rows`."""
    return known_rows(facts, symbol, at, ["value"])["value"]


def days_since_known(facts: pl.DataFrame, symbol: pl.Series, at: pl.Series) -> pl.Series:
    """Whole days from when the standing fact of `known_rows` was known to each row; null where none was."""
    known_at = known_rows(facts, symbol, at, ["known_at"])["known_at"]
    return (at - known_at).dt.total_days()
