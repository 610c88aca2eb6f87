"""`assay venue-rules`: which shares are halted, and which market rules are in force on a day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from adapters.lake.session_times import new_york_day
from api.bootstrap import shell_clock
from api.cli.output import JsonOption, out, print_json
from api.cli.reading import command
from api.use_cases.venue_rules import HALT_STATUS
from policies.rulebook import shipped_rulebook
from policies.rulebook_rows import Row

_SAID = set(Row.model_fields)
app = typer.Typer(help="The rules of the market: halts in force, and what holds on a day.", no_args_is_help=True)
app.command(HALT_STATUS.name, help=HALT_STATUS.text)(command(HALT_STATUS))


@app.command("list")
def list_rules(
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], metavar="DATE", help="The day, in New York; today."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the market rules in force on a day, with their source and how it is known."""
    day = new_york_day(shell_clock()) if on is None else on.replace(tzinfo=UTC).date()
    rows = shipped_rulebook().on(day).rows
    if as_json:
        print_json({"on": day, "rules": [row.model_dump(include=_SAID) for row in rows]})
        return
    for row in rows:
        out().print(Text(_line(row)), soft_wrap=True)


def _line(row: Row) -> str:
    until = "" if row.effective_to is None else f" to {row.effective_to}"
    return f"{row.id}: from {row.effective_from}{until}; {row.source} ({row.basis})"
