"""Other futures: what was known by an instant stays as it is, what became known later is made up anew.

A panel is cut by its session, facts by `known_at`. Every change is seeded. Late corrections of old events, and facts
that become known a nanosecond or an hour later, are among them: they are what careless joins let through.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from enum import Enum

import numpy as np
import polars as pl

from nodes.vocabulary.instants import instant_ns

_INSTANT = pl.Datetime("ns", "UTC")
_STAMPS = frozenset({"event_at", "known_at", "sequence", "batch", "source", "is_retracted", "recorded_at"})
_KEYS = frozenset({
    "fiscal_year", "fiscal_quarter", "period_start_on", "period_end_on", "period_on", "strike_usd", "expiry_on",
    "quoted_at", "settled_on", "day_on", "rated_on", "ex_on", "session_on",
})  # fmt: skip
"""What a fact is about: a correction is of the same."""
_PANEL_KEYS = frozenset({"symbol", "session_on", "closed_at"})
_NEWCOMERS = ("AAAA~LISTED-LATER", "ZZZZ~LISTED-LATER")
_SHARE_CHANGED = 0.5
_SHARE_MISSING = 0.05
_OFFSETS_NS = (1, 1_000_000_000, 1_800_000_000_000, 10_800_000_000_000, 86_400_000_000_000)


class Change(Enum):
    """What happens to the future.

    CUT: it never happens. REWRITTEN: other values. INSERTED: more of it, and shares that are listed later. CORRECTED:
    old events get new values, a moment to days later.
    """

    CUT = "cut"
    REWRITTEN = "rewritten"
    INSERTED = "inserted"
    CORRECTED = "corrected"


def other_panel(panel: pl.DataFrame, last_on: date, change: Change, seed: int) -> pl.DataFrame:
    """A panel whose rows after a session are others. Values of the rows up to it are the same."""
    draws = np.random.default_rng(seed)
    past, future = panel.filter(pl.col("session_on") <= last_on), panel.filter(pl.col("session_on") > last_on)
    if change is Change.CUT or future.is_empty():
        return past
    drawn = _drawn(future, [name for name in panel.columns if name not in _PANEL_KEYS], draws)
    parts = [past, drawn]
    if change is Change.INSERTED and "symbol" in panel.columns:
        one = drawn.filter(pl.col("symbol") == drawn["symbol"][0])
        parts += [one.with_columns(symbol=pl.lit(name)) for name in _NEWCOMERS]
    keys = [name for name in ("symbol", "session_on") if name in panel.columns]
    return pl.concat(parts).sort(keys)


def other_facts(
    facts: pl.DataFrame, after: datetime, change: Change, seed: int, values: Collection[str] | None = None
) -> pl.DataFrame:
    """Facts of which those known after an instant are others.

    Args:
        facts: with known_at; event_at and sequence where they have them.
        after: facts known at exactly that instant are of the past.
        change: what happens to the rest.
        seed: of the draws.
        values: columns that may change; every number and instant that is no stamp where None.
    """
    draws = np.random.default_rng(seed)
    is_past = pl.col("known_at") <= pl.lit(instant_ns(after)).cast(_INSTANT)
    past, future = facts.filter(is_past), facts.filter(~is_past)
    columns = [name for name in facts.columns if name not in _STAMPS and (values is None or name in values)]
    if change is Change.CUT:
        return past
    if change is Change.REWRITTEN:
        return pl.concat([_drawn(future, columns, draws), past])
    source = facts
    if change is Change.CORRECTED:
        source, columns = past, [name for name in columns if name not in _KEYS]
    if source.is_empty():
        return facts
    chosen = source.filter(pl.Series(draws.random(source.height) < _SHARE_CHANGED))
    added = _later(_drawn(chosen, columns, draws), after, change, draws, facts)
    return pl.concat([added, facts] if change is Change.INSERTED else [facts, added])


def _later(
    rows: pl.DataFrame, after: datetime, change: Change, draws: np.random.Generator, facts: pl.DataFrame
) -> pl.DataFrame:
    """The rows as they become known after an instant, numbered behind all facts."""
    offsets = draws.choice(np.array(_OFFSETS_NS, dtype=np.int64), rows.height)
    known = pl.Series(instant_ns(after) + offsets).cast(_INSTANT)
    stamps: dict[str, pl.Series] = {"known_at": known}
    if "sequence" in rows.columns:
        newest = facts["sequence"].max()
        first = newest + 1 if isinstance(newest, int) else 1
        stamps["sequence"] = pl.Series(np.arange(first, first + rows.height), dtype=facts.schema["sequence"])
    if change is Change.INSERTED and "event_at" in rows.columns:
        days = pl.Series(draws.integers(-400, 400, rows.height)) * timedelta(days=1)
        stamps["event_at"] = (rows["event_at"] + days).cast(_INSTANT)
    return rows.with_columns(**stamps)


def _drawn(rows: pl.DataFrame, columns: Collection[str], draws: np.random.Generator) -> pl.DataFrame:
    """The rows with other values."""
    return rows.with_columns(_other(rows[name], draws).alias(name) for name in columns) if rows.height else rows


def _other(column: pl.Series, draws: np.random.Generator) -> pl.Series:
    dtype, height = column.dtype, len(column)
    if dtype.is_float():
        factors = np.exp(draws.normal(0.0, 1.0, height))
        return _gapped(pl.Series(column.to_numpy() * factors).cast(dtype).fill_nan(None), draws)
    if dtype.is_integer():
        factors = np.exp(draws.normal(0.0, 0.5, height))
        return (column.cast(pl.Float64) * pl.Series(factors) + 1.0).cast(dtype, strict=False)
    if dtype == pl.Date or isinstance(dtype, pl.Datetime):
        days = pl.Series(draws.integers(-40, 40, height)) * timedelta(days=1)
        return (column + days).cast(dtype)
    return column


def _gapped(column: pl.Series, draws: np.random.Generator) -> pl.Series:
    return column.set(pl.Series(draws.random(len(column)) < _SHARE_MISSING), None)


def other_tables(
    tables: Mapping[str, pl.DataFrame],
    after: datetime,
    change: Change,
    seed: int,
    values: Mapping[str, Collection[str]] | None = None,
) -> dict[str, pl.DataFrame]:
    """Every table of facts with another future, each with a seed of its own."""
    return {
        name: other_facts(frame, after, change, seed + place, None if values is None else values.get(name))
        for place, (name, frame) in enumerate(sorted(tables.items()))
    }
