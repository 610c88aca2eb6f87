"""Where each symbol's rows are in a panel sorted by symbol and session, and how to step along them.

`segments` holds the first row of every symbol's block and, last, the height of the panel.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from nodes.kernels.arrays import Array, Index
from nodes.vocabulary.errors import DataError


def known_by(session_on: pl.Series, last_on: date) -> pl.Series:
    """The sessions as they are. Raises DataError when one lies after `last_on`: it was not known then."""
    later = session_on.filter(session_on > last_on)
    if len(later):
        message = f"panel as of {last_on} holds {len(later)} bars of later sessions, the last on {later.sort()[-1]}"
        raise DataError(f"{message}; read the panel as of that session")
    return session_on


def block_starts(symbol: pl.Series, session_on: pl.Series) -> Index:
    """First row of each symbol's block, then the panel's height: int64, shape (n_symbols + 1,).

    Raises DataError when symbols are not sorted and contiguous or when a symbol's sessions do not strictly increase.
    """
    height = len(symbol)
    if symbol.null_count() or session_on.null_count():
        message = f"panel has {symbol.null_count()} rows without symbol and {session_on.null_count()} without session"
        raise DataError(f"{message}; drop or complete them")
    starts_block = (symbol != symbol.shift(1)).fill_null(value=True).to_numpy()
    day = session_on.cast(pl.Date).to_physical().to_numpy()
    backward = np.flatnonzero((np.diff(day) <= 0) & ~starts_block[1:]) if height else np.empty(0, np.int64)
    if len(backward):
        row = int(backward[0]) + 1
        message = f"bar of {symbol[row]} on {session_on[row]} follows its bar on {session_on[row - 1]}"
        raise DataError(f"{message}; sort the panel by symbol and session and drop duplicates")
    starts = np.flatnonzero(starts_block)
    order = [str(name) for name in symbol.gather(starts).to_list()]
    if order != sorted(set(order)):
        message = f"symbols come in the order {', '.join(order[:8])}"
        raise DataError(f"{message}; sort the panel by symbol and session")
    return np.append(starts, height).astype(np.int64)


def row_in_block(segments: Index) -> Index:
    """How many rows of the same symbol precede each row: 0 for a symbol's first bar."""
    sizes = np.diff(segments)
    return np.arange(segments[-1], dtype=np.int64) - np.repeat(segments[:-1], sizes)


def lagged(values: Array, segments: Index, lag: int) -> Array:
    """The symbol's value `lag` rows before each row; NaN where the symbol has no such row."""
    shifted = np.full(len(values), np.nan)
    shifted[lag:] = values[: max(len(values) - lag, 0)]
    if len(segments) > 2:  # noqa: PLR2004  # with one symbol nothing comes from another
        shifted[row_in_block(segments) < lag] = np.nan
    return shifted


def change_over(values: Array, segments: Index, lag: int) -> Array:
    """The symbol's value less that of `lag` rows before; NaN where the symbol has no such row."""
    return values - lagged(values, segments, lag)


def last_values(column: pl.Series, segments: Index) -> pl.Series:
    """The last value of each symbol's block, one row a symbol."""
    return column[segments[1:] - 1]


def on_dates(values: Array, at: pl.Series, wanted: pl.Series) -> Array:
    """For each wanted date the value dated so in `at` (sorted, unique); NaN where there is none."""
    if not at.is_sorted() or at.n_unique() != len(at):
        message = f"the {len(at)} sessions of the index are not sorted and unique"
        raise DataError(f"{message}; sort the index panel by session and drop duplicates")
    days, asked = _days(at), _days(wanted)
    if not len(days):
        return np.full(len(asked), np.nan)
    place = np.minimum(np.searchsorted(days, asked), len(days) - 1)
    return np.where(days[place] == asked, values[place], np.nan)


def sessions_after(session_on: pl.Series, last_on: pl.Series, until: date) -> Index:
    """How many sessions of the calendar `session_on` lie after each date in `last_on`, up to and with `until`."""
    days = _days(session_on)
    end = int(np.searchsorted(days, np.datetime64(until, "D").astype(np.int64), side="right"))
    return np.maximum(end - np.searchsorted(days, _days(last_on), side="right"), 0).astype(np.int64)


def rectangle(values: Array, session_on: pl.Series, segments: Index, sessions: int) -> Array:
    """The last sessions of all symbols side by side: shape (sessions, n_symbols), NaN where a symbol has no bar.

    The rows are the last `sessions` dates that occur in the panel. NaN throughout when the panel has fewer.
    """
    days = _days(session_on)
    wanted = np.unique(days)[-sessions:]
    table = np.full((sessions, len(segments) - 1), np.nan)
    if len(wanted) < sessions:
        return table
    row = np.searchsorted(wanted, days)
    inside = days >= wanted[0]
    symbol = np.repeat(np.arange(len(segments) - 1), np.diff(segments))
    table[row[inside], symbol[inside]] = values[inside]
    return table


def _days(column: pl.Series) -> np.ndarray[Any, np.dtype[np.int64]]:
    return column.cast(pl.Date).cast(pl.Int32).cast(pl.Int64).to_numpy()
