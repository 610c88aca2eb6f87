"""The shipped strategy on the bundled data: one session run, one order run, and a stretch of the main job."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from api.bootstrap import open_desk
from api.settings import Settings
from api.use_cases.main_job import sessions_run
from api.use_cases.replaying import replayed
from dataflows.engine.compile import Generation, compiled_strategy
from dataflows.engine.run import Runner
from dataflows.us_equities import US_EQUITIES
from governance.entries import EntryKind
from governance.ports import LogStore
from governance.replay import ReplayOutcome
from nodes.vocabulary.units import Flag, Shares
from nodes.vocabulary.verdict import Verdict
from policies.parse import parsed_policy
from tests.benchmarks.timing import Effort, Row, figure_us, side_by_side
from tests.dataflows.engine.shipped import POLICY, lake, order_snapshot, session_snapshot, window

FIRST_ON = date(2005, 1, 3)
CALM_ON = date(2007, 5, 15)
_KEY = bytes(range(32))
_HARMLESS: Mapping[str, Any] = {
    "proposed_order_shares": 100,
    "position_shares": 0,
    "pending_buy_shares": 0,
    "pending_sell_shares": 0,
    "cash_usd": Decimal("900000.00"),
    "equity_usd": Decimal("1000000.00"),
    "gross_exposure_usd": Decimal("100000.00"),
    "peak_equity_usd": Decimal("1000000.00"),
    "day_start_equity_usd": Decimal("1000000.00"),
    "orders_today_count": 0,
}


def rows(folder: Path, effort: Effort, last_on: date) -> list[Row]:
    """The times of single runs, then the rate of the main job from its first session to `last_on`."""
    return [*_single_runs(effort), *_main_job(folder, last_on)]


def generation() -> Generation:
    """The shipped policy, compiled as it runs."""
    return compiled_strategy(parsed_policy(POLICY.read_bytes(), POLICY.name), US_EQUITIES)


def _single_runs(effort: Effort) -> list[Row]:
    compiled = generation()
    as_of = lake().calendar.close(CALM_ON)
    session = Runner(compiled.session, "research/benchmark", b"")
    order = Runner(compiled.order, "research/benchmark", b"")
    paper = Runner(compiled.order, "paper", b"", is_salted=True)
    inputs = session_snapshot(window(CALM_ON))
    harmless = replace(order_snapshot(session.session(inputs, as_of).values), **_HARMLESS)
    denied = replace(harmless, kill_switch_is_engaged=Flag(True))  # noqa: FBT003  # the field's unit
    clipped = replace(harmless, proposed_order_shares=Shares(10_000))
    assert order.order(clipped, as_of).decision.verdict is Verdict.CLIP
    assert order.order(harmless, as_of).decision.verdict is Verdict.PASS
    assert order.order(denied, as_of).decision.verdict is Verdict.DENY
    took = side_by_side(
        {
            "session": partial(session.session, inputs, as_of),
            "denied": partial(order.order, denied, as_of),
            "harmless": partial(order.order, harmless, as_of),
            "clipped": partial(order.order, clipped, as_of),
            "clipped, salted": partial(paper.order, clipped, as_of, (), _KEY),
            "denied, salted": partial(paper.order, denied, as_of, (), _KEY),
            "harmless, salted": partial(paper.order, harmless, as_of, (), _KEY),
        },
        effort,
    )
    n_bars = inputs.panel.height
    n_rules = len(compiled.order.rules)
    return [
        Row(f"session run, {len(compiled.session.nodes)} nodes over {n_bars:,} bars", figure_us(took["session"])),
        Row(
            f"order run, {len(compiled.order.nodes)} nodes with {n_rules} rules, all hold", figure_us(took["harmless"])
        ),
        Row("the same, one rule fails and says why", figure_us(took["denied"])),
        Row("the same with salted digests, all hold", figure_us(took["harmless, salted"])),
        Row("the same with salted digests, one rule fails", figure_us(took["denied, salted"])),
        Row("the same, five rules clip, sized again", figure_us(took["clipped"])),
        Row("the same with salted digests, five rules clip", figure_us(took["clipped, salted"])),
    ]


def _main_job(folder: Path, last_on: date) -> list[Row]:
    where = Settings(home=folder / "home", policy=POLICY)
    with open_desk(where, lake=lake()) as opened:
        timing = sessions_run(opened.desk, lake().sessions(FIRST_ON, last_on), _unseen)
        decisions_s, plans_s = (_replays_s(opened.desk.store, kind) for kind in (EntryKind.DECISION, EntryKind.PLAN))
    return [
        Row(
            f"main job: {timing.n_sessions} sessions, {timing.n_decisions} durable decisions",
            f"{timing.sessions_per_s:.0f} sessions/s",
        ),
        Row("decisions while deciding, a session's orders to a commit", f"{timing.decisions_per_s:,.0f}/s"),
        Row("replay of its decisions, all identical", f"{decisions_s:,.0f}/s", "", "", "100 % identical", is_met=True),
        Row("replay of its session runs, all identical", f"{plans_s:,.0f}/s", "", "", "100 % identical", is_met=True),
    ]


def _replays_s(store: LogStore, kind: EntryKind) -> float:
    """Replays a second of every run of a kind. An AssertionError says that one was not identical."""
    with store.reader() as reader:
        records = tuple(reader.of_kind(kind))
    started_s = time.perf_counter()
    reports = replayed(store, records)
    took_s = time.perf_counter() - started_s
    assert {report.outcome for report in reports} <= {ReplayOutcome.IDENTICAL}
    return len(reports) / took_s


def _unseen(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""
