"""A batch of facts on its way into a table: what of it is new, its sequence numbers, how it lies on disk."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from deltalake import DeltaTable

from adapters.lake.facts.arrivals import Arrivals
from adapters.lake.facts.domain import INSTANT, Domain
from adapters.lake.facts.revisions import novelties
from adapters.lake.facts.tables import FACT, LANE, RECORDED, REJECTED, Head, Table, chained, head_of, stored_schema
from nodes.vocabulary.canonical import digest, digest_text, encode

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


@dataclass(frozen=True)
class Batch:
    """A batch on its way into a table.

    Attributes:
        domain: whose facts they are.
        source: short name of the feed.
        batch: digest of the batch.
        recorded_ns: when it arrived.
    """

    domain: Domain
    source: str
    batch: str
    recorded_ns: int

    def committed(self, target: Table, table: DeltaTable, arrived: Arrivals) -> Ingest | None:
        """What storing it on one version of the table came to; None when another commit came first."""
        head = head_of(table)
        n_arrived, n_aside = arrived.facts.height, arrived.set_aside.height
        new = self._new_facts(target.rows(table, FACT), arrived)
        aside = self._new_set_aside(target.rows(table, REJECTED), arrived)
        if new.is_empty() and aside.is_empty():
            return Ingest(self.batch, 0, n_arrived, n_aside, head.version)
        numbered = new.with_columns(sequence=pl.int_range(pl.len()) + head.sequence + 1)
        chain = chained(head.chain, self.domain.name, self.batch, encode(numbered), encode(aside))
        after = Head(head.version + 1, head.sequence + new.height, chain)
        if not target.committed(table, self._stored(numbered, aside), after):
            return None
        return Ingest(self.batch, new.height, n_arrived - new.height, n_aside, after.version)

    def _new_facts(self, stored: pl.LazyFrame, arrived: Arrivals) -> pl.DataFrame:
        """The arriving facts that add something; none of a batch that is stored already."""
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
        return typed(self.domain, near).join(wanted, on=self.domain.identity, how="semi", nulls_equal=True).collect()

    def _new_set_aside(self, stored: pl.LazyFrame, arrived: Arrivals) -> pl.DataFrame:
        if arrived.set_aside.is_empty():
            return arrived.set_aside
        there = stored.filter(pl.col("source") == self.source).select("reason", "row")
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


def batch_digest(domain: Domain, arrived: Arrivals, source: str) -> str:
    """Digest of a batch: its domain, its source, its facts and the rows set aside."""
    parts = (domain.name.encode(), source.encode(), encode(arrived.facts), encode(arrived.set_aside))
    return digest_text(digest("lake-batch", *parts))


def _has_batch(stored: pl.LazyFrame, batch: str) -> bool:
    return not stored.filter(pl.col("batch") == batch).select("batch").head(1).collect().is_empty()


def _no_facts(domain: Domain) -> pl.DataFrame:
    return pl.DataFrame(schema=pl.Schema(domain.schema))


def typed(domain: Domain, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Stored rows in the domain's columns and types."""
    return rows.select(
        *(pl.col(name).cast(kind) if kind == INSTANT else pl.col(name) for name, kind in domain.schema.items()),
        pl.col(RECORDED).cast(INSTANT),
    )
