"""`make bench`: measures everything, prints the table, rewrites docs/benchmarks.md."""

from __future__ import annotations

import tempfile
from pathlib import Path

from rich.console import Console

from tests.benchmarks import engine, log, rules, table
from tests.benchmarks.timing import Effort, Row

N_ENTRIES = 40_000


def measured(folder: Path, effort: Effort, n_entries: int, console: Console) -> list[Row]:
    """Every row of the table."""
    with console.status("rules beside their peers"):
        rows = rules.rows(effort)
    with console.status("order runs beside Hamilton's driver"):
        rows += engine.rows(folder, effort)
    with console.status("appends to the log"):
        rows += log.rows(folder, n_entries)
    return rows


def main() -> None:
    """Measure, print, write."""
    console = Console()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        rows = measured(Path(folder), Effort(), N_ENTRIES, console)
    table.printed(rows, console)
    table.PAGE.write_text(table.page(rows), encoding="utf-8")
    console.print(f"Written to {table.PAGE.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
