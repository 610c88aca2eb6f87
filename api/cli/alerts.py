"""`assay data alerts`: what happened, as it is ingested."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.text import Text

from adapters.sql.alerts import RaisedAlert
from api.bootstrap import alert_desk
from api.cli.output import JsonOption, out
from api.cli.place import LakeOption, chosen
from api.use_cases.alerts import Hearing, heard_alerts


def print_alerts(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for what comes next.")] = False,
    subscriber: Annotated[
        str | None,
        typer.Option("--subscriber", metavar="NAME", help="Print what NAME has not had yet, and remember that he has."),
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, max=10_000, help="Without a subscriber, the newest.")] = 20,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print alerts about what was ingested, the oldest first, with --json one line each.

    A subscriber gets each at least once: again, when he went away before it was printed.
    """
    with alert_desk(chosen(None), lake) as desk:
        for raised in heard_alerts(desk, Hearing(subscriber, count, follow)):
            _print(raised, as_json=as_json)


def _print(raised: RaisedAlert, *, as_json: bool) -> None:
    alert = raised.alert
    if as_json:
        typer.echo(msgspec.json.encode(raised).decode())
        return
    known = f"{alert.known_at:%Y-%m-%d %H:%M}"
    out().print(Text(f"{raised.sequence}  {known}  {alert.kind}  {alert.title}"), soft_wrap=True)
