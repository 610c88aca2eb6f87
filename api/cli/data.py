"""`assay data`: files into the lake, and what the lake holds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from adapters.feeds.files.importers import IMPORTERS
from adapters.feeds.files.request import Besides
from api.bootstrap import alert_desk, fact_store, shell_clock
from api.cli.alerts import print_alerts
from api.cli.options import grouped
from api.cli.output import JsonOption, out, print_json
from api.cli.place import LakeOption, chosen
from api.cli.progress import progress
from api.use_cases.data_imports import (
    ImportCommand,
    imported,
    quarantined,
    source_states,
    table_states,
)
from api.use_cases.fundamentals import as_of_from_text

Kind = Enum("Kind", {name: name for name in IMPORTERS}, type=str)  # type: ignore[misc]  # members are made of the table
_MONTHS = range(1, 13)

app = typer.Typer(no_args_is_help=True, help="Import files into the lake, and see what it holds.")
app.command("alerts")(print_alerts)


@dataclass(frozen=True)
class BesidesOptions:
    """What files do not say of themselves."""

    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="For csv: the YAML that says what columns mean.", metavar="FILE")
    ] = None
    index: Annotated[str, typer.Option("--index", help="For membership: the index whose members are listed.")] = "sp500"
    unit: Annotated[str | None, typer.Option("--unit", help="For vintages: the unit of the series.")] = None
    symbol: Annotated[str | None, typer.Option("--symbol", help="For sec: of files that name no ticker.")] = None
    splits_until: Annotated[
        datetime | None,
        typer.Option(
            "--splits-until",
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="For earnings: the day up to which amounts a share are divided by splits; the lake knows the splits.",
        ),
    ] = None
    taken_at: Annotated[
        str | None,
        typer.Option("--taken-at", help="For earnings-calendar: when the list was made.", show_default="now"),
    ] = None
    year_end: Annotated[
        list[str] | None,
        typer.Option(
            "--year-end", metavar="SYMBOL=MONTH", help="For earnings-calendar: AAPL=9; else as the 10-Ks say."
        ),
    ] = None
    cusips: Annotated[
        Path | None, typer.Option("--cusips", help="For 13f: a CSV of cusip and symbol.", metavar="FILE")
    ] = None
    bar_s: Annotated[int, typer.Option("--bar-s", min=1, help="For options: seconds of a bar.")] = 60

    def besides(self, now: datetime) -> Besides:
        """The same for the reader."""
        return Besides(
            mapping=self.mapping,
            index=self.index,
            unit=self.unit,
            symbol=self.symbol,
            splits_until=None if self.splits_until is None else self.splits_until.date(),
            taken_at=as_of_from_text(self.taken_at, now),
            year_ends=dict(_year_end(text) for text in self.year_end or ()),
            cusips=self.cusips,
            bar_s=self.bar_s,
        )


def _year_end(text: str) -> tuple[str, int]:
    symbol, _, month = text.partition("=")
    if not symbol or not month.isdecimal() or int(month) not in _MONTHS:
        raise typer.BadParameter(f"{text!r} is no symbol and month like AAPL=9", param_hint="--year-end")
    return symbol.upper(), int(month)


@app.command("import")
@grouped
def import_files(
    kind: Annotated[Kind, typer.Argument(help="What the files are.")],
    place: Annotated[Path, typer.Argument(help="A file or a folder; of no use for bundled.", metavar="PATH")] = Path(),
    lake: LakeOption = None,
    options: BesidesOptions = BesidesOptions(),  # frozen
    as_json: JsonOption = False,
) -> None:
    """Import files; run it again as often as you like. What cannot be true goes to the quarantine with its reason."""
    now = shell_clock()
    command = ImportCommand(kind.value, place, options.besides(now))
    with alert_desk(chosen(None), lake) as desk, progress() as told:
        done = imported(desk.store, command, now, told, desk.look)
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
