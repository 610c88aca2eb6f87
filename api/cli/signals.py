"""`assay signals plan` and `assay signals explain`: the day plan as it is told to a beginner or an expert."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from api.bootstrap import open_service_to_read
from api.cli.explaining import AsOfOption
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption
from api.cli.serving import serving_settings
from api.http.asked import asked_instant
from api.http.schemas.signal_words import View
from api.http.schemas.signals import PickView, SignalsView, StoryView, signals_view, story_view
from api.use_cases.day_plan import newest_plan_record
from api.use_cases.service import Service
from api.use_cases.signal_desk import SignalDesk
from api.use_cases.signal_sources import upstreams
from governance.ports import LogReader
from governance.rows import Record
from nodes.vocabulary.errors import EdgeError

app = typer.Typer(no_args_is_help=True, help="Today's picks with their reasons, told for a beginner or an expert.")

ViewOption = Annotated[View, typer.Option("--view", help="In whose words; no number differs between the two.")]
AccountOption = Annotated[str | None, typer.Option("--account", help="For whom; the account of the newest plan.")]


@app.command("plan")
def signal_plan(
    view: ViewOption = View.BEGINNER,
    account: AccountOption = None,
    as_of: AsOfOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell the day plan: each pick with its reasons, its risk in money, and what is not known today."""
    with _asked(home, account, as_of) as (desk, reader, record):
        found = signals_view(desk.told(reader, record, is_now=as_of is None).answer, view, {})
    if as_json:
        print_json(found)
    else:
        _print_plan(out(), found)


@app.command("explain")
def signal_story(  # one argument an option
    symbol: Annotated[str, typer.Argument(help="A share, e.g. AAPL.")],
    view: ViewOption = View.BEGINNER,
    account: AccountOption = None,
    as_of: AsOfOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell one share: the pick, each reason with what is left without it, and what would change it."""
    with _asked(home, account, as_of) as (desk, reader, record):
        told = desk.told(reader, record, is_now=as_of is None).answer
        changes = desk.changes(reader, record, symbol)
        if symbol not in told.plan.rows:
            message = f"symbol {symbol[:20]!r} is not in the plan of {told.plan.session_on}; use one of"
            raise EdgeError(f"{message} {', '.join(told.plan.rows)}", reason="unknown-symbol")
        found = story_view(told, symbol, view, changes)
    if as_json:
        print_json(found)
    else:
        _print_story(out(), found)


@contextmanager
def _asked(home: Path | None, account: str | None, as_of: str | None) -> Iterator[tuple[SignalDesk, LogReader, Record]]:
    """The desk of a home, a view of its log, and the entry of the plan that is asked for."""
    settings = serving_settings(home)
    with open_service_to_read(settings) as service, service.store.reader() as reader:
        wanted = account or service.accounts[0]
        record = newest_plan_record(reader, wanted, asked_instant(as_of, "--as-of"))
        if record is None:
            message = f"account {wanted!r} has no such day plan in {settings.home}; name another with --account"
            raise EdgeError(message, reason="not-found")
        yield SignalDesk(_serving(service, wanted), upstreams(service)), reader, record


def _serving(service: Service, account_id: str) -> Service:
    """The service, for an account that has a plan in its log."""
    return service if account_id in service.accounts else replace(service, accounts=(*service.accounts, account_id))


def _print_plan(console: Console, found: SignalsView) -> None:
    console.print(Text(found.text, style="bold"), soft_wrap=True)
    for pick in found.picks:
        console.print()
        _print_pick(console, pick)
    console.print(Text(f"\nsignal {found.signal_id[:16]}", style="quiet"))


def _print_pick(console: Console, pick: PickView) -> None:
    console.print(Text(pick.text, style="" if pick.is_shown else "quiet"), soft_wrap=True)
    if pick.preview is not None:
        for rule, margins in pick.preview.margins.items():
            left = ", ".join(f"{each.operand} {each.value.text} against {each.limit_value.text}" for each in margins)
            console.print(Text(f"  {rule}: {left}", style="quiet"), soft_wrap=True)


def _print_story(console: Console, found: StoryView) -> None:
    console.print(Text(found.text, style="bold"), soft_wrap=True)
    for reason in () if found.pick is None else found.pick.reasons:
        cited = "" if reason.is_cited else ", not cited"
        words = f"{reason.value.text}; without it the conviction falls by {reason.ablation.text}{cited}"
        console.print(Text(f"  {reason.contribution.text:>7}  {reason.name} ({words})"), soft_wrap=True)
    for change in found.changes:
        console.print(Text(f"  {change.text}", style="quiet"), soft_wrap=True)
