"""Small panels of bars and of facts, for features that join the two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import polars as pl

from nodes.vocabulary.units import (
    DateColumn,
    FracColumn,
    InstantColumn,
    Panel,
    Segments,
    SymbolColumn,
)

INSTANT = pl.Datetime("ns", "UTC")


@dataclass(frozen=True)
class Bars:
    """Daily bars of one symbol after another, as features take them."""

    symbol: SymbolColumn
    bar_on: DateColumn
    closed_at: InstantColumn
    split_ratio: FracColumn
    segments: Segments

    def row(self, day: date, symbol: str = "A") -> int:
        """The row of a symbol's bar of a day."""
        return int(np.flatnonzero((self.symbol == symbol) & (self.bar_on == day))[0])


def daily_bars(first_on: date, last_on: date, splits: Mapping[date, float] | None = None, symbols: str = "A") -> Bars:
    """A bar a weekday, closing at 21:00 UTC."""
    days = [first_on + timedelta(days=n) for n in range((last_on - first_on).days + 1)]
    days = [day for day in days if day.weekday() < 5]
    names = [name for name in symbols for _ in days]
    ratios = [(splits or {}).get(day, 1.0) for day in days] * len(symbols)
    closes = [datetime.combine(day, time(21), UTC) for day in days] * len(symbols)
    return Bars(
        SymbolColumn(pl.Series(names)),
        DateColumn(pl.Series(days * len(symbols))),
        InstantColumn(pl.Series(closes, dtype=INSTANT)),
        FracColumn(pl.Series(ratios)),
        Segments(np.arange(len(symbols) + 1) * len(days)),
    )


def facts(rows: Sequence[Mapping[str, Any]]) -> Panel:
    """Facts with instants in the lake's type, numbered in their order; symbol A unless it says otherwise."""
    full = [{"symbol": "A", "is_retracted": False, "sequence": number, **row} for number, row in enumerate(rows)]
    frame = pl.DataFrame(full, infer_schema_length=None)
    return Panel(frame.with_columns(pl.col(name).cast(INSTANT) for name in frame.columns if name.endswith("_at")))


def end_of(day: date) -> datetime:
    """The end of a day, UTC."""
    return datetime.combine(day, time(23, 59, 59), UTC)


def balance(concept: str, day: date, value: float, known_at: datetime, unit: str = "USD") -> dict[str, Any]:
    """A balance as the domain fundamentals has it."""
    return {
        "taxonomy": "us-gaap", "concept": concept, "unit": unit, "period_start_on": None, "period_end_on": day,
        "value": value, "event_at": end_of(day), "known_at": known_at,
    }  # fmt: skip


def flow(concept: str, start_on: date, end_on: date, value: float, known_at: datetime) -> dict[str, Any]:
    """A number of a period as the domain fundamentals has it."""
    return balance(concept, end_on, value, known_at) | {"period_start_on": start_on}


def at(day: date, hour: int = 21) -> datetime:
    """An instant of a day, by default the close of its bar."""
    return datetime.combine(day, time(hour), UTC)
