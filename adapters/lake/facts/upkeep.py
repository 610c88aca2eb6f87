"""Upkeep of a table of facts: sorted files, retention, and the removal of files that nobody reads any more.

Each of these is a commit of its own on the version that it was computed from. Readers are not disturbed: a read keeps
to the files that it began with, and those stay until a vacuum finds them out of use for longer than a read may last.
Traces are not disturbed either: what a run saw lies in the body store, and a table's version is only a pointer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl
from deltalake import DeltaTable

from adapters.lake.facts.tables import FACT, LANE, RECORDED, REJECTED, Table, chained, head_of
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_ns

LEAST_KEEP = timedelta(hours=1)
"""How long a file that is out of use is kept at least: no read and no ingest lasts longer."""
_SORTED_ROWS = 20_000_000


def compacted(target: Table, table: DeltaTable) -> bool:
    """Rewrites the facts into few files, sorted by key and event, where one key's range is a few pages.

    A table too large to be sorted in memory keeps the order of its batches, in larger files. False when another commit
    came first.
    """
    if table.count() > _SORTED_ROWS:
        return target.optimized(table)
    order = [*target.domain.identity, "known_at", "sequence"]
    rows = target.rows(table, FACT).sort(order).collect()
    return target.rewritten(table, rows, FACT)


def expired(target: Table, table: DeltaTable, now: datetime) -> bool:
    """Removes facts whose event, and rows set aside whose arrival, is older than the domain keeps them."""
    days = target.domain.retention_days
    if days is None:
        return True
    cut_ns = instant_ns(now - timedelta(days=days))
    is_old = f"({LANE} = '{FACT}' AND event_at < {cut_ns}) OR ({LANE} = '{REJECTED}' AND {RECORDED} < {cut_ns})"
    if not _any_older(target, table, cut_ns):
        return True
    head = head_of(table)
    return target.removed(table, is_old, replace(head, chain=chained(head.chain, "expired", str(cut_ns))))


def _any_older(target: Table, table: DeltaTable, cut_ns: int) -> bool:
    old = [
        target.rows(table, lane).filter(pl.col(column) < cut_ns).select(column).head(1).collect()
        for lane, column in ((FACT, "event_at"), (REJECTED, RECORDED))
    ]
    return any(part.height for part in old)


def vacuumed(target: Table, table: DeltaTable, keep: timedelta) -> bool:
    """Deletes files that no version has used for a while: replaced ones, and those of commits that were never made.

    Raises:
        EdgeError: `keep` is shorter than a read may last.
    """
    if keep < LEAST_KEEP:
        message = f"keeping files for {keep} would take them from readers; keep them for at least {LEAST_KEEP}"
        raise EdgeError(message)
    return target.cleaned(table, -(-keep // timedelta(hours=1)))
