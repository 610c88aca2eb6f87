"""The table of benchmarks: on the terminal, and as the page docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.timing import Row

COLUMNS = ("what", "measured", "beside", "ratio", "target", "met")
_DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = _DOCS / "benchmarks.md"
LOAD_PAGE = _DOCS / "benchmarks-serving.md"
_ABOUT = (
    "The contestants of a line take turns in one run, so that its ratio says more than either figure. Durable",
    "figures depend on the disk: its fdatasync has its own line. What each line does is in `tests/benchmarks/`.",
)


def cells(row: Row) -> tuple[str, ...]:
    """The row's texts, one a column."""
    met = "" if row.is_met is None else ("yes" if row.is_met else "no")
    return (row.what, row.measured, row.beside, row.ratio, row.target, met)


def printed(rows: Sequence[Row], console: Console) -> None:
    """Show the table."""
    table = Table(*COLUMNS, title=f"Benchmarks on {machine()}")
    for row in rows:
        table.add_row(*cells(row), style="red" if row.is_met is False else "")
    console.print(table)


def page(
    rows: Sequence[Row], command: str = "make bench", title: str = "Benchmarks", about: Sequence[str] = _ABOUT
) -> str:
    """The table as a page of the documentation: what printed it, and what to know about its figures."""
    lines = [
        f"# {title}",
        "",
        f"Printed by `{command}` on {machine()}.",
        *about,
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "|" + "---|" * len(COLUMNS),
        *("| " + " | ".join(cells(row)) + " |" for row in rows),
        "",
    ]
    return "\n".join(lines)


def machine() -> str:
    """What the figures were measured on."""
    return f"{os.cpu_count()} cores, {_processor()}, Python {platform.python_version()}"


def _processor() -> str:
    """The processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
