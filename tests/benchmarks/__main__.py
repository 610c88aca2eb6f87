"""`make bench`: measures everything, prints the table, rewrites docs/benchmarks.md."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from rich.console import Console

from tests.benchmarks import (
    as_of,
    engine,
    labels,
    log,
    models,
    options,
    portfolio,
    rules,
    sentiment,
    sessions,
    significance,
    table,
)
from tests.benchmarks.peers import FOLDER, interpreter
from tests.benchmarks.timing import Effort, Row, pace

TABLE_WIDTH = 170
"""Columns of the table where there is no terminal to fit."""


@dataclass(frozen=True)
class Extent:
    """How much is measured.

    Attributes:
        effort: of what takes turns.
        n_entries: how many entries are appended to the log.
        last_on: last session of the stretch of the main job.
        n_facts: how many facts are joined.
        tested: how much is tested for luck.
        labelled: how much is labelled.
        served: how much is asked of models.
        allocated: how large the portfolios are.
        peers: where the environments of peers are.
    """

    effort: Effort = field(default_factory=Effort)
    n_entries: int = 40_000
    last_on: date = date(2005, 12, 30)
    n_facts: int = as_of.N_FACTS
    tested: significance.Work = field(default_factory=significance.Work)
    labelled: labels.Work = field(default_factory=labels.Work)
    served: models.Work = field(default_factory=models.Work)
    allocated: portfolio.Work = field(default_factory=portfolio.Work)
    peers: Path = FOLDER


def measured(folder: Path, extent: Extent, console: Console) -> list[Row]:
    """Every row of the table."""
    rows = [pace(extent.effort)]
    with console.status("rules beside their peers"):
        rows += rules.rows(extent.effort)
    with console.status("order runs beside Hamilton's driver"):
        rows += engine.rows(folder, extent.effort)
    with console.status("implied volatilities beside their peer"):
        rows += options.rows(extent.effort)
    with console.status("as-of joins beside their peers"):
        rows += as_of.rows(extent.effort, as_of.workload(extent.n_facts))
        rows += as_of.feast_rows(extent.effort, interpreter("feast", extent.peers))
    with console.status("tests for luck beside their peers"):
        rows += significance.rows(extent.tested)
    with console.status("labels beside their peer"):
        rows += labels.rows(extent.labelled, interpreter("mlfinpy", extent.peers))
    with console.status("portfolios beside their peers"):
        rows += portfolio.rows(extent.allocated)
    with console.status("models served in ONNX"):
        rows += models.rows(extent.effort, extent.served)
    with console.status("tone of headlines beside their peer"):
        rows += sentiment.rows(extent.effort)
    with console.status("appends to the log"):
        rows += log.rows(folder, extent.n_entries)
    with console.status("sessions of the main job"):
        rows += sessions.rows(folder, extent.effort, extent.last_on)
    return rows


def main() -> None:
    """Measure, print, write."""
    console = Console(width=None if sys.stdout.isatty() else TABLE_WIDTH)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        rows = measured(Path(folder), Extent(), console)
    table.printed(rows, console)
    table.PAGE.write_text(table.page(rows), encoding="utf-8")
    console.print(f"Written to {table.PAGE.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
