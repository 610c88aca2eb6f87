"""`python -m tests.benchmarks.load`: a real server under open-loop load; prints the table.

`--seconds` shortens every scenario, `--only` picks some; `--write` keeps the table as docs/benchmarks-serving.md.
Target and conditions: DESIGN section 7.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from tests.benchmarks import table
from tests.benchmarks.load.postgresql import database
from tests.benchmarks.load.scenarios import (
    TARGET_P99_MS,
    Bench,
    Extent,
    reload_under_load,
    saturation,
    steady,
)
from tests.benchmarks.timing import Effort, Row, fdatasync_us, figure_us, pace

RATES_S = (250, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4000)
TABLE_WIDTH = 200
ABOUT = (
    "Client and server share the machine. Orders arrive on a schedule fixed ahead, and latency counts from the",
    "instant at which an order was due, so that a server that falls behind cannot hide it. After each run every",
    "answer is looked up in the log, and the log is verified.",
)


def target(folder: Path, extent: Extent) -> Iterator[Row]:
    """The target load on one worker and SQLite."""
    outcome = steady(Bench(folder, extent))
    yield outcome.row(_what(extent, "one worker, SQLite"), target=_target(extent), is_met=outcome.is_met)


def two_workers(folder: Path, extent: Extent) -> Iterator[Row]:
    """The same on two workers."""
    outcome = steady(Bench(folder, extent, workers=2))
    yield outcome.row(_what(extent, "two workers, SQLite"))


def postgresql(folder: Path, extent: Extent) -> Iterator[Row]:
    """The same on PostgreSQL."""
    folder.mkdir(parents=True)
    with database() as url:
        outcome = steady(Bench(folder, extent, environment={"ASSAY_DATABASE_URL": url}))
    yield outcome.row(_what(extent, "one worker, PostgreSQL"))


def saturated(folder: Path, extent: Extent) -> Iterator[Row]:
    """The highest rate that keeps p99 under the target."""
    best_s, outcome = saturation(Bench(folder, extent), RATES_S)
    yield outcome.row(f"saturation: p99 under {TARGET_P99_MS:.0f} ms up to {best_s:,.0f}/s of {RATES_S}")


def reloaded(folder: Path, extent: Extent) -> Iterator[Row]:
    """A policy that is replaced under load."""
    before, around, outcome = reload_under_load(Bench(folder, extent))
    ratio = around.p99_ms / before.p99_ms
    is_met = ratio <= 2 and not outcome.figures.n_errors and not outcome.held.complaints
    row = outcome.row(f"policy reload under {extent.rate_s:,.0f}/s", target="p99 at most 2x, no request lost, no mix")
    yield Row(
        row.what,
        f"p99 of the 5 s around it {around.p99_ms:.1f} ms, before {before.p99_ms:.1f} ms{outcome.notes}",
        f"{outcome.figures.n_errors} errors; {row.beside}",
        f"{ratio:.1f}x",
        row.target,
        is_met,
    )


SCENARIOS: dict[str, Callable[[Path, Extent], Iterator[Row]]] = {
    "target": target,
    "workers": two_workers,
    "postgresql": postgresql,
    "saturation": saturated,
    "reload": reloaded,
}


def rows(folder: Path, extent: Extent, only: list[str], console: Console) -> Iterator[Row]:
    """The table's rows, the machine's own speed around them."""
    yield pace(Effort())
    for name in only or SCENARIOS:
        with console.status(name):
            yield from SCENARIOS[name](folder / name, extent)
    yield Row("fdatasync of 4 KiB on this machine's disk", figure_us(fdatasync_us(folder, 200)))


def _what(extent: Extent, where: str) -> str:
    return f"durable decisions through HTTP, {where}, {extent.rate_s:,.0f}/s for {extent.seconds:.0f} s, open loop"


def _target(extent: Extent) -> str:
    return f"p99 under {TARGET_P99_MS:.0f} ms from intended start at {extent.rate_s:,.0f}/s, no error"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=Extent.seconds, help="length of each scenario")
    parser.add_argument("--rate", type=float, default=Extent.rate_s, help="orders a second")
    parser.add_argument("--accounts", type=int, default=Extent.n_accounts, help="accounts that share the orders")
    parser.add_argument("--only", action="append", choices=list(SCENARIOS), default=[], help="one scenario; repeat")
    parser.add_argument("--write", action="store_true", help=f"write the table to {table.LOAD_PAGE.name} as well")
    chosen = parser.parse_args()
    console = Console(width=TABLE_WIDTH)
    extent = Extent(chosen.rate, chosen.seconds, chosen.accounts)
    with tempfile.TemporaryDirectory(dir=Path.cwd() / "var") as folder:
        found = list(rows(Path(folder), extent, chosen.only, console))
    table.printed(found, console)
    if chosen.write:
        command = " ".join(["python -m tests.benchmarks.load", *sys.argv[1:]])
        table.LOAD_PAGE.write_text(table.page(found, command, "Benchmarks of serving", ABOUT), encoding="utf-8")


if __name__ == "__main__":
    main()
