"""The shipped strategy on the bundled data: one session run, one order run, and a stretch of the main job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from api.bootstrap import open_desk
from api.settings import Settings
from api.use_cases.main_job import JobTiming, sessions_run
from dataflows.engine.compile import Generation, compiled_strategy
from dataflows.engine.run import Runner
from dataflows.us_equities import US_EQUITIES
from policies.parse import parsed_policy
from tests.benchmarks.timing import Effort, Row, figure_us, side_by_side
from tests.dataflows.engine.shipped import AS_OF_ON, POLICY, lake, order_snapshot, session_snapshot, window

FIRST_ON = date(2005, 1, 3)
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
    as_of = lake().calendar.close(AS_OF_ON)
    session = Runner(compiled.session, "research/benchmark", b"")
    order = Runner(compiled.order, "research/benchmark", b"")
    inputs = session_snapshot(window(AS_OF_ON))
    judged = order_snapshot(session.session(inputs, as_of).values)
    harmless = replace(judged, **_HARMLESS)
    took = side_by_side(
        {
            "session": partial(session.session, inputs, as_of),
            "judged": partial(order.order, judged, as_of),
            "harmless": partial(order.order, harmless, as_of),
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
        Row("the same, some rules fail and say why", figure_us(took["judged"])),
    ]


def _main_job(folder: Path, last_on: date) -> list[Row]:
    timing = _job_timing(folder, last_on)
    return [
        Row(
            f"main job: {timing.n_sessions} sessions, {timing.n_decisions} durable decisions",
            f"{timing.sessions_per_s:.0f} sessions/s",
        ),
        Row("decisions while deciding, a session's orders to a commit", f"{timing.decisions_per_s:,.0f}/s"),
    ]


def _job_timing(folder: Path, last_on: date) -> JobTiming:
    where = Settings(home=folder / "home", policy=POLICY)
    with open_desk(where, lake=lake()) as opened:
        return sessions_run(opened.desk, lake().sessions(FIRST_ON, last_on), _unseen)


def _unseen(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""
