"""Importing files into the lake, and what it then holds: tables, sources, quarantine.

Each batch of facts is written at once or not at all, so an import that is interrupted is simply run again: what is
there already is not stored twice.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from adapters.feeds.files.importers import IMPORTERS
from adapters.feeds.files.parsed import in_batches
from adapters.feeds.files.request import Besides, Held, ImportRequest
from adapters.lake.domains.registry import DOMAINS
from adapters.lake.facts.domain import Domain
from adapters.lake.facts.store import FactStore
from adapters.lake.views.identity import leases
from governance.findings import Progress
from nodes.vocabulary.errors import EdgeError


@dataclass(frozen=True, slots=True)
class ImportCommand:
    """What the operator asks for.

    Attributes:
        kind: of the files, see `adapters.feeds.files.importers`.
        place: a file or a folder.
        besides: what the files do not say of themselves.
    """

    kind: str
    place: Path
    besides: Besides = field(default_factory=Besides)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to in one domain.

    Attributes:
        domain: its name.
        source: of the facts.
        n_accepted: facts that are new.
        n_unchanged: facts that were there.
        n_quarantined: rows set aside.
    """

    domain: str
    source: str
    n_accepted: int
    n_unchanged: int
    n_quarantined: int


@dataclass(frozen=True, slots=True)
class TableState:
    """One table of the lake.

    Attributes:
        domain: its name.
        n_facts: facts in it, revisions included.
        version: of the table; None while it is empty.
        digest: of its content.
        doc: what it holds.
        lag: when its facts become known.
    """

    domain: str
    n_facts: int
    version: int | None
    digest: str | None
    doc: str
    lag: str


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source of a table.

    Attributes:
        domain: the table.
        source: its name.
        n_facts: facts from it, revisions included.
        newest_event_at: the newest instant that it speaks of.
        newest_known_at: its newest knowledge.
    """

    domain: str
    source: str
    n_facts: int
    newest_event_at: datetime
    newest_known_at: datetime


def imported(
    store: FactStore,
    command: ImportCommand,
    now: datetime,
    told: Progress | None = None,
    stored: Callable[[], object] | None = None,
) -> tuple[Imported, ...]:
    """Imports files, a batch at a time.

    Args:
        store: the lake.
        command: what to import.
        now: what the lake knows by now, files are read with.
        told: told of every batch.
        stored: called after every batch, e.g. to raise alerts about it.

    Raises:
        EdgeError: the kind is unknown, or there is nothing to read.
        DataError: the file is not of the kind.
    """
    if command.kind not in IMPORTERS:
        message = f"files of kind {command.kind!r} cannot be imported; use one of {', '.join(sorted(IMPORTERS))}"
        raise EdgeError(message)
    held = Held(now, leases(store, now), DOMAINS, lambda domain: store.as_of(domain, now).collect())
    request = ImportRequest(command.place, held, command.besides)
    totals: dict[tuple[str, str], list[int]] = {}
    for n_batches, part in enumerate(in_batches(IMPORTERS[command.kind](request)), 1):
        if part.facts.height or part.rejected.height:
            written = store.ingested(part.domain, part.facts, part.source, part.rejected)
            counts = (written.accepted, written.unchanged, written.quarantined)
            total = totals.setdefault((part.domain.name, part.source), [0, 0, 0])
            total[:] = [one + other for one, other in zip(total, counts, strict=True)]
            if stored is not None:
                stored()
        if told is not None:
            told("batches", n_batches, n_batches)
    return tuple(Imported(domain, source, *counts) for (domain, source), counts in totals.items())


class BundledFacts:
    """The bundled data as a lake for reading, in a folder that lasts as long as this.

    Args:
        clock: now, in UTC.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def opened(self) -> tuple[FactStore, Path]:
        """The facts, and their folder. Raises EdgeError when the data are not installed."""
        folder = Path(tempfile.mkdtemp(prefix="assay-lake-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        store = FactStore(folder, self._clock)
        imported(store, ImportCommand("bundled", Path()), self._clock())
        return store, folder


def table_states(store: FactStore, now: datetime) -> tuple[TableState, ...]:
    """Every table there can be, the empty ones included."""
    held = set(store.domains())
    return tuple(_table_state(store, domain, now, is_held=name in held) for name, domain in sorted(DOMAINS.items()))


def _table_state(store: FactStore, domain: Domain, now: datetime, *, is_held: bool) -> TableState:
    if not is_held:
        return TableState(domain.name, 0, None, None, domain.doc, domain.lag)
    version = store.version(domain)
    n_facts = store.history(domain, now).select(pl.len()).collect().item()
    return TableState(domain.name, n_facts, version.version, version.digest, domain.doc, domain.lag)


def source_states(store: FactStore, now: datetime) -> tuple[SourceState, ...]:
    """Every source of every table that holds facts."""
    return tuple(
        SourceState(name, *row)
        for name in sorted(set(store.domains()) & set(DOMAINS))
        for row in store.history(DOMAINS[name], now)
        .group_by("source")
        .agg(pl.len(), pl.col("event_at").max(), pl.col("known_at").max())
        .sort("source")
        .collect()
        .iter_rows()
    )


def quarantined(store: FactStore, name: str, count: int) -> pl.DataFrame:
    """The newest rows that were set aside. Raises EdgeError when no domain has that name."""
    if name not in DOMAINS:
        message = f"domain {name!r} is unknown; use one of {', '.join(sorted(DOMAINS))}"
        raise EdgeError(message)
    return store.quarantine(DOMAINS[name]).tail(count).collect()
