"""What was counted for objectives, kept in SQLite beside the log: one row an objective and moment, never going back.

Servers that are started again count from zero; what is kept here goes on. Of several processes of a server that count
at the same moment one is first, and its row stands. Servers that share a home count each for itself: their counters
have nothing to do with one another, and what they count adds up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import BigInteger, Column, Connection, Float, MetaData, Table, Text, and_, delete, func, select, update

from adapters.sql.dialect import insert_or_keep, insert_or_replace
from adapters.sql.sql_file import SqlFile
from nodes.kernels.error_budgets import increase
from nodes.vocabulary.instants import instant_from_ns, instant_ns

SLO_SAMPLES = "slo-samples.db"
"""The file in a home."""
_METADATA = MetaData()
_SAMPLES = Table(
    "slo_samples",
    _METADATA,
    Column("objective", Text, primary_key=True),
    Column("at_ns", BigInteger, primary_key=True),
    Column("total", Float, nullable=False),
    Column("bad", Float, nullable=False),
)
_RAW = Table(
    "slo_counters",
    _METADATA,
    Column("source", Text, primary_key=True),
    Column("objective", Text, primary_key=True),
    Column("total", Float, nullable=False),
    Column("bad", Float, nullable=False),
)
_TURNS = Table(
    "slo_turns",
    _METADATA,
    Column("source", Text, primary_key=True),
    Column("at_ns", BigInteger, primary_key=True),
)
HOME = "/home"
"""The source of what is looked at for the whole home: no server has this name."""
_EPISODES = Table(
    "slo_episodes",
    _METADATA,
    Column("objective", Text, primary_key=True),
    Column("window", Text, primary_key=True),
    Column("began_at_ns", BigInteger, nullable=False),
)


@dataclass(frozen=True)
class Counted:
    """What was counted of an objective at a moment.

    Attributes:
        objective: its name.
        total: events.
        bad: those that were bad.
        is_counter: whether these are counters as a process shows them; else so many more since the last moment.
    """

    objective: str
    total: float
    bad: float
    is_counter: bool = True


@dataclass(frozen=True)
class Stretch:
    """What was counted between two moments.

    Attributes:
        since: the first of them: at the beginning of the stretch, or the first that there is.
        until: the last.
        total: events.
        bad: those that were bad.
    """

    since: datetime
    until: datetime
    total: float
    bad: float


class SloSamples(SqlFile):
    """The samples of one installation, in a file of their own."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _METADATA)

    def has_turn(self, at: datetime, every_s: int, source: str = "") -> bool:
        """Whether a process is the first of its source that comes in a stretch of so many seconds."""
        turn_ns, mine = instant_ns(at) // (every_s * 10**9), _TURNS.c.source == source
        with self._reading() as connection:
            if connection.execute(select(_TURNS.c.at_ns).where(mine, _TURNS.c.at_ns >= turn_ns)).first() is not None:
                return False
        row = {"source": source, "at_ns": turn_ns}
        with self._writing() as connection:
            is_first = bool(connection.execute(insert_or_keep(connection.dialect, _TURNS), row).rowcount)
            connection.execute(delete(_TURNS).where(mine, _TURNS.c.at_ns < turn_ns))
        return is_first

    def keep(self, at: datetime, counted: Iterable[Counted], since: datetime, source: str = "") -> None:
        """Keep what a source counted at a moment, and forget what was counted before another one."""
        at_ns = instant_ns(at)
        with self._writing() as connection:
            for each in counted:
                self._keep(connection, at_ns, each, source)
            connection.execute(delete(_SAMPLES).where(_SAMPLES.c.at_ns < instant_ns(since)))

    def objectives(self) -> tuple[str, ...]:
        """Names of all objectives of which something was counted."""
        with self._reading() as connection:
            query = select(_SAMPLES.c.objective).distinct().order_by(_SAMPLES.c.objective)
            return tuple(connection.execute(query).scalars())

    def stretch(self, objective: str, since: datetime, until: datetime) -> Stretch | None:
        """What was counted in a stretch: from the last moment that is not after its beginning to the last in it.

        From the first moment that there is when none is that old; None when there are not two.
        """
        mine = _SAMPLES.c.objective == objective
        before = and_(mine, _SAMPLES.c.at_ns <= instant_ns(since))
        with self._reading() as connection:
            last = connection.execute(
                select(_SAMPLES).where(mine, _SAMPLES.c.at_ns <= instant_ns(until)).order_by(_SAMPLES.c.at_ns.desc())
            ).first()
            first = connection.execute(select(_SAMPLES).where(before).order_by(_SAMPLES.c.at_ns.desc())).first()
            if first is None:
                first = connection.execute(select(_SAMPLES).where(mine).order_by(_SAMPLES.c.at_ns)).first()
        if first is None or last is None or first.at_ns >= last.at_ns:
            return None
        span = instant_from_ns(first.at_ns), instant_from_ns(last.at_ns)
        return Stretch(*span, last.total - first.total, last.bad - first.bad)

    def burning(self, objective: str, window: str, at: datetime) -> datetime:
        """Since when a budget burns too fast: now, unless it was noticed before."""
        row = {"objective": objective, "window": window, "began_at_ns": instant_ns(at)}
        mine = and_(_EPISODES.c.objective == objective, _EPISODES.c.window == window)
        with self._writing() as connection:
            connection.execute(insert_or_keep(connection.dialect, _EPISODES), row)
            began_at_ns = connection.execute(select(_EPISODES.c.began_at_ns).where(mine)).scalar_one()
        return instant_from_ns(began_at_ns)

    def calm(self, objective: str, window: str) -> None:
        """A budget burns too fast no longer."""
        mine = and_(_EPISODES.c.objective == objective, _EPISODES.c.window == window)
        with self._reading() as connection:
            if connection.execute(select(_EPISODES.c.began_at_ns).where(mine)).first() is None:
                return
        with self._writing() as connection:
            connection.execute(delete(_EPISODES).where(mine))

    def burning_since(self) -> dict[tuple[str, str], datetime]:
        """Every budget that burns too fast, by objective and window, and since when."""
        with self._reading() as connection:
            rows = connection.execute(select(_EPISODES)).all()
        return {(row.objective, row.window): instant_from_ns(row.began_at_ns) for row in rows}

    def _keep(self, connection: Connection, at_ns: int, counted: Counted, source: str) -> None:
        newest = select(func.max(_SAMPLES.c.at_ns)).where(_SAMPLES.c.objective == counted.objective).scalar_subquery()
        mine = and_(_SAMPLES.c.objective == counted.objective, _SAMPLES.c.at_ns == newest)
        last = connection.execute(select(_SAMPLES).where(mine)).first()
        total, bad = self._grown(connection, counted, source)
        if last is not None and last.at_ns >= at_ns:  # the clock was set back: nothing that was counted is lost
            values = {"total": _SAMPLES.c.total + total, "bad": _SAMPLES.c.bad + bad}
            connection.execute(update(_SAMPLES).where(mine).values(values))
            return
        row = {"objective": counted.objective, "at_ns": at_ns}
        before = (0.0, 0.0) if last is None else (last.total, last.bad)
        row |= {"total": before[0] + total, "bad": before[1] + bad}
        connection.execute(insert_or_replace(connection.dialect, _SAMPLES), row)

    def _grown(self, connection: Connection, counted: Counted, source: str) -> tuple[float, float]:
        """How many more events there were, and bad ones: a counter that fell was begun anew."""
        if not counted.is_counter:
            return counted.total, counted.bad
        mine = and_(_RAW.c.source == source, _RAW.c.objective == counted.objective)
        raw = connection.execute(select(_RAW).where(mine)).first()
        row = {"source": source, "objective": counted.objective, "total": counted.total, "bad": counted.bad}
        connection.execute(insert_or_replace(connection.dialect, _RAW), row)
        if raw is None:
            return 0.0, 0.0  # what was counted before anybody looked is of no known time
        if counted.total < raw.total:
            return counted.total, counted.bad
        return counted.total - raw.total, increase(raw.bad, counted.bad)
