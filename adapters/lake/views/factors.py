"""Factors and macro series as they were known at an instant."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from adapters.lake.domains.factors import FACTORS, MACRO
from adapters.lake.facts.store import FactStore


def factor_levels(store: FactStore, factor: str, known_at: datetime) -> pl.DataFrame:
    """Every value of a factor that was known: period_on, value, unit, event_at, known_at, by period."""
    return _series(store.as_of(FACTORS, known_at, where=pl.col("factor") == factor))


def newest_factor(store: FactStore, factor: str, known_at: datetime) -> float | None:
    """The value of the newest period that was known, or None."""
    known = factor_levels(store, factor, known_at)
    return None if known.is_empty() else float(known["value"][-1])


def macro_series(store: FactStore, series: str, known_at: datetime) -> pl.DataFrame:
    """A macro series in the vintage of an instant: of each period, the newest value known by then."""
    return _series(store.as_of(MACRO, known_at, where=pl.col("series") == series))


def macro_first_prints(store: FactStore, series: str, known_at: datetime) -> pl.DataFrame:
    """Of each period the value that was published first."""
    return _series(store.first_prints(MACRO, known_at, where=pl.col("series") == series))


def _series(rows: pl.LazyFrame) -> pl.DataFrame:
    return rows.select("period_on", "value", "unit", "event_at", "known_at").sort("period_on").collect()
