"""`python -m tests.benchmarks.refresh`: the catalog served for a universe and for one share, session after session.

Made-up facts of every domain: a few shares' worlds, copied under other names. Every share has a bar, option quotes, a
text and a borrow fee each session, and filings, estimates, ratings and reports on their days. What a line measures is
one call of `Serving.advanced`: new bars and facts in, the new row of every feature out, contracts held. Reading the
lake and putting the snapshot together are not in it. The figure is the time of the processor, of all threads, in the
session that took least: on a busy machine the clock says more of the others than of this. The clock's time is beside.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import partial

import polars as pl
from rich.console import Console

from adapters.lake.calendar import xnys_calendar
from api.use_cases.leak_audit import feature_plan
from dataflows.audit.leaks import audited_names
from dataflows.audit.made_up import made_up_tables
from dataflows.engine.plan import Plan
from dataflows.engine.serving import Serving
from dataflows.feature_serving import feature_keeping, feature_news
from dataflows.feature_snapshots import feature_snapshot
from dataflows.features import FeatureSnapshot
from nodes.vocabulary.units import Panel
from tests.benchmarks import table
from tests.benchmarks.timing import Effort, Row, figure_us, pace

_YEARS = (date(2014, 1, 2), date(2018, 12, 31))
_SUBJECTS = ("security_id", "symbol", "underlying_id", "cik", "cusip", "text_id")
UNIVERSE_TARGET_MS, SHARE_TARGET_MS = 500.0, 10.0
PAGE = table.PAGE.with_name("benchmarks-refresh.md")
_ABOUT = (
    "A line is one call of `Serving.advanced` (`dataflows/engine/serving.py`): new bars and facts in, the new row of",
    "every feature out, contracts held. Reading the lake and putting the snapshot together are not in it. Figures are",
    "the processor's, all threads, in the session that took least; the clock's is beside. The pace is the clock's, and",
    "0.4 ms when the machine is idle. The start is paid once a process.",
)


@dataclass(frozen=True)
class Extent:
    """How much is served.

    Attributes:
        n_shares: shares of the universe.
        n_worlds: worlds that are made up; the others are copies.
        n_sessions: sessions of history; windows of 756 rows want more than that.
        n_served: sessions that are served and timed.
    """

    n_shares: int = 500
    n_worlds: int = 5
    n_sessions: int = 800
    n_served: int = 5


def tables(extent: Extent) -> tuple[dict[str, pl.DataFrame], list[datetime]]:
    """Facts of the universe by domain, and the closes of its sessions."""
    calendar = xnys_calendar(*_YEARS)
    closes = [calendar.close(day) for day in calendar.between(*_YEARS)][-extent.n_sessions :]
    worlds = [made_up_tables(closes, seed, symbols=(f"W{seed:02d}",)) for seed in range(extent.n_worlds)]
    n_copies = extent.n_shares // extent.n_worlds
    copied = {name: _copies([world[name] for world in worlds], n_copies) for name in worlds[0] if name != "factors"}
    return {**copied, "factors": worlds[0]["factors"]}, closes


def _copies(parts: Sequence[pl.DataFrame], n_copies: int) -> pl.DataFrame:
    whole = pl.concat(parts)
    named = [name for name in _SUBJECTS if name in whole.columns]
    copies = [whole.with_columns(pl.col(named) + f"-{number:03d}") for number in range(n_copies)]
    return pl.concat(copies).sort("known_at", maintain_order=True).with_columns(sequence=pl.int_range(1, pl.len() + 1))


@dataclass(frozen=True)
class Session:
    """What is new of a session, and when it closed."""

    news: FeatureSnapshot
    close: datetime


@dataclass(frozen=True)
class Universe:
    """A history to start from, and the sessions after it."""

    start: FeatureSnapshot
    started_at: datetime
    sessions: tuple[Session, ...]


def universe(extent: Extent) -> Universe:
    """The history and the sessions after it."""
    facts, closes = tables(extent)
    whole = feature_snapshot(facts, closes[-1])
    at = closes[-extent.n_served - 1 :]
    cut = [_until(whole, close) for close in at]
    news = [feature_news(snapshot, before) for snapshot, before in zip(cut[1:], at, strict=False)]
    return Universe(cut[0], at[0], tuple(Session(new, close) for new, close in zip(news, at[1:], strict=True)))


def _until(whole: FeatureSnapshot, close: datetime) -> FeatureSnapshot:
    """What was known of a snapshot by an earlier close: none of its facts is ever changed."""
    facts: dict[str, Panel] = {
        name: Panel(frame.filter(pl.col("known_at") <= close)) for name, frame in _facts(whole).items()
    }
    panel, index = (frame.filter(pl.col("session_on") <= close.date()) for frame in (whole.panel, whole.index_panel))
    changed = {**facts, "panel": Panel(panel), "index_panel": Panel(index), "session_on": close.date()}
    return replace(whole, **changed)  # type: ignore[arg-type]  # fields by their names


def _facts(snapshot: FeatureSnapshot) -> Mapping[str, pl.DataFrame]:
    frames = {item.name: getattr(snapshot, item.name) for item in fields(snapshot)}
    return {name: item for name, item in frames.items() if isinstance(item, pl.DataFrame) and "known_at" in item}


def _bars_alone(session: Session) -> Session:
    """The session without any new fact: a bar that comes in between."""
    bare = {name: Panel(frame.clear()) for name, frame in _facts(session.news).items()}
    return Session(replace(session.news, **bare), session.close)  # type: ignore[arg-type]  # fields by their names


@dataclass(frozen=True)
class Spent:
    """Microseconds of one call: by the processor, and by the clock."""

    processor_us: float
    clock_us: float


def spent_on(work: Callable[[], object]) -> Spent:
    """What one call takes."""
    from_ns = time.process_time_ns(), time.perf_counter_ns()
    work()
    until_ns = time.process_time_ns(), time.perf_counter_ns()
    return Spent((until_ns[0] - from_ns[0]) / 1000, (until_ns[1] - from_ns[1]) / 1000)


def served(plan: Plan, given: Universe) -> tuple[Spent, list[Spent]]:
    """What the start takes, and each session after it."""
    started: list[Serving] = []
    keeping = feature_keeping(plan)
    start = spent_on(lambda: started.append(Serving(plan, given.start, given.started_at, keeping)))
    return start, [spent_on(partial(started[0].advanced, item.news, item.close)) for item in given.sessions]


def rows(extent: Extent, one_share: Extent) -> list[Row]:
    """The lines of the table: the universe, and one share of a universe of one, with news and without."""
    plan = feature_plan()
    n_features = len(audited_names(plan))
    given, alone = universe(extent), universe(one_share)
    quiet = replace(alone, sessions=tuple(_bars_alone(session) for session in alone.sessions))
    start, spent = served(plan, given)
    what = f"{n_features} features of {extent.n_shares} shares"
    return [
        _row(f"{what}, a session with news in every domain", spent, UNIVERSE_TARGET_MS),
        Row(
            f"{what}, the start over {extent.n_sessions} sessions",
            figure_us(start.processor_us),
            f"by the clock {figure_us(start.clock_us)}",
        ),
        _row(f"{n_features} features of one share, a new bar", served(plan, quiet)[1], SHARE_TARGET_MS),
        _row(f"{n_features} features of one share, a session with news", served(plan, alone)[1], None),
    ]


def _row(what: str, spent: Sequence[Spent], target_ms: float | None) -> Row:
    best_us = min(item.processor_us for item in spent)
    beside = f"by the clock {figure_us(min(item.clock_us for item in spent))}, least of {len(spent)} sessions"
    if target_ms is None:
        return Row(what, figure_us(best_us), beside)
    return Row(what, figure_us(best_us), beside, "", f"under {target_ms:.0f} ms", best_us < target_ms * 1000)


def main() -> None:
    """Measure, print, write."""
    console = Console(width=None if sys.stdout.isatty() else 170)
    one_share = Extent(n_shares=1, n_worlds=1, n_served=30)
    found = [pace(Effort()), *rows(Extent(), one_share)]
    table.printed(found, console)
    command, title = "python -m tests.benchmarks.refresh", "Benchmarks of serving features"
    PAGE.write_text(table.page(found, command, title, _ABOUT), encoding="utf-8")
    console.print(f"Written to {PAGE.name}")


if __name__ == "__main__":
    main()
