"""`assay model shadow`: what a version said of sessions that it did not decide."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.models import FamilyArgument
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption, log_reader
from api.use_cases.model_desk import model_named
from api.use_cases.shadows import ShadowScores, shadow_history

_MOST = 1_000


def shadow(
    family: FamilyArgument,
    version: Annotated[int, typer.Option("--version", "-v", help="Its number.", metavar="N")],
    sessions: Annotated[int, typer.Option("--sessions", help="How many at most.", min=1, max=_MOST, metavar="N")] = 20,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a version said in the shadow, newest session first. No order followed from it."""
    with log_reader(home) as reader:
        model_named(reader, family, version)
        found = shadow_history(reader, family, version, sessions)
    if as_json:
        print_json([{**vars(each), "session_on": each.session_on.isoformat()} for each in found])
        return
    table = Table(box=None, header_style="quiet")
    for name in ("session", "entry", "highest", "lowest", "scored", "why not"):
        table.add_column(name)
    for each in found:
        table.add_row(*_cells(each))
    out().print(table)


def _cells(each: ShadowScores) -> tuple[str | Text, ...]:
    known = sorted((score, symbol) for symbol, score in each.scores.items() if score is not None)
    ends = [f"{symbol} {score:.4f}" for score, symbol in (known[-1], known[0])] if known else ["", ""]
    return str(each.session_on), str(each.sequence), *ends, f"{len(known)} of {len(each.scores)}", Text(each.reason)
