"""The book of outages: what an upstream did to a home's servers, from when to when, in a file that they share.

An upstream has one open outage at a time, however many workers notice it: whoever writes it down first is the one to
tell of it. It stays open over a restart, and is closed by whoever is answered again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, case, select, update

from adapters.sql.dialect import insert_or_keep
from adapters.sql.sql_file import SqlFile
from nodes.vocabulary.instants import instant_from_ns, instant_ns

FILE = "outages.db"
_METADATA = MetaData()
_OUTAGES = Table(
    "outages",
    _METADATA,
    Column("sequence", Integer, primary_key=True),
    Column("upstream", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("good_at_ns", BigInteger),
    Column("began_at_ns", BigInteger, nullable=False),
    Column("noticed_at_ns", BigInteger, nullable=False),
    Column("ended_at_ns", BigInteger),
    Column("n_probes", Integer, nullable=False),
    Column("n_from_memory", Integer, nullable=False),
    Column("n_refused", Integer, nullable=False),
    Column("oldest_s", Integer, nullable=False),
)
_OPEN = _OUTAGES.c.ended_at_ns.is_(None)
Index("one_open_outage", _OUTAGES.c.upstream, unique=True, sqlite_where=_OPEN)


@dataclass(frozen=True, slots=True)
class Harm:
    """What an outage did to those who asked.

    Attributes:
        n_probes: times it was asked whether it is back.
        n_from_memory: answers that were given from memory in its place.
        n_refused: questions that were refused.
        oldest_s: age of the oldest answer from memory.
    """

    n_probes: int = 0
    n_from_memory: int = 0
    n_refused: int = 0
    oldest_s: int = 0


@dataclass(frozen=True, slots=True)
class Outage:
    """A time for which an upstream did not answer.

    Attributes:
        upstream: its name.
        because: what was seen.
        good_at: when it last answered before; None when nobody of this process had asked it.
        began_at: when it first did not answer.
        noticed_at: when its circuit opened.
        ended_at: when it answered again; None while it does not.
        harm: what it did to those who asked.
    """

    upstream: str
    because: str
    good_at: datetime | None
    began_at: datetime
    noticed_at: datetime
    ended_at: datetime | None = None
    harm: Harm = Harm()

    @property
    def noticed_after_s(self) -> float:
        """Seconds from the first question that failed until the circuit opened."""
        return (self.noticed_at - self.began_at).total_seconds()

    @property
    def lasted_s(self) -> float | None:
        """Seconds from the first question that failed until an answer came again; None while none does."""
        return None if self.ended_at is None else (self.ended_at - self.began_at).total_seconds()


class OutageBook(SqlFile):
    """The outages of a home.

    Args:
        path: of the file.
        clock: now, in UTC.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        super().__init__(path, _METADATA)
        self.clock = clock

    def begun(self, outage: Outage) -> bool:
        """Write an outage down, unless its upstream has an open one. Returns whether it was new."""
        row = {
            "upstream": outage.upstream,
            "because": outage.because,
            "good_at_ns": None if outage.good_at is None else instant_ns(outage.good_at),
            "began_at_ns": instant_ns(outage.began_at),
            "noticed_at_ns": instant_ns(outage.noticed_at),
            **_harm_row(outage.harm),
        }
        with self._writing() as connection:
            done = connection.execute(insert_or_keep(connection.dialect, _OUTAGES), row)
            return bool(done.rowcount)

    def harmed(self, upstream: str, harm: Harm) -> None:
        """Add to what the open outage of an upstream did."""
        with self._writing() as connection:
            connection.execute(_open_of(upstream).values(_added(harm)))

    def ended(self, upstream: str, harm: Harm) -> bool:
        """Close the open outage of an upstream. Returns whether it had one."""
        ended = {"ended_at_ns": instant_ns(self.clock()), **_added(harm)}
        with self._writing() as connection:
            return bool(connection.execute(_open_of(upstream).values(ended)).rowcount)

    def open_ones(self) -> tuple[Outage, ...]:
        """The outages that have not ended."""
        with self._reading() as connection:
            rows = connection.execute(select(_OUTAGES).where(_OPEN).order_by(_OUTAGES.c.sequence))
            return tuple(_outage(row) for row in rows)

    def newest(self, count: int) -> tuple[Outage, ...]:
        """So many outages, the newest first."""
        with self._reading() as connection:
            rows = connection.execute(select(_OUTAGES).order_by(_OUTAGES.c.sequence.desc()).limit(count))
            return tuple(_outage(row) for row in rows)


def _open_of(upstream: str) -> Any:  # noqa: ANN401  # an UPDATE
    return update(_OUTAGES).where(_OUTAGES.c.upstream == upstream, _OPEN)


def _harm_row(harm: Harm) -> dict[str, Any]:
    return {
        "n_probes": harm.n_probes,
        "n_from_memory": harm.n_from_memory,
        "n_refused": harm.n_refused,
        "oldest_s": harm.oldest_s,
    }


def _added(harm: Harm) -> dict[str, Any]:
    columns = _OUTAGES.c
    counted = {name: columns[name] + n for name, n in _harm_row(harm).items() if name != "oldest_s"}
    return counted | {"oldest_s": case((columns.oldest_s < harm.oldest_s, harm.oldest_s), else_=columns.oldest_s)}


def _outage(row: Any) -> Outage:  # noqa: ANN401  # a row
    good, ended = row.good_at_ns, row.ended_at_ns
    return Outage(
        upstream=row.upstream,
        because=row.because,
        good_at=None if good is None else instant_from_ns(good),
        began_at=instant_from_ns(row.began_at_ns),
        noticed_at=instant_from_ns(row.noticed_at_ns),
        ended_at=None if ended is None else instant_from_ns(ended),
        harm=Harm(row.n_probes, row.n_from_memory, row.n_refused, row.oldest_s),
    )
