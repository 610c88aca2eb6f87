"""`assay incident new, close, list, report`: something went wrong, and the log writes it up."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from api.bootstrap import open_models, shell_clock
from api.cli.models import OutputOption, PaperForm, WhoOption, write_paper
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import HomeOption, chosen, log_reader
from api.log_parts import require_log
from api.use_cases.incidents import (
    Incident,
    IncidentReport,
    closed_incident,
    incident_postmortem,
    incidents,
    opened_incident,
)
from nodes.vocabulary.instants import instant_from_text, instant_text

app = typer.Typer(help="Record what went wrong, and have the log write it up.", no_args_is_help=True)

IdArgument = Annotated[str, typer.Argument(help="An incident, e.g. inc-3fa2c1.", metavar="ID", show_default=False)]


@app.command()
def new(
    title: Annotated[str, typer.Argument(help="What it is about, in a line.", metavar="TITLE", show_default=False)],
    what: Annotated[str, typer.Option("--what", help="What was seen, in words.", metavar="TEXT")] = "",
    began: Annotated[
        str | None,
        typer.Option("--began", help="When it began, RFC 3339 in UTC.", show_default="now", metavar="INSTANT"),
    ] = None,
    family: Annotated[str, typer.Option("--family", help="The model family that it concerns.", metavar="NAME")] = "",
    principal: WhoOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin the record of an incident."""
    settings = chosen(home)
    require_log(settings)
    began_at: datetime = shell_clock() if began is None else instant_from_text(began)
    with open_models(settings) as desk:
        report = IncidentReport(title, what, began_at, family)
        found = opened_incident(desk, report, principal or settings.principal)
    _print(found, as_json=as_json)


@app.command()
def close(
    incident_id: IdArgument,
    cause: Annotated[str, typer.Option("--cause", help="Why it happened and what changes.", metavar="TEXT")],
    principal: WhoOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Close an incident with its cause."""
    settings = chosen(home)
    require_log(settings)
    with open_models(settings) as desk:
        found = closed_incident(desk, incident_id, principal or settings.principal, cause)
    _print(found, as_json=as_json)


@app.command("list")
def list_incidents(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List incidents, newest first."""
    with log_reader(home) as reader:
        found = tuple(reversed(incidents(reader)))
    if as_json:
        print_json([_facts(each) for each in found])
        return
    table = Table(box=None, header_style="quiet")
    for name in ("incident", "began", "ended", "title"):
        table.add_column(name)
    for each in found:
        ended = "open" if each.ended_at is None else instant_text(each.ended_at)
        table.add_row(Text(each.incident_id, style="id"), instant_text(each.began_at), ended, Text(each.title))
    out().print(table)


@app.command()
def report(
    incident_id: IdArgument,
    form: Annotated[PaperForm, typer.Option("--form", help="How it is written.")] = PaperForm.MARKDOWN,
    output: OutputOption = None,
    home: HomeOption = None,
) -> None:
    """Write the post-mortem of an incident, from the log's timeline."""
    with log_reader(home) as reader:
        paper = incident_postmortem(reader, incident_id)
    write_paper(paper, form, output)


def _print(found: Incident, *, as_json: bool) -> None:
    if as_json:
        print_json(_facts(found))
    else:
        print_facts(out(), _facts(found))


def _facts(found: Incident) -> dict[str, Any]:
    return {
        "incident": found.incident_id,
        "title": found.title,
        "began_at": instant_text(found.began_at),
        "recorded_by": found.principal,
        "entry": found.sequence,
        "family": found.family,
        "ended_at": None if found.ended_at is None else instant_text(found.ended_at),
        "cause": found.cause,
    }
