"""`assay journal entries, holdings, balances, lots, trades, verify, export`: the books that follow from the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, time
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.market import AccountOption, first_account, plain_table
from api.cli.output import JsonOption, err, out, print_json
from api.cli.place import HomeOption
from api.cli.progress import progress
from api.cli.serving import serving_settings
from api.http.asked import asked_instant
from api.http.schemas.journal import (
    JournalEntryView,
    balances_view,
    entry_view,
    holdings_view,
    lots_view,
    trips_view,
)
from api.log_parts import log_to_read
from api.use_cases.journal import Journal, journal
from nodes.journal.beancount import beancount_lines
from nodes.vocabulary.journal import JournalKind, LotMethod

app = typer.Typer(help="The journal: cash, positions, lots and costs to the last digit.", no_args_is_help=True)

FromOption = Annotated[
    str | None, typer.Option("--from", help="First day or instant, e.g. 2005-03-01.", metavar="WHEN")
]
ToOption = Annotated[str | None, typer.Option("--to", help="Last day or instant.", metavar="WHEN")]
AtOption = Annotated[
    str | None, typer.Option("--as-of", help="As it was at the end of a day, or at an instant.", metavar="WHEN")
]
MethodOption = Annotated[LotMethod, typer.Option("--method", help="Which lots closing trades take.")]
CountOption = Annotated[int, typer.Option("--count", "-n", min=1, max=100_000, help="How many at most.")]


@app.command()
def entries(  # one argument an option
    since: FromOption = None,
    until: ToOption = None,
    kind: Annotated[list[JournalKind] | None, typer.Option("--kind", help="Only of this kind; more than once.")] = None,
    count: CountOption = 20,
    account: AccountOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List entries with their postings, in the order in which they were true."""
    with _journal(home, account) as (book, account_id):
        kinds = [each.value for each in kind or ()]
        found = book.entries(account_id, _first(since), _last(until), kinds)
        views = [entry_view(entry) for entry in islice(found, count)]
    if as_json:
        print_json(views)
        return
    for view in views:
        print_entry(view)


@app.command()
def holdings(
    as_of: AtOption = None, account: AccountOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Show cash and positions at cost, as of any instant."""
    with _journal(home, account) as (book, account_id):
        at = _last(as_of)
        view = holdings_view(
            account_id, at, book.caught_up(), book.cash(account_id, at), book.positions(account_id, at)
        )
    if as_json:
        print_json(view)
        return
    table = _table("symbol", "quantity", "cost", "currency")
    for each in view.positions:
        table.add_row(each.symbol, each.quantity, each.cost, each.currency)
    out().print(table)
    for currency, amount in view.cash.items():
        out().print(f"cash {amount} {currency}")


@app.command()
def balances(
    as_of: AtOption = None, account: AccountOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Show what every account of the books holds, as of any instant."""
    with _journal(home, account) as (book, account_id):
        at = _last(as_of)
        view = balances_view(account_id, at, book.caught_up(), book.balances(account_id, at))
    if as_json:
        print_json(view)
        return
    table = _table("account", "quantity", "commodity", "at cost")
    for each in view.balances:
        cost = "" if each.commodity == each.currency else f"{each.weight} {each.currency}"
        table.add_row(each.account, each.quantity, each.commodity, cost)
    out().print(table)


@app.command()
def lots(  # one argument an option
    symbol: Annotated[str | None, typer.Option("--symbol", help="Only of this symbol.")] = None,
    as_of: AtOption = None,
    method: MethodOption = LotMethod.AVERAGE,
    account: AccountOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the open lots under a method, as of any instant."""
    with _journal(home, account) as (book, account_id):
        at = _last(as_of)
        view = lots_view(account_id, at, method.value, book.lots(account_id, symbol, at, method))
    if as_json:
        print_json(view)
        return
    table = _table("symbol", "quantity", "unit cost", "currency", "opened", "lot")
    for each in view.lots:
        cost = each.cost
        table.add_row(each.symbol, each.quantity, cost.unit_cost, cost.currency, cost.acquired_at[:10], cost.lot[:12])
    out().print(table)


@app.command()
def trades(  # one argument an option
    since: FromOption = None,
    until: ToOption = None,
    method: MethodOption = LotMethod.FIFO,
    count: CountOption = 20,
    account: AccountOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List round trips, each lot from its opening to its closing, with what it gained."""
    with _journal(home, account) as (book, account_id):
        found = book.trades(account_id, _first(since), _last(until), method)
    view = trips_view(account_id, method.value, found, count)
    if as_json:
        print_json(view)
        return
    table = _table("symbol", "quantity", "opened", "at", "closed", "at", "gain")
    for each in view.trades:
        opened, closed = (each.opened_at[:10], each.open_price), (each.closed_at[:10], each.close_price or "")
        table.add_row(each.symbol, each.quantity, *opened, *closed, each.gain)
    out().print(table)
    gains = ", ".join(f"{amount} {currency}" for currency, amount in view.gain.items())
    out().print(f"{view.n_trades:,} round trips gained {gains or 'nothing'}")


@app.command()
def verify(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Make the journal anew from the log and compare. Exits with 1 when something differs."""
    with _journal(home, None) as (book, _), progress() as told:
        found = book.check(partial(told, "journal"))
    if as_json:
        print_json(found)
    else:
        for place, why in found.faults:
            out().print(Text(f"entry {place}: {why}", style="fails"))
        for text in (*found.differences, *found.imbalances):
            out().print(Text(text, style="fails"))
        said = "the journal is what the log says" if found.is_sound else "the journal is not what the log says"
        out().print(f"{said}: {found.n_entries:,} entries of the log read")
    if not found.is_sound:
        raise typer.Exit(1)


@app.command()
def export(
    beancount: Annotated[
        Path | None, typer.Option("--beancount", help="File to write as a ledger of Beancount.", metavar="FILE")
    ] = None,
    method: MethodOption = LotMethod.AVERAGE,
    account: AccountOption = None,
    home: HomeOption = None,
) -> None:
    """Write the journal as a ledger of Beancount, to a file or to standard output."""
    with _journal(home, account) as (book, account_id):
        found = book.booked(account_id, method)
    text = "\n".join(beancount_lines(found, account_id)) + "\n"
    if beancount is None:
        typer.echo(text, nl=False)
        return
    beancount.write_text(text, encoding="utf-8")
    err().print(f"{len(found):,} entries in {beancount}")


@contextmanager
def _journal(home: Path | None, account: str | None) -> Iterator[tuple[Journal, str]]:
    """The journal of a home, and the account that is asked about."""
    settings = serving_settings(home)
    with log_to_read(settings) as folder:
        book = journal(folder.store, settings.home)
        with closing(book.file):
            yield book, account or first_account(settings)


def _first(text: str | None) -> datetime | None:
    """The instant that a day or an instant begins at."""
    return _at(text, time.min)


def _last(text: str | None) -> datetime | None:
    """The instant that a day or an instant ends at."""
    return _at(text, time.max)


def _at(text: str | None, of_day: time) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), of_day, UTC)
    except ValueError:
        return asked_instant(text, "WHEN")


def _table(*names: str) -> Table:
    table = plain_table(*names)
    for column in table.columns:
        column.no_wrap = True
    return table


def print_entry(view: JournalEntryView) -> None:
    """Print an entry with its postings."""
    console = out()
    head = Text.assemble((view.entry_key[:12], "id"), f"  {view.as_of}  {view.kind}  {view.narration}")
    console.print(head, soft_wrap=True)
    for posting in view.postings:
        cost = "" if posting.cost is None else f" {{{posting.cost.unit_cost} {posting.cost.currency}}}"
        console.print(Text(f"  {posting.account}  {posting.quantity} {posting.commodity}{cost}"), soft_wrap=True)
