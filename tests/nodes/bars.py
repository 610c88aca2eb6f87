"""Made-up but plausible bars: a seeded walk of prices by symbol, and a panel of any of them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from nodes.kernels.arrays import Array, Index
from nodes.kernels.panels import block_starts

FIRST_ON = date(2010, 1, 4)


def weekdays(count: int, first_on: date = FIRST_ON) -> list[date]:
    """The first weekdays from a day on."""
    days = (first_on + timedelta(days=step) for step in range(2 * count + 7))
    return [day for day in days if day.weekday() < 5][:count]


def bars(symbol: str, count: int, seed: int, split_at: int | None = None) -> pl.DataFrame:
    """Bars of one symbol; a 2:1 split on the row `split_at`."""
    rng = np.random.default_rng(seed)
    close = 50.0 * np.exp(np.cumsum(rng.normal(0.0005, 0.02, count)))
    ratio = np.ones(count)
    if split_at is not None:
        close[split_at:] /= 2.0
        ratio[split_at] = 2.0
    opening = close * np.exp(rng.normal(0.0, 0.005, count))
    return pl.DataFrame(
        {
            "symbol": [symbol] * count,
            "session_on": weekdays(count),
            "open_usd": opening,
            "high_usd": np.maximum(opening, close) * np.exp(np.abs(rng.normal(0.0, 0.006, count))),
            "low_usd": np.minimum(opening, close) * np.exp(-np.abs(rng.normal(0.0, 0.006, count))),
            "close_usd": close,
            "volume_shares": rng.integers(100_000, 5_000_000, count),
            "adjustment_ratio": ratio,
        }
    )


def panel(*parts: pl.DataFrame) -> pl.DataFrame:
    """A panel of some symbols' bars, sorted as panels are."""
    return pl.concat(parts).sort("symbol", "session_on")


def index_panel(count: int, seed: int = 99) -> pl.DataFrame:
    """Levels of an index over the same weekdays."""
    steps = np.random.default_rng(seed).normal(0.0003, 0.01, count)
    return pl.DataFrame({"session_on": weekdays(count), "close_usd": 1000.0 * np.exp(np.cumsum(steps))})


def segments_of(frame: pl.DataFrame) -> Index:
    """Where the symbols' blocks begin."""
    return block_starts(frame["symbol"], frame["session_on"])


def one_block(values: Array) -> Index:
    """Segments of a single symbol with as many rows as there are values."""
    return np.array([0, len(values)], dtype=np.int64)


def same_bits(left: Array, right: Array) -> bool:
    """Whether two arrays are equal to the last bit, NaN where NaN."""
    return np.array_equal(left.view(np.int64) * ~np.isnan(left), right.view(np.int64) * ~np.isnan(right)) and (
        np.array_equal(np.isnan(left), np.isnan(right))
    )
