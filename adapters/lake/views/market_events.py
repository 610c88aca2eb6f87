"""Halts, short interest, fails and borrow of one symbol as they were known at an instant."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from adapters.lake.domains.market_events import BORROW, FAILS, HALTS, SHORT_INTEREST
from adapters.lake.facts.domain import Domain
from adapters.lake.facts.store import FactStore


def halts(store: FactStore, symbol: str, known_at: datetime) -> pl.DataFrame:
    """The halts of a symbol; resumed_at is null while it was not known."""
    return _of(store, HALTS, symbol, known_at).sort("halted_at")


def is_halted(store: FactStore, symbol: str, at: datetime) -> bool:
    """Whether a symbol was halted at an instant, by what was known then."""
    open_ones = halts(store, symbol, at).filter(pl.col("resumed_at").is_null() | (pl.col("resumed_at") > at))
    return not open_ones.is_empty()


def short_interest(store: FactStore, symbol: str, known_at: datetime) -> pl.DataFrame:
    """Short interest by settlement date, once published."""
    return _of(store, SHORT_INTEREST, symbol, known_at).sort("settled_on")


def fails(store: FactStore, symbol: str, known_at: datetime) -> pl.DataFrame:
    """Fails to deliver by settlement date, once published."""
    return _of(store, FAILS, symbol, known_at).sort("settled_on")


def borrow(store: FactStore, symbol: str, known_at: datetime) -> pl.DataFrame:
    """What there was to borrow, and at what rate, by day."""
    return _of(store, BORROW, symbol, known_at).sort("day_on")


def _of(store: FactStore, domain: Domain, symbol: str, known_at: datetime) -> pl.DataFrame:
    rows = store.as_of(domain, known_at, where=pl.col("symbol") == symbol)
    return rows.select(*domain.keys, *domain.values, "event_at", "known_at", "source").collect()
