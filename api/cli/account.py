"""`assay plan` and `assay positions`: what an account is to hold, and what it holds."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime

from rich.text import Text

from adapters.lake.calendar import xnys_calendar
from api.bootstrap import serving_lake
from api.cli.explaining import AsOfOption
from api.cli.market import AccountOption, first_account, plain_table, plan_table
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption
from api.cli.serving import serving_settings
from api.http.asked import asked_instant
from api.http.schemas.account import PositionsView, plan_view, positions_view
from api.log_parts import log_to_read
from api.use_cases.day_plan import newest_day_plan
from api.use_cases.journal import Journal, journal
from api.use_cases.positions import Holdings, holdings_at, holdings_now
from nodes.journal.account import AccountState, account_from_bytes
from nodes.vocabulary.errors import EdgeError


def plan(
    account: AccountOption = None, as_of: AsOfOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Show the day plan that orders are decided against: targets, and the orders that would lead there."""
    settings = serving_settings(home)
    account_id = account or first_account(settings)
    with log_to_read(settings) as folder, folder.store.reader() as reader:
        found = newest_day_plan(reader, account_id, asked_instant(as_of, "--as-of"))
    if found is None:
        at = "" if as_of is None else f" as of {as_of}"
        message = f"account {account_id!r} has no day plan{at} in {settings.home}; name another with --account"
        raise EdgeError(message, reason="not-found")
    if as_json:
        print_json(plan_view(found, {}))
        return
    console = out()
    console.print(Text(f"{account_id} on {found.session_on}, {found.policy} v{found.version}"))
    console.print(plan_table(found))


def positions(
    account: AccountOption = None, as_of: AsOfOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Show what an account holds: cash and shares, valued at the close at which it stands."""
    settings = serving_settings(home)
    account_id = account or first_account(settings)
    with log_to_read(settings) as folder:
        with folder.store.reader() as reader:
            row = reader.account(account_id)
        if row is None:
            message = f"account {account_id!r} holds nothing yet in {settings.home}; name another with --account"
            raise EdgeError(message, reason="not-found")
        book, at = journal(folder.store, settings.home), asked_instant(as_of, "--as-of")
        with closing(book.file):
            if at is None:
                held = _holdings(book, account_from_bytes(row.content))
            else:
                held = holdings_at(book, serving_lake(settings), account_id, at)
    view = positions_view(held)
    if as_json:
        print_json(view)
    else:
        _print_positions(view)


def _holdings(book: Journal, state: AccountState) -> Holdings:
    marked_at = None if state.marked_on is None else _closed_at(state.marked_on)
    return holdings_now(book, state, marked_at)


def _closed_at(session_on: date) -> datetime:
    """When a session closed, whatever data the account was traded on."""
    year = xnys_calendar(date(session_on.year, 1, 1), date(session_on.year, 12, 31))
    return year.close(session_on)


def _print_positions(view: PositionsView) -> None:
    console = out()
    table = plain_table("symbol", "shares", "cost each", "price", "value", "gain")
    for each in view.positions:
        paid, now = (each.avg_entry_price, each.current_price or "?"), (each.market_value, each.unrealized_pl)
        table.add_row(each.symbol, each.qty, *paid, *(value or "?" for value in now))
    console.print(Text(f"{view.account_id} at {view.as_of or 'no close yet'}"))
    console.print(table)
    free = "" if view.buying_power is None else f" free {view.buying_power},"
    console.print(Text(f"cash {view.cash},{free} equity {view.equity or 'unknown'} USD"))
    if view.kill_switch_is_engaged:
        console.print("The kill switch is on.", style="fails")
