"""Whose a ticker was on a day, and which ticker a security had: as it was known at an instant."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from adapters.lake.domains.identity import IDENTITY
from adapters.lake.facts.store import FactStore
from nodes.vocabulary.errors import DataError

_LEASE = ("security_id", "symbol", "valid_from_on", "valid_to_on", "exchange", "name")


def leases(store: FactStore, known_at: datetime) -> pl.DataFrame:
    """Every lease of a ticker that was known, the oldest first."""
    known = store.as_of(IDENTITY, known_at).select(_LEASE).collect()
    return known.sort("valid_from_on", "symbol", "security_id")


def security_id_on(store: FactStore, symbol: str, on: date, known_at: datetime) -> str:
    """The security that a ticker named on a day. Raises DataError when it named none, or two."""
    held = _in_force(leases(store, known_at).filter(pl.col("symbol") == symbol), on)
    if held.height == 1:
        return str(held["security_id"][0])
    known = leases(store, known_at).filter(pl.col("symbol") == symbol)
    spans = [
        f"{row[0]} {row[1]}..{row[2] or ''}"
        for row in known.select("security_id", "valid_from_on", "valid_to_on").rows()
    ]
    named = f"{held.height} securities" if held.height else "no security"
    message = f"ticker {symbol!r} named {named} on {on}; known: {spans}; ask for another day or import its map"
    raise DataError(message)


def symbol_on(store: FactStore, security_id: str, on: date, known_at: datetime) -> str:
    """The ticker that a security had on a day. Raises DataError when it had none."""
    held = _in_force(leases(store, known_at).filter(pl.col("security_id") == security_id), on)
    if held.is_empty():
        message = f"security {security_id!r} had no ticker on {on}; ask for a day on which it was listed"
        raise DataError(message)
    return str(held["symbol"][-1])


def _in_force(held: pl.DataFrame, on: date) -> pl.DataFrame:
    return held.filter(
        (pl.col("valid_from_on") <= on) & (pl.col("valid_to_on").is_null() | (pl.col("valid_to_on") >= on))
    )
