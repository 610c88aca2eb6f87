"""Small bar tables for the lake's tests, written as text a person can read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

SCHEMA: dict[str, Any] = {
    "symbol": pl.String,
    "session_on": pl.Date,
    "open_usd": pl.Float64,
    "high_usd": pl.Float64,
    "low_usd": pl.Float64,
    "close_usd": pl.Float64,
    "volume_shares": pl.Int64,
    "adjusted_close_usd": pl.Float64,
}
MONDAY = date(2005, 1, 3)


def weekday(n_sessions: int) -> date:
    """The session `n_sessions` after Monday 2005-01-03, in weeks without a holiday."""
    return MONDAY + timedelta(days=n_sessions // 5 * 7 + n_sessions % 5)


def bars(*closes: float, symbol: str = "AAA", **changes: dict[int, Any]) -> pl.DataFrame:
    """Bars of one symbol on consecutive weekdays, flat around each close; `changes` replaces cells by row."""
    rows = [
        {
            "symbol": symbol,
            "session_on": weekday(at),
            "open_usd": close,
            "high_usd": close + 1.0,
            "low_usd": close - 1.0,
            "close_usd": close,
            "volume_shares": 1000,
            "adjusted_close_usd": close,
        }
        for at, close in enumerate(closes)
    ]
    for column, cells in changes.items():
        for at, value in cells.items():
            rows[at][column] = value
    return pl.DataFrame(rows, schema=SCHEMA)
