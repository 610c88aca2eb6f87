"""What policies in the shadow made of decisions, kept in a file of its own: a projection of the log, made anew at will.

One process compares a stretch of the log at a time, in one transaction with the place that it came to: however many
processes look, each decision is compared once. A file that is lost is written again from the log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from sqlalchemy import Column, Connection, Integer, LargeBinary, MetaData, Table, Text, insert, select

from adapters.sql.dialect import insert_or_replace
from adapters.sql.sql_file import SqlFile
from governance.impact_rows import ImpactChunk, ImpactRow

SHADOWS = "shadows.db"
"""The file in a home."""
_METADATA = MetaData()
_PROGRESS = Table(
    "shadow_progress",
    _METADATA,
    Column("shadow", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
_ROWS = Table(
    "shadow_divergences",
    _METADATA,
    Column("shadow", Integer, primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("symbol", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)


@dataclass(frozen=True)
class ShadowProgress:
    """How far a comparison has come, and what came of it.

    Attributes:
        next_sequence: the place in the log where it goes on.
        n_compared: decisions that were judged by both.
        n_diverged: those that came out otherwise.
        n_own: decisions that the version made itself, as a canary.
        flips: how many came from which verdict to which, of those whose verdict is another.
        rules: to how many each rule objects that did not, or no longer objects.
        symbols: how many diverged of each symbol.
        unread: how many could not be judged, by the reason.
        lacking: for each input that it reads and a snapshot did not have, how many.
        problem: why it does not go on; "" while it does.
    """

    next_sequence: int
    n_compared: int = 0
    n_diverged: int = 0
    n_own: int = 0
    flips: dict[str, int] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)
    symbols: dict[str, int] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)
    lacking: dict[str, int] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Compared:
    """What comparing a stretch of the log came to.

    Attributes:
        until: the place where the next stretch begins.
        chunk: what the version made of the decisions in it.
        own: the version's digest in hexadecimal digits: what it decided itself is not compared with itself.
    """

    until: int
    chunk: ImpactChunk
    own: str


class ShadowBoard(SqlFile):
    """The comparisons of one installation."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _METADATA)

    def progress(self, shadow: int) -> ShadowProgress | None:
        """How far the comparison of a shadow has come, by the place of its entry; None before its first stretch."""
        with self._reading() as connection:
            return _progress(connection, shadow)

    def all_progress(self) -> dict[int, ShadowProgress]:
        """How far every comparison has come, by the place of its entry."""
        with self._reading() as connection:
            found = connection.execute(select(_PROGRESS).order_by(_PROGRESS.c.shadow))
            return {row.shadow: msgspec.msgpack.decode(row.content, type=ShadowProgress) for row in found}

    def compared(self, shadow: int, compare: Callable[[int], Compared | None]) -> ShadowProgress:
        """A comparison moved on by one stretch.

        Args:
            shadow: the place of the entry that put the version into the shadow.
            compare: compares the stretch that begins at a place; None where nothing is new.
        """
        with self._writing() as connection:
            before = _progress(connection, shadow) or ShadowProgress(shadow + 1)
            found = compare(before.next_sequence)
            if found is None:
                return before
            after = _moved_on(before, found)
            connection.execute(
                insert_or_replace(connection.dialect, _PROGRESS),
                {"shadow": shadow, "content": msgspec.msgpack.encode(after)},
            )
            if found.chunk.rows:
                connection.execute(insert(_ROWS), [_row(shadow, row) for row in found.chunk.rows])
            return after

    def divergences(
        self, shadow: int, most: int, *, before: int | None = None, symbol: str | None = None
    ) -> tuple[ImpactRow, ...]:
        """Decisions that came out otherwise, newest first."""
        query = select(_ROWS.c.content).where(_ROWS.c.shadow == shadow)
        if before is not None:
            query = query.where(_ROWS.c.sequence < before)
        if symbol is not None:
            query = query.where(_ROWS.c.symbol == symbol)
        with self._reading() as connection:
            found = connection.execute(query.order_by(_ROWS.c.sequence.desc()).limit(most)).scalars()
            return tuple(msgspec.msgpack.decode(each, type=ImpactRow) for each in found)


def _progress(connection: Connection, shadow: int) -> ShadowProgress | None:
    content = connection.execute(select(_PROGRESS.c.content).where(_PROGRESS.c.shadow == shadow)).scalar()
    return None if content is None else msgspec.msgpack.decode(content, type=ShadowProgress)


def _row(shadow: int, row: ImpactRow) -> dict[str, object]:
    content = msgspec.msgpack.encode(row)
    return {"shadow": shadow, "sequence": row.sequence, "symbol": row.symbol, "content": content}


def _moved_on(before: ShadowProgress, found: Compared) -> ShadowProgress:
    chunk, rows = found.chunk, found.chunk.rows
    n_own = chunk.policies.get(found.own, 0)
    changed = Counter(rule for row in rows for rule in (*row.rules_added, *row.rules_dropped))
    return ShadowProgress(
        next_sequence=found.until,
        n_compared=before.n_compared + chunk.n_decisions - n_own,
        n_diverged=before.n_diverged + len(rows),
        n_own=before.n_own + n_own,
        flips=_sum(before.flips, Counter(row.flip for row in rows if row.is_flipped)),
        rules=_sum(before.rules, changed),
        symbols=_sum(before.symbols, Counter(row.symbol for row in rows)),
        unread=_sum(before.unread, chunk.unread),
        lacking=_sum(before.lacking, chunk.lacking),
    )


def _sum(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return dict(sorted((Counter(one) + Counter(other)).items()))
