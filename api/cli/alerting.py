"""`assay alert`: conditions are armed, alerts read and taken on, channels tried. Events: `assay data alerts`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from adapters.notifiers.channels import channels_of
from adapters.notifiers.messages import DeliveryError, message_of
from adapters.sql.alert_board import ALERT_BOARD, AlertBoard
from adapters.sql.alert_tables import BoardAlert, DeliveryState, RaisedNotice
from api.alert_parts import alert_policy
from api.bootstrap import open_service, shell_clock
from api.cli.models import WhoOption
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import HomeOption, chosen
from api.cli.serving import serving_settings
from api.http.schemas.alert_board import armed_view, board_alert_view, delivery_view
from api.log_parts import require_log
from api.use_cases.arming import ArmRequest, armed_condition
from api.use_cases.telling import require_line, severity_of
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_text

app = typer.Typer(help="Alerts: arm conditions, read what was raised, take it on, try channels.", no_args_is_help=True)


class SeverityChoice(Enum):
    """How grave an alert is."""

    PAGE = "page"
    TICKET = "ticket"
    NOTE = "note"


@app.command()
def arm(
    condition: Annotated[str, typer.Argument(help="A condition, as rules are written.", metavar="CONDITION")],
    symbol: Annotated[str, typer.Option("--symbol", help="Of which share; of any by default.", metavar="NAME")] = "",
    account: Annotated[
        str | None, typer.Option("--account", help="Whose day plan.", show_default="the first that is served")
    ] = None,
    title: Annotated[str, typer.Option("--title", help="What to call the alert.", metavar="TEXT")] = "",
    severity: Annotated[SeverityChoice, typer.Option("--severity", help="How grave it is.")] = SeverityChoice.TICKET,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Hear once when a condition holds. It reads the names that the rules of the policy read.

    Whoever ASSAY_PRINCIPAL names has armed it; one that expires is armed over HTTP.
    """
    settings = serving_settings(home)
    require_log(settings)
    with open_service(settings) as service, AlertBoard(settings.home / ALERT_BOARD, shell_clock) as board:
        named = account or service.accounts[0]
        asked = ArmRequest(condition, named, symbol, title, severity_of(severity.value))
        found, _ = armed_condition(service, board, asked, settings.principal)
    _print(armed_view(found), as_json=as_json)


@app.command()
def armed(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List conditions, the oldest first."""
    with _board(home) as board:
        found = [armed_view(each) for _, each in board.conditions()]
    if as_json:
        print_json(found)
        return
    _print_table(
        ("condition", "state", "account", "symbol", "asks"),
        [(each.armed_id, each.state, each.account_id, each.symbol or "any", each.condition) for each in found],
    )


@app.command()
def disarm(
    armed_id: Annotated[str, typer.Argument(help="A condition, e.g. arm-3fa2c1.", metavar="ID")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask a condition no longer."""
    with _board(home) as board:
        _print(armed_view(board.disarmed(armed_id)), as_json=as_json)


@app.command("list")
def list_alerts(
    every: Annotated[bool, typer.Option("--all", help="Those that were taken on, too.")] = False,
    count: Annotated[int, typer.Option("--count", min=1, max=10_000, help="How many at most.")] = 50,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List alerts, newest first: those that nobody has taken on."""
    with _board(home) as board:
        found = [board_alert_view(each) for each in board.alerts(is_active=None if every else True, count=count)]
    if as_json:
        print_json(found)
        return
    _print_table(
        ("alert", "raised", "severity", "taken on by", "title"),
        [(each.alert_id, each.raised_at, each.severity, each.acknowledged_by or "", each.title) for each in found],
    )


@app.command()
def ack(
    alert_id: Annotated[str, typer.Argument(help="An alert, e.g. alert-3fa2c1.", metavar="ID")],
    note: Annotated[str, typer.Option("--note", help="What is being done about it.", metavar="TEXT")] = "",
    principal: WhoOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take an alert on: nobody else is called."""
    require_line(note, "note")
    with _board(home) as board:
        found = board.acknowledged(alert_id, principal or chosen(home).principal, note)
    _print(board_alert_view(found), as_json=as_json)


@app.command()
def deliveries(
    dead: Annotated[bool, typer.Option("--dead", help="Only dead letters.")] = False,
    count: Annotated[int, typer.Option("--count", min=1, max=10_000, help="How many at most.")] = 50,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List deliveries, newest first."""
    with _board(home) as board:
        found = [
            delivery_view(each) for each in board.deliveries(state=DeliveryState.DEAD if dead else None, count=count)
        ]
    if as_json:
        print_json(found)
        return
    _print_table(
        ("delivery", "alert", "channel", "state", "failed", "because"),
        [(str(e.delivery_id), e.alert_id, e.channel, e.state, str(e.n_failed), e.because or "") for e in found],
    )


@app.command()
def retry(
    delivery_id: Annotated[int, typer.Argument(help="The number of a dead letter.", metavar="NUMBER", min=1)],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try a dead letter again, from the start; a server of the home delivers it."""
    with _board(home) as board:
        _print(delivery_view(board.revived(delivery_id)), as_json=as_json)


@app.command("test")
def try_channels(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Send a note through every channel at once. Exits with 1 when one of them did not take it."""
    settings = chosen(home)
    if settings.alert_channels is None:
        message = "no channels are set up, so that nobody is told of alerts; name their file with ASSAY_ALERT_CHANNELS"
        raise EdgeError(message)
    policy = alert_policy(settings)
    said: dict[str, str] = {}
    for name, channel in sorted(channels_of(settings.alert_channels, policy.all_channels, time.time).items()):
        try:
            channel.send(message_of(_trial(shell_clock())), policy.delivery.patience_s)
        except DeliveryError as error:
            said[name] = str(error)
        else:
            said[name] = "taken"
    if as_json:
        print_json(said)
    else:
        print_facts(out(), said)
    if set(said.values()) != {"taken"}:
        raise typer.Exit(1)


def _trial(at: datetime) -> BoardAlert:
    title, detail = "A trial of the channels of Assay", "Nothing is wrong: somebody tries whether alerts arrive."
    name = f"alert-trial-{instant_text(at)}"
    return BoardAlert(0, RaisedNotice(name, "trial", "trial", "note", "", "", title, detail, at), at, None, None, "")


@contextmanager
def _board(home: Any) -> Iterator[AlertBoard]:  # noqa: ANN401  # an option's value
    settings = chosen(home)
    require_log(settings)
    with AlertBoard(settings.home / ALERT_BOARD, shell_clock) as board:
        yield board


def _print(view: Any, *, as_json: bool) -> None:  # noqa: ANN401  # any view
    facts = {name: getattr(view, name) for name in view.__struct_fields__}
    if as_json:
        print_json(facts)
    else:
        print_facts(out(), {name: value for name, value in facts.items() if value is not None})


def _print_table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    table = Table(box=None, header_style="quiet")
    for name in columns:
        table.add_column(name)
    for row in rows:
        table.add_row(*map(Text, row))
    out().print(table)
