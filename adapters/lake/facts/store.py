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
from datetime import datetime
from pathlib import Path

import polars as pl
from deltalake import DeltaTable

from adapters.lake.facts.arrivals import Arrivals, arrivals
from adapters.lake.facts.domain import INSTANT, Domain
from adapters.lake.facts.revisions import first, newest, novelties
from adapters.lake.facts.tables import FACT, LANE, NO_TABLE, RECORDED, REJECTED, Head, Table, head_of, stored_schema
from nodes.vocabulary.canonical import digest, digest_text, encode
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_ns

_MAX_ATTEMPTS = 200
_PAUSE_S = 0.02
_FEW_KEYS = 2_000


@dataclass(frozen=True, slots=True)
class Ingest:
    """What an ingest came to.

    Attributes:
        batch: digest of the batch: source, rows and rows set aside.
        accepted: facts that are new.
        unchanged: facts that say nothing new.
        quarantined: rows set aside.
        version: of the table that holds the batch.
    """

    batch: str
    accepted: int
    unchanged: int
    quarantined: int
    version: int


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
        batch = _batch_digest(domain, arrived, source)
        target = self._table(domain)
        for attempt in range(_MAX_ATTEMPTS):
            table = target.created()
            done = _Ingestion(domain, target, table, batch, source, instant_ns(now)).committed(arrived)
            if done is not None:
                return done
            time.sleep(_PAUSE_S * random.random() * min(attempt + 1, 10))  # noqa: S311  # spreads writers apart
        message = f"{_MAX_ATTEMPTS} commits to {domain.name!r} each lost to another writer; run fewer at a time"
        raise EdgeError(message)

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
        return _judged(domain, _typed(domain, facts), where, newest)

    def history(self, domain: Domain, known_at: datetime, where: pl.Expr | None = None) -> pl.LazyFrame:
        """Every fact known at an instant, all revisions, with `recorded_at`, by key, event and knowledge."""
        facts = _typed(domain, self._facts(domain, known_at))
        kept = facts if where is None else facts.filter(where)
        return kept.sort([*domain.identity, "known_at", "sequence"])

    def first_prints(self, domain: Domain, known_at: datetime, where: pl.Expr | None = None) -> pl.LazyFrame:
        """The first fact of every key and event known at an instant."""
        return _judged(domain, _typed(domain, self._facts(domain, known_at)), where, first)

    def version(self, domain: Domain) -> TableVersion:
        """Which content the domain's table has now."""
        table = self._table(domain).opened()
        head = NO_TABLE if table is None else head_of(table)
        return TableVersion(head.version, head.chain or _chained("", domain.name))

    def quarantine(self, domain: Domain) -> pl.LazyFrame:
        """The rows set aside: source, batch, recorded_at, reason, row (their values as JSON text)."""
        columns = [pl.col("source"), pl.col("batch"), pl.col(RECORDED).cast(INSTANT), pl.col("reason"), pl.col("row")]
        return self._rows(domain, REJECTED).select(columns)

    def watermark(self, domain: Domain, source: str) -> datetime | None:
        """The newest event of a source; None when it has sent nothing."""
        own = self._rows(domain, FACT).filter(pl.col("source") == source)
        newest_at: datetime | None = own.select(pl.col("event_at").max().cast(INSTANT)).collect().item()
        return newest_at

    def domains(self) -> tuple[str, ...]:
        """The names of the tables that there are, where the root is a folder."""
        folder = Path(self._root)
        if not folder.is_dir():
            return ()
        return tuple(sorted(path.name for path in folder.iterdir() if DeltaTable.is_deltatable(str(path))))

    def _table(self, domain: Domain) -> Table:
        return Table(f"{self._root}/{domain.name}", domain, self._options)

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


@dataclass(frozen=True)
class _Ingestion:
    """One attempt to store one batch on one version of a table."""

    domain: Domain
    target: Table
    table: DeltaTable
    batch: str
    source: str
    recorded_ns: int

    def committed(self, arrived: Arrivals) -> Ingest | None:
        """What it came to; None when another commit came first."""
        head = head_of(self.table)
        n_arrived, n_aside = arrived.facts.height, arrived.set_aside.height
        new, aside = self._new_facts(arrived), self._new_set_aside(arrived)
        if new.is_empty() and aside.is_empty():
            return Ingest(self.batch, 0, n_arrived, n_aside, head.version)
        numbered = new.with_columns(sequence=pl.int_range(pl.len()) + head.sequence + 1)
        chain = _chained(head.chain, self.domain.name, self.batch, encode(numbered), encode(aside))
        after = Head(head.version + 1, head.sequence + new.height, chain)
        if not self.target.committed(self.table, self._stored(numbered, aside), after):
            return None
        return Ingest(self.batch, new.height, n_arrived - new.height, n_aside, after.version)

    def _new_facts(self, arrived: Arrivals) -> pl.DataFrame:
        """The arriving facts that add something; none of a batch that is stored already."""
        stored = self.target.rows(self.table, FACT)
        if arrived.facts.is_empty() or _has_batch(stored, self.batch):
            return novelties(self.domain, _no_facts(self.domain), arrived.facts.clear())
        return novelties(self.domain, self._related(stored, arrived.facts), arrived.facts)

    def _related(self, stored: pl.LazyFrame, arriving: pl.DataFrame) -> pl.DataFrame:
        """The stored facts of the same keys and events."""
        events = arriving["event_at"].cast(pl.Int64)
        near = stored.filter(pl.col("event_at").is_between(events.min(), events.max()))
        subject = next(iter(self.domain.keys))
        subjects = arriving[subject].unique()
        if subjects.len() <= _FEW_KEYS and not isinstance(subjects.dtype, pl.Datetime):
            near = near.filter(pl.col(subject).is_in(subjects.implode()))
        wanted = arriving.lazy().select(self.domain.identity).unique()
        typed = _typed(self.domain, near)
        return typed.join(wanted, on=self.domain.identity, how="semi", nulls_equal=True).collect()

    def _new_set_aside(self, arrived: Arrivals) -> pl.DataFrame:
        if arrived.set_aside.is_empty():
            return arrived.set_aside
        there = self.target.rows(self.table, REJECTED).filter(pl.col("source") == self.source).select("reason", "row")
        return arrived.set_aside.unique(maintain_order=True).join(there.collect(), on=["reason", "row"], how="anti")

    def _stored(self, numbered: pl.DataFrame, aside: pl.DataFrame) -> pl.DataFrame:
        """Facts and rows set aside as they are laid out on disk, facts sorted so that reads of a key find few pages."""
        stamps = {"source": self.source, "batch": self.batch}
        marks = [pl.lit(value).alias(name) for name, value in stamps.items()]
        marks.append(pl.lit(self.recorded_ns, dtype=pl.Int64).alias(RECORDED))
        facts = numbered.sort([*self.domain.identity, "known_at", "sequence"])
        kinds = stored_schema(self.domain)
        instants = [pl.col(name).cast(pl.Int64) for name, kind in self.domain.schema.items() if kind == INSTANT]
        parts = [
            facts.with_columns(*instants, *marks, pl.lit(FACT).alias(LANE)),
            aside.with_columns(*marks, pl.lit(REJECTED).alias(LANE)),
        ]
        return pl.concat(parts, how="diagonal").with_columns(
            pl.lit(None, dtype=kind).alias(name)
            for name, kind in kinds.items()
            if name not in {*facts.columns, *aside.columns, *stamps, RECORDED, LANE}
        )


def _batch_digest(domain: Domain, arrived: Arrivals, source: str) -> str:
    parts = (domain.name.encode(), source.encode(), encode(arrived.facts), encode(arrived.set_aside))
    return digest_text(digest("lake-batch", *parts))


def _chained(chain: str, *parts: str | bytes) -> str:
    raw = [part.encode() if isinstance(part, str) else part for part in (chain, *parts)]
    return digest_text(digest("lake-table", *raw))


def _has_batch(stored: pl.LazyFrame, batch: str) -> bool:
    return not stored.filter(pl.col("batch") == batch).select("batch").head(1).collect().is_empty()


def _no_facts(domain: Domain) -> pl.DataFrame:
    return pl.DataFrame(schema=pl.Schema(domain.schema))


def _typed(domain: Domain, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Stored rows in the domain's columns and types."""
    return rows.select(
        *(pl.col(name).cast(kind) if kind == INSTANT else pl.col(name) for name, kind in domain.schema.items()),
        pl.col(RECORDED).cast(INSTANT),
    )


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
