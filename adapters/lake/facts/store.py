"""The bitemporal lake: facts with the instant at which they were true and the instant at which they were known.

Every read names the instant of knowledge it is made at, and nothing that became known later reaches it. Facts are only
added: a correction is a later fact of the same key and event, a retraction one that says so. An ingest stores all of
its batch or nothing, once, however often it is run and however many run at the same time.

A fact that arrives late keeps its own known_at, and is seen by reads made as of then from now on; what readers had at
the time is kept apart as `recorded_at`, and `as_recorded` asks for it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import polars as pl
from deltalake import DeltaTable

from adapters.lake.facts.arrivals import arrivals
from adapters.lake.facts.batches import Batch, Ingest, batch_digest, typed
from adapters.lake.facts.domain import INSTANT, Domain
from adapters.lake.facts.revisions import first, newest
from adapters.lake.facts.tables import (
    FACT,
    NO_TABLE,
    RECORDED,
    REJECTED,
    Table,
    chained,
    head_of,
    stored_schema,
)
from adapters.lake.facts.upkeep import compacted, expired, vacuumed
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_ns

_MAX_ATTEMPTS = 200
_PAUSE_S = 0.02
_Done = TypeVar("_Done")


@dataclass(frozen=True, slots=True)
class TableVersion:
    """Which content a table has.

    Attributes:
        version: of the Delta table; -1 while nothing was stored.
        digest: over every batch ever stored, in their order. Compaction changes the version and not the digest.
    """

    version: int
    digest: str


class FactStore:
    """The tables of facts under one root: a folder, or a URL of an object store."""

    def __init__(
        self, root: Path | str, clock: Callable[[], datetime], options: Mapping[str, str] | None = None
    ) -> None:
        self._root = str(root).rstrip("/")
        self._clock = clock
        self._options = options or {}
        self._recorded_by: datetime | None = None

    @property
    def root(self) -> str:
        """The folder or URL of the tables."""
        return self._root

    def as_recorded(self, by: datetime) -> FactStore:
        """The store as its readers had it at an instant: nothing that was stored later is seen."""
        earlier = FactStore(self._root, self._clock, self._options)
        earlier._recorded_by = by  # of its own kind
        return earlier

    def ingested(
        self, domain: Domain, frame: pl.DataFrame, source: str, rejected: pl.DataFrame | None = None
    ) -> Ingest:
        """Stores a batch: all of it or nothing.

        Args:
            domain: whose facts they are.
            frame: keys, values, event_at, known_at, and is_retracted where something is taken back.
            source: short name of the feed.
            rejected: rows that the reader set aside: `reason`, and whatever says where they were.

        Raises:
            DataError: the frame is no table of the domain, or the stored table is not.
            EdgeError: the table cannot be written.
        """
        now = self._clock()
        arrived = arrivals(domain, frame, rejected, now)

        target = self._table(domain)
        batch = Batch(domain, source, batch_digest(domain, arrived, source), instant_ns(now))
        return _retried(domain, target, lambda table: batch.committed(target, table, arrived))

    def as_of(
        self,
        domain: Domain,
        known_at: datetime,
        event_at: datetime | None = None,
        where: pl.Expr | None = None,
    ) -> pl.LazyFrame:
        """The newest revision known at an instant of every fact that is not retracted by then.

        Args:
            domain: whose facts.
            known_at: nothing that became known later is seen.
            event_at: nothing that was true later is seen.
            where: which facts. What it says of keys and event_at is pushed down to the files.
        """
        facts = self._facts(domain, known_at)
        if event_at is not None:
            facts = facts.filter(pl.col("event_at") <= instant_ns(event_at))
        return _judged(domain, typed(domain, facts), where, newest)

    def history(self, domain: Domain, known_at: datetime, where: pl.Expr | None = None) -> pl.LazyFrame:
        """Every fact known at an instant, all revisions, with `recorded_at`, by key, event and knowledge."""
        facts = typed(domain, self._facts(domain, known_at))
        kept = facts if where is None else facts.filter(where)
        return kept.sort([*domain.identity, "known_at", "sequence"])

    def first_prints(self, domain: Domain, known_at: datetime, where: pl.Expr | None = None) -> pl.LazyFrame:
        """The first fact of every key and event known at an instant."""
        return _judged(domain, typed(domain, self._facts(domain, known_at)), where, first)

    def version(self, domain: Domain) -> TableVersion:
        """Which content the domain's table has now."""
        table = self._table(domain).opened()
        head = NO_TABLE if table is None else head_of(table)
        return TableVersion(head.version, head.chain or chained("", domain.name))

    def quarantine(self, domain: Domain) -> pl.LazyFrame:
        """The rows set aside: source, batch, recorded_at, reason, row (their values as JSON text)."""
        columns = [pl.col("source"), pl.col("batch"), pl.col(RECORDED).cast(INSTANT), pl.col("reason"), pl.col("row")]
        return self._rows(domain, REJECTED).select(columns)

    def watermark(self, domain: Domain, source: str) -> datetime | None:
        """The newest event of a source; None when it has sent nothing."""
        own = self._rows(domain, FACT).filter(pl.col("source") == source)
        newest_at: datetime | None = own.select(pl.col("event_at").max().cast(INSTANT)).collect().item()
        return newest_at

    def compacted(self, domain: Domain) -> TableVersion:
        """Rewrites the table's facts into few sorted files; says which content it has."""
        self._upkept(domain, compacted)
        return self.version(domain)

    def expired(self, domain: Domain) -> TableVersion:
        """Removes what is older than the domain keeps it; says which content the table has then."""
        now = self._clock()
        self._upkept(domain, lambda target, table: expired(target, table, now))
        return self.version(domain)

    def vacuumed(self, domain: Domain, keep: timedelta) -> TableVersion:
        """Deletes files out of use for longer than `keep`. Raises EdgeError when that is under an hour."""
        self._upkept(domain, lambda target, table: vacuumed(target, table, keep))
        return self.version(domain)

    def domains(self) -> tuple[str, ...]:
        """The names of the tables that there are, where the root is a folder."""
        folder = Path(self._root)
        if not folder.is_dir():
            return ()
        return tuple(sorted(p.name for p in folder.iterdir() if p.is_dir() and DeltaTable.is_deltatable(str(p))))

    def _table(self, domain: Domain) -> Table:
        return Table(f"{self._root}/{domain.name}", domain, self._options)

    def _upkept(self, domain: Domain, work: Callable[[Table, DeltaTable], bool]) -> None:
        target = self._table(domain)
        if target.opened() is not None:
            _retried(domain, target, lambda table: work(target, table) or None)

    def _rows(self, domain: Domain, lane: str) -> pl.LazyFrame:
        target = self._table(domain)
        table = target.opened()
        if table is None:
            return pl.LazyFrame(schema=pl.Schema(stored_schema(domain)))
        return target.rows(table, lane)

    def _facts(self, domain: Domain, known_at: datetime) -> pl.LazyFrame:
        facts = self._rows(domain, FACT).filter(pl.col("known_at") <= instant_ns(known_at))
        recorded = self._recorded_by
        return facts if recorded is None else facts.filter(pl.col(RECORDED) <= instant_ns(recorded))


def _retried(domain: Domain, target: Table, attempt: Callable[[DeltaTable], _Done | None]) -> _Done:
    """What an attempt gives that was made on the newest version of a table before anyone else's.

    Raises:
        EdgeError: others came first every time.
    """
    for n_lost in range(_MAX_ATTEMPTS):
        done = attempt(target.created())
        if done is not None:
            return done
        time.sleep(_PAUSE_S * random.random() * min(n_lost + 1, 10))  # noqa: S311  # spreads writers apart
    message = f"{_MAX_ATTEMPTS} commits to {domain.name!r} each lost to another writer; run fewer at a time"
    raise EdgeError(message)


def _judged(
    domain: Domain,
    facts: pl.LazyFrame,
    where: pl.Expr | None,
    standing: Callable[[Domain, pl.LazyFrame], pl.LazyFrame],
) -> pl.LazyFrame:
    """The revision that stands of each fact. A condition on values is asked of that one, never of another."""
    columns = list(domain.schema)
    if where is None:
        return standing(domain, facts).select(columns)
    if set(where.meta.root_names()) <= set(domain.identity):
        return standing(domain, facts.filter(where)).select(columns)
    return standing(domain, facts).filter(where).select(columns)
