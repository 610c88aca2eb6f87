"""Which names there were on a day: members of an index, and everything that traded, the dead included."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from adapters.lake.domains.universe import MEMBERSHIP, UNIVERSE
from adapters.lake.facts.store import FactStore


def members(store: FactStore, index: str, on: date, known_at: datetime) -> tuple[str, ...]:
    """The members of an index on a day, as known at an instant, sorted. A stay ends before its end_on."""
    stays = store.as_of(MEMBERSHIP, known_at, where=pl.col("index") == index).collect()
    inside = (pl.col("start_on") <= on) & (pl.col("end_on").is_null() | (pl.col("end_on") > on))
    return tuple(sorted(stays.filter(inside)["symbol"].unique()))


def cross_section(store: FactStore, session_on: date, known_at: datetime) -> pl.DataFrame:
    """Everything that traded in a session, the largest dollar volume first."""
    rows = store.as_of(UNIVERSE, known_at, where=pl.col("session_on") == session_on)
    columns = [*UNIVERSE.keys, *UNIVERSE.values]
    return rows.select(columns).collect().sort("dollar_volume_usd", "security_id", descending=[True, False])


def advance_share(store: FactStore, session_on: date, before_on: date, known_at: datetime) -> float | None:
    """Breadth: of the securities that traded in both sessions, the fraction that closed higher; None without any.

    Closes are raw, so a split counts as a fall: of thousands of names a handful a day.
    """
    now, before = (
        cross_section(store, day, known_at).select("security_id", "close_usd") for day in (session_on, before_on)
    )
    both = now.join(before, on="security_id", suffix="_before")
    if both.is_empty():
        return None
    return int((both["close_usd"] > both["close_usd_before"]).sum()) / both.height
