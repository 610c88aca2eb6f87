"""Joins backtests with the world: a log of its own for each, the lake, the markets that ship, trainers, the page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import polars as pl

from adapters.files.keys import log_signer
from adapters.lake.calendar import xnys_calendar
from adapters.lake.domains.bars import BARS_DAILY
from adapters.lake.domains.market_events import HALTS
from adapters.lake.facts.store import FactStore
from adapters.lake.views.identity import security_id_on
from adapters.lake.views.universe import members
from adapters.log_folder import KEY
from api.bootstrap import fact_store, open_desk, read_file_assumptions, shell_clock
from api.pages.backtest_page import backtest_page
from api.settings import SHIPPED_ASSUMPTIONS, Settings
from api.use_cases.backtest_jobs import BacktestWork
from api.use_cases.backtest_retraining import TrainingGround
from api.use_cases.backtests import Backtest
from api.use_cases.desk import Desk, environment_bytes
from api.use_cases.feature_facts import feature_facts
from api.use_cases.jobs import JobDesk
from api.use_cases.leak_audit import bars_snapshot
from api.use_cases.model_desk import ModelDesk
from api.use_cases.policies import file_bytes
from api.use_cases.research_jobs import JobFits
from api.use_cases.sentiment import serving
from dataflows.features import FeatureSnapshot
from governance.ports import Transaction
from nodes.vocabulary.errors import DataError, EdgeError
from policies.parse import parsed_policy

_T = TypeVar("_T")
FOLDER = "backtests"
HELD_OUT = SHIPPED_ASSUMPTIONS.parents[1] / "us-equities-held-out" / "v1.yaml"
"""The market in which predictions of cost are judged."""
STUDIES = SHIPPED_ASSUMPTIONS.parents[2] / "research"
"""The research policies that ship."""


def backtest_home(settings: Settings, job_id: str) -> Path:
    """The folder of a backtest: its log, and what is written of it."""
    return settings.home / FOLDER / job_id


def backtest_work(
    settings: Settings, policy: Path | None = None, tell: Callable[[Backtest], None] | None = None
) -> BacktestWork:
    """What does backtest jobs, on the data of the settings, under their policy or another one."""
    return BacktestWork(
        desk=partial(_desk, settings, policy),
        held_out=partial(read_file_assumptions, HELD_OUT),
        page=backtest_page,
        halted=partial(halted_sessions, settings),
        tell=tell,
        ground=partial(_ground, settings),
    )


def shipped_study(name: str) -> Path:
    """The research policy of a family and version among those that ship. Raises EdgeError for one that does not."""
    found: dict[str, Path] = {}
    for file in sorted(STUDIES.glob("*/v*.yaml")):
        policy = parsed_policy(file_bytes(file), str(file)).policy
        found[f"{policy.family} v{policy.version}"] = file
    if name not in found:
        message = f"study {name!r} does not ship, only {', '.join(found)}; hand over its file with --model-study"
        raise EdgeError(message, reason="not-found")
    return found[name]


@dataclass(frozen=True)
class MemberUniverse:
    """The members of an index as they were known on a day, whatever became of them.

    Attributes:
        names: those with bars in the lake.
        without_bars: members that the lake has no bars of.
    """

    names: tuple[str, ...]
    without_bars: tuple[str, ...]


def member_universe(settings: Settings, index: str, on: date) -> MemberUniverse:
    """The universe of a backtest without survivors only: who was in an index at its first close.

    Raises EdgeError when no lake is named, or it knows no member with bars.
    """
    store = fact_store(settings)
    known_at = xnys_calendar(on, on + timedelta(days=7)).closed_at[0]
    found = members(store, index, on, known_at)
    with_bars = set(store.as_of(BARS_DAILY, shell_clock()).select("security_id").unique().collect()["security_id"])
    names = tuple(name for name in found if _security(store, name, on, known_at) in with_bars)
    if not names:
        message = f"index {index!r} has {len(found)} members on {on}, none with bars in the lake"
        raise EdgeError(f"{message}; import its membership and the bars of its members, those that are gone too")
    return MemberUniverse(names, tuple(name for name in found if name not in names))


def halted_sessions(settings: Settings) -> frozenset[tuple[str, date]]:
    """Sessions that a symbol of the universe was halted through, as the lake knows them; none without a lake.

    A halt counts that began by the close before and had not ended by the session's own: shorter ones leave a daily bar
    to trade on.
    """
    if settings.lake is None:
        return frozenset()
    own = pl.col("symbol").is_in([name.partition(":")[0] for name in settings.universe])
    rows = fact_store(settings).as_of(HALTS, shell_clock(), where=own).collect()
    found: set[tuple[str, date]] = set()
    for symbol, halted_at, resumed_at in rows.select("symbol", "halted_at", "resumed_at").iter_rows():
        ends_on = shell_clock().date() if resumed_at is None else resumed_at.date()
        if ends_on > halted_at.date():
            calendar = xnys_calendar(halted_at.date() - timedelta(days=7), ends_on)
            closes = zip(calendar.session_ons[1:], calendar.closed_at, calendar.closed_at[1:], strict=False)
            found |= {
                (symbol, day)
                for day, before, close in closes
                if halted_at <= before and (resumed_at is None or resumed_at >= close)
            }
    return frozenset(found)


def _security(store: FactStore, symbol: str, on: date, known_at: datetime) -> str | None:
    try:
        return security_id_on(store, symbol, on, known_at)
    except DataError:
        return None


@contextmanager
def _desk(settings: Settings, policy: Path | None, job_id: str) -> Iterator[Desk]:
    """A desk in research on a log of its own."""
    own = replace(
        settings, home=backtest_home(settings, job_id), origin=f"research/backtest-{job_id}", database_url=None
    )
    with open_desk(own, policy) as opened:
        yield opened.desk
        opened.folder.checkpoint()


def _ground(settings: Settings, desk: Desk, job: JobDesk) -> TrainingGround:
    """What trains a model in a backtest's own log: half of the cores, fits kept among the parts of the job."""

    def append(work: Callable[[Transaction], _T], /) -> _T:
        return desk.writer.submit(work).result()

    models = ModelDesk(
        store=desk.store,
        append=append,
        clock=desk.clock,
        environment=environment_bytes(desk.environment),
        salt_key=desk.salt_key,
        signer=log_signer(backtest_home(settings, job.job.job_id) / KEY, desk.store.origin),
        is_direct=True,
    )
    known = partial(_facts, settings, desk) if settings.lake is not None else partial(_bars, bars_snapshot(desk.lake))
    return TrainingGround(models, known, JobFits(job), max(1, (os.cpu_count() or 2) // 2))


def _facts(settings: Settings, desk: Desk, session_on: date) -> FeatureSnapshot:
    """The facts of the lake that the settings name, as they were known at a close."""
    return feature_facts(fact_store(settings), serving(settings.sentiment_head), desk.lake.calendar.close(session_on))


def _bars(bars: FeatureSnapshot, _session_on: date) -> FeatureSnapshot:
    """The bundled bars, which were never corrected: whoever trains cuts them off."""
    return bars
