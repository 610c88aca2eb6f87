"""How fast a backtest is, and how far costs are off: `python -m tests.benchmarks.backtest [LAST_ON]`.

Times are CPU seconds of this process, since machines are busy: of the kept run once, of trials the least of three, of
the sweep the least of three. The reality gap is that of the tear sheet, over the same span.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from adapters.lake.lake import bundled_lake
from api.backtest_parts import HELD_OUT
from api.bootstrap import open_desk, read_file_assumptions
from api.settings import Settings
from api.use_cases.backtest_figures import backtest_figures
from api.use_cases.backtest_gap import RealityGap, reality_gap
from api.use_cases.backtest_run import kept_run, run_entries, trial_run
from api.use_cases.backtest_tables import BacktestTables, backtest_tables
from api.use_cases.backtests import sweep_market
from api.use_cases.desk import Desk
from dataflows.backtest.shared import SharedSessions
from dataflows.backtest.sweep import sweep
from dataflows.us_equities import history_sessions
from governance.entries import EntryKind

FIRST_ON, LAST_ON = date(2005, 1, 3), date(2013, 3, 1)
_N_REPEATS = 3


def _silent(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody reads."""


def cpu_s(work: Callable[[], object], n_repeats: int = _N_REPEATS) -> float:
    """The least CPU time of some repeats."""
    taken = []
    for _ in range(n_repeats):
        started_s = time.process_time()
        work()
        taken.append(time.process_time() - started_s)
    return min(taken)


def lines(desk: Desk, sessions: Sequence[date]) -> list[str]:
    """The table, line by line."""
    plan = desk.active.session.plan
    shared = SharedSessions(plan)
    kept_s = cpu_s(lambda: kept_run(desk, sessions, shared, _silent), 1)
    with desk.store.reader() as reader:
        run = run_entries(reader, desk.account_id)
        tables = backtest_tables(run, desk.lake, desk.active.order.layout, desk.opening_cash_usd)
    n_decisions = len(run.of_kind(EntryKind.DECISION))
    trial_s = cpu_s(lambda: trial_run(desk, sessions, shared, _silent))
    tables_s = cpu_s(lambda: backtest_figures(tables))
    market = sweep_market(desk.lake, sessions[0], sessions[-1], history_sessions(plan.params))
    sweep_s = cpu_s(lambda: sweep(plan, market, [{}], 15.0))
    n = len(sessions)
    bars = desk.lake.panel.height
    return [
        f"{n:,} sessions, {n_decisions:,} decisions, {bars:,} bars",
        f"kept run, every trace on a log     {kept_s:8.1f} s {n / kept_s:10,.0f} sessions/s",
        f"trial on the same sessions         {trial_s:8.2f} s {n / trial_s:10,.0f} sessions/s {kept_s / trial_s:6.0f}x",
        f"figures of the tables              {tables_s:8.2f} s",
        f"sweep, one setting over bars       {sweep_s:8.2f} s {n / sweep_s:10,.0f} sessions/s {kept_s / sweep_s:6.0f}x",
        *gap_lines(_gap(desk, sessions, shared, tables)),
    ]


def _gap(desk: Desk, sessions: Sequence[date], shared: SharedSessions, tables: BacktestTables) -> RealityGap:
    held_out = read_file_assumptions(HELD_OUT)
    other = trial_run(replace(desk, assumptions=held_out), sessions, shared, _silent)
    orders = backtest_tables(other, desk.lake, desk.active.order.layout, desk.opening_cash_usd).orders
    return reality_gap(tables.orders, orders, held_out.name)


def gap_lines(gap: RealityGap) -> list[str]:
    """The reality gap as text."""
    head = f"reality gap of orders from {gap.split_on} on, {gap.n_calibrating} before it calibrate"
    rows = [
        f"  {row.predictor:<10} {row.market:<10} {row.found.n_orders:5} orders, {row.found.within_frac:6.1%} within "
        f"10 %, median gap {row.found.gap_quantiles[2]:6.1%}, mean error {row.found.mean_error_bps:+6.2f} bps"
        for row in gap.rows
    ]
    return [head, *rows]


def main(last_on: date) -> None:
    """Print the table."""
    lake = bundled_lake()
    with tempfile.TemporaryDirectory(prefix="assay-backtest-") as folder:
        settings = Settings(home=Path(folder) / "home", origin="research/benchmark")
        with open_desk(settings, lake=lake) as opened:
            for line in lines(opened.desk, lake.sessions(FIRST_ON, last_on)):
                sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(date.fromisoformat(sys.argv[1]) if len(sys.argv) > 1 else LAST_ON)
