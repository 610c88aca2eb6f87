"""`assay plan` and `assay positions`: what an account is to hold, and what it holds."""

from __future__ import annotations

from datetime import date

from rich.text import Text

from adapters.lake.calendar import xnys_calendar
from api.cli.explaining import AsOfOption
from api.cli.market import AccountOption, first_account, plain_table, plan_table
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption
from api.cli.serving import serving_settings
from api.http.asked import asked_instant
from api.http.schemas.account import PositionsView, plan_view, positions_view
from api.log_parts import log_to_read
from api.use_cases.day_plan import newest_day_plan
from nodes.journal.account import account_from_bytes
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_text


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


def positions(account: AccountOption = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show what an account holds: cash and shares, valued at the close at which it stands."""
    settings = serving_settings(home)
    account_id = account or first_account(settings)
    with log_to_read(settings) as folder, folder.store.reader() as reader:
        row, size = reader.account(account_id), reader.head().size
    if row is None:
        message = f"account {account_id!r} holds nothing yet in {settings.home}; name another with --account"
        raise EdgeError(message, reason="not-found")
    state = account_from_bytes(row.content)
    marked_at = None if state.marked_on is None else _closed_at(state.marked_on)
    view = positions_view(state, marked_at, size)
    if as_json:
        print_json(view)
    else:
        _print_positions(view)


def _closed_at(session_on: date) -> str:
    """When a session closed, whatever data the account was traded on."""
    year = xnys_calendar(date(session_on.year, 1, 1), date(session_on.year, 12, 31))
    return instant_text(year.close(session_on))


def _print_positions(view: PositionsView) -> None:
    console = out()
    table = plain_table("symbol", "shares", "cost each", "price", "value", "gain")
    for each in view.positions:
        paid, now = (each.avg_entry_price, each.current_price), (each.market_value, each.unrealized_pl)
        table.add_row(each.symbol, each.qty, *paid, *now)
    console.print(Text(f"{view.account_id} at {view.as_of or 'no close yet'}"))
    console.print(table)
    console.print(Text(f"cash {view.cash}, free {view.buying_power}, equity {view.equity} USD"))
    if view.kill_switch_is_engaged:
        console.print("The kill switch is on.", style="fails")
