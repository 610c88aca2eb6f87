"""What a reader of files hands on: facts of one domain, and what it set aside with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from adapters.feeds.files.fields import Typed
from adapters.feeds.files.tables import LINE, REJECTED_SCHEMA, joined_rejects, no_rejects
from adapters.lake.facts.domain import Domain
from adapters.lake.instant_laws import Law

_MAX_ROWS = 500_000


@dataclass(frozen=True)
class Parsed:
    """Facts of one domain.

    Attributes:
        domain: whose columns they have.
        source: short name of the feed.
        facts: keys, values, event_at, known_at.
        rejected: rows set aside, see REJECTED_SCHEMA.
    """

    domain: Domain
    source: str
    facts: pl.DataFrame
    rejected: pl.DataFrame


@dataclass(frozen=True)
class Timing:
    """By which laws, from which columns, facts get their two instants."""

    event: Law
    event_of: str
    known: Law
    known_of: str


def placed(kept: Typed, file: str, timing: Timing) -> Typed:
    """Rows with event_at and known_at; those that cannot be placed join the quarantine."""
    rows = kept.rows.with_columns(
        timing.event.instants(kept.rows[timing.event_of]).alias("event_at"),
        timing.known.instants(kept.rows[timing.known_of]).alias("known_at"),
    )
    is_lost = pl.col("event_at").is_null() | pl.col("known_at").is_null()
    rejected = rows.filter(is_lost).select(
        file=pl.lit(file),
        line=pl.col(LINE),
        column=pl.lit(timing.event_of),
        value=pl.col(timing.event_of).cast(pl.String),
        reason=pl.lit("names no instant: no session, or outside the years whose sessions are known; correct the day"),
    )
    rejects = joined_rejects([kept.rejected, rejected.cast(pl.Schema(REJECTED_SCHEMA))])
    return Typed(rows.filter(~is_lost), rejects)


def facts_of(domain: Domain, kept: Typed, file: str, source: str) -> Parsed:
    """Typed and placed rows as facts: the domain's columns, one row a key and event, disagreeing repeats set aside."""
    columns = [*domain.keys, *domain.values]
    schema = {**domain.keys, **domain.values}
    rows = kept.rows.with_columns(pl.lit(None, dtype=schema[name]).alias(name) for name in _absent(columns, kept.rows))
    cast = rows.select(LINE, *(pl.col(name).cast(schema[name]) for name in columns), "event_at", "known_at")
    once = cast.unique([*columns, "event_at", "known_at"], keep="first", maintain_order=True)
    repeated = once.select(*domain.keys, "event_at", "known_at").is_duplicated()
    key_text = pl.concat_str([pl.col(name).cast(pl.String) for name in domain.keys], separator=" ", ignore_nulls=True)
    rejected = once.filter(repeated).select(
        file=pl.lit(file),
        line=pl.col(LINE),
        column=pl.lit(", ".join(domain.keys)),
        value=key_text,
        reason=pl.lit("occurs more than once with different values; keep the row that is right"),
    )
    rejects = joined_rejects([kept.rejected, rejected.cast(pl.Schema(REJECTED_SCHEMA))])
    return Parsed(domain, source, once.filter(~repeated).drop(LINE), rejects)


def _absent(columns: list[str], rows: pl.DataFrame) -> list[str]:
    return [name for name in columns if name not in rows.columns]


def nothing_parsed(domain: Domain, source: str, rejected: pl.DataFrame) -> Parsed:
    """A file of which nothing could be kept."""
    schema = pl.Schema({**domain.keys, **domain.values, "event_at": pl.Datetime("ns", "UTC")})
    empty = pl.DataFrame(schema={**schema, "known_at": pl.Datetime("ns", "UTC")})
    return Parsed(domain, source, empty, rejected)


def in_batches(parts: Iterable[Parsed], max_rows: int = _MAX_ROWS) -> Iterator[Parsed]:
    """The same facts in fewer, larger batches: each is written at once, or not at all."""
    waiting: dict[tuple[str, str], list[Parsed]] = {}
    for part in parts:
        group = waiting.setdefault((part.domain.name, part.source), [])
        group.append(part)
        if sum(one.facts.height + one.rejected.height for one in group) >= max_rows:
            yield _joined(waiting.pop((part.domain.name, part.source)))
    for group in waiting.values():
        yield _joined(group)


def _joined(parts: list[Parsed]) -> Parsed:
    facts = pl.concat([part.facts for part in parts if part.facts.height] or [parts[0].facts])
    rejected = pl.concat([no_rejects(), *(part.rejected for part in parts)])
    return Parsed(parts[0].domain, parts[0].source, facts, rejected)
