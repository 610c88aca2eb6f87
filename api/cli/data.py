"""`assay data`: files into the lake, and what the lake holds."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from adapters.feeds.files.importers import IMPORTERS
from api.bootstrap import fact_store, shell_clock
from api.cli.output import JsonOption, out, print_json
from api.cli.place import chosen
from api.cli.progress import progress
from api.use_cases.data_imports import (
    ImportCommand,
    imported,
    quarantined,
    source_states,
    table_states,
)

LakeOption = Annotated[
    Path | None, typer.Option("--lake", help="Folder of the lake.", metavar="FOLDER", show_default="ASSAY_LAKE")
]
Kind = Enum("Kind", {name: name for name in IMPORTERS}, type=str)  # type: ignore[misc]  # members are made of the table

app = typer.Typer(no_args_is_help=True, help="Import files into the lake, and see what it holds.")


@app.command("import")
def import_files(
    kind: Annotated[Kind, typer.Argument(help="What the files are.")],
    place: Annotated[Path, typer.Argument(help="A file or a folder; of no use for bundled.", metavar="PATH")] = Path(),
    lake: LakeOption = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="For csv: the YAML that says what columns mean.", metavar="FILE")
    ] = None,
    index: Annotated[
        str, typer.Option("--index", help="For membership: the index whose members are listed.")
    ] = "sp500",
    unit: Annotated[str | None, typer.Option("--unit", help="For vintages: the unit of the series.")] = None,
    symbol: Annotated[str | None, typer.Option("--symbol", help="For sec: of files that name no ticker.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Import files; run it again as often as you like. What cannot be true goes to the quarantine with its reason."""
    command = ImportCommand(kind.value, place, mapping, index, unit, symbol)
    with progress() as told:
        done = imported(fact_store(chosen(None), lake), command, shell_clock(), told)
    if as_json:
        print_json([asdict(one) for one in done])
        return
    table = _table("domain", "source", "new", "there already", "quarantined")
    for one in done:
        table.add_row(one.domain, one.source, f"{one.n_accepted:,}", f"{one.n_unchanged:,}", f"{one.n_quarantined:,}")
    out().print(table)


@app.command("tables")
def list_tables(lake: LakeOption = None, as_json: JsonOption = False) -> None:
    """List the tables of the lake: facts, version, and when a fact of each becomes known."""
    states = table_states(fact_store(chosen(None), lake), shell_clock())
    if as_json:
        print_json([asdict(state) for state in states])
        return
    table = _table("domain", "facts", "version", "known at")
    for state in states:
        version = "" if state.version is None else str(state.version)
        table.add_row(state.domain, f"{state.n_facts:,}", version, state.lag)
    out().print(table)


@app.command("sources")
def list_sources(lake: LakeOption = None, as_json: JsonOption = False) -> None:
    """List the sources of each table, and how far each of them has come."""
    states = source_states(fact_store(chosen(None), lake), shell_clock())
    if as_json:
        print_json([asdict(state) for state in states])
        return
    table = _table("domain", "source", "facts", "newest event", "newest knowledge")
    for state in states:
        newest = (_text(state.newest_event_at), _text(state.newest_known_at))
        table.add_row(state.domain, state.source, f"{state.n_facts:,}", *newest)
    out().print(table)


@app.command("quarantine")
def list_quarantine(
    domain: Annotated[str, typer.Argument(help="Of which table.")],
    count: Annotated[int, typer.Option("--count", min=1, max=10_000, help="At most so many.")] = 20,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List rows that were set aside, each with its place, its value and the reason."""
    rows = quarantined(fact_store(chosen(None), lake), domain, count)
    if as_json:
        print_json(rows.to_dicts())
        return
    for reason, row in rows.select("reason", "row").iter_rows():
        out().print(Text(f"{_place(json.loads(row))}: {reason}"), soft_wrap=True)
    if rows.is_empty():
        out().print(Text(f"Nothing of {domain} was set aside."))


def _place(row: dict[str, Any]) -> str:
    """Where a row that was set aside stands, and what it says there."""
    if "file" not in row:
        return ", ".join(f"{name}={value}" for name, value in row.items() if value is not None)
    line = f":{row['line']}" if row.get("line") else ""
    said = f" {row['column'] or 'row'} {row['value']!r}" if row.get("value") else ""
    return f"{row['file']}{line}{said}"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _text(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"
