"""What an arriving fact of a live feed adds to the lake, and since when it was known.

A vendor that shows only the present overwrites its past: the same bar, fetched again, may say something else. What the
lake holds was known then; the correction is known from the fetch that brought it, never from the bar's own close.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from adapters.feeds.files.parsed import Parsed
from adapters.feeds.source import Pace
from adapters.feeds.texts import without_copies
from adapters.lake.domains.texts import TEXTS
from adapters.lake.facts.domain import INSTANT
from adapters.lake.facts.store import FactStore

_HELD = "_held_known_at"


def settled(store: FactStore, part: Parsed, pace: Pace, fetched_at: datetime) -> Parsed:
    """The facts that are news, each with the instant from which it was known."""
    if pace.is_vintaged or part.facts.is_empty():
        return part
    fresh = without_copies(store, part, fetched_at) if part.domain is TEXTS else part
    facts = _with_late_corrections(store, fresh, fetched_at)
    return Parsed(part.domain, part.source, facts, part.rejected)


def _with_late_corrections(store: FactStore, part: Parsed, fetched_at: datetime) -> pl.DataFrame:
    domain = part.domain
    facts = part.facts.with_columns(pl.col("event_at", "known_at").cast(INSTANT))
    identity, values = list(domain.identity), list(domain.values)
    subject, events_ns = identity[0], facts["event_at"].cast(pl.Int64)
    first, last = (pl.lit(bound).cast(INSTANT) for bound in (events_ns.min(), events_ns.max()))
    near = pl.col(subject).is_in(facts[subject].unique().implode()) & pl.col("event_at").is_between(first, last)
    held = store.as_of(domain, fetched_at, where=near).select(
        *identity, *(pl.col(name).alias(f"_held_{name}") for name in values), pl.col("known_at").alias(_HELD)
    )
    both = facts.lazy().join(held, on=identity, how="left", nulls_equal=True, maintain_order="left")
    is_held = pl.col(_HELD).is_not_null()
    is_same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"_held_{name}")) for name in values)
    is_late = is_held & (pl.col("known_at") <= pl.col(_HELD))
    known_at = pl.when(is_late).then(pl.lit(fetched_at).cast(INSTANT)).otherwise(pl.col("known_at"))
    return both.filter(~(is_held & is_same)).with_columns(known_at=known_at).select(facts.columns).collect()
