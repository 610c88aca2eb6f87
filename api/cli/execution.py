"""`assay order route|life|cancel|replace` and `assay latency`: routing and the life of orders from the command line.

A route is planned and not sent. Cancels and replacements are entries of the log, as over HTTP; a broker hears of them
in the same call.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from api.bootstrap import open_service
from api.cli.market import AccountOption, plain_table
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption
from api.cli.serving import serving_settings
from api.http.routes.latency import hop_view
from api.http.schemas.execution import (
    ExecutionOrderView,
    RouteView,
    execution_order_view,
    execution_view,
    route_view,
)
from api.http.schemas.execution_bodies import BookBody
from api.log_parts import log_to_read, require_log
from api.use_cases.latency import logged_hops
from api.use_cases.market import dispatch, opened_market
from api.use_cases.order_changes import CancelCommand, ReplaceCommand, cancelled_order, replaced_order
from api.use_cases.order_life import order_record
from api.use_cases.policies import file_bytes
from api.use_cases.routing import RouteQuestion, planned_route
from nodes.vocabulary.errors import EdgeError

OrderArgument = Annotated[str, typer.Argument(help="ClOrdID of the order.", metavar="ID")]
_BOOKS = msgspec.json.Decoder(tuple[BookBody, ...])


def route(
    symbol: Annotated[str, typer.Argument(help="Of which share.")],
    shares: Annotated[int, typer.Argument(help="How many whole shares; negative to sell (write -- before it).")],
    quotes: Annotated[
        Path | None, typer.Option("--quotes", help="What venues show, as JSON; else estimated from the last bar.")
    ] = None,
    account: AccountOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Plan how an order would be split over venues, and what each is expected to cost; nothing is sent."""
    settings = serving_settings(home)
    books = () if quotes is None else tuple(each.book for each in _books(quotes))
    with open_service(settings) as service:
        opened_market(service, settings.principal)
        question = RouteQuestion(account or service.accounts[0], settings.principal, symbol, shares, books)
        view = route_view(planned_route(service, question))
    if as_json:
        print_json(view)
    else:
        _print_route(view)


def _books(file: Path) -> tuple[BookBody, ...]:
    try:
        return _BOOKS.decode(file_bytes(file))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = f"{file} holds no quotes: {error}; write a list of venue, bids and asks, as the API takes it"
        raise EdgeError(message) from error


def life(order: OrderArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show every state that an order was in, told from its entries in the log."""
    with log_to_read(serving_settings(home)) as folder, folder.store.reader() as reader:
        view = execution_order_view(order_record(reader, order))
    if as_json:
        print_json(view)
    else:
        print_life(view)


def cancel(
    order: OrderArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the log.", prompt="Why")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a working order back; it works until the broker has said that it is canceled."""
    settings = serving_settings(home)
    require_log(settings)
    with open_service(settings) as service:
        cancelled_order(service, CancelCommand(order, settings.principal, reason)).result()
        dispatch(service)
        with service.store.reader() as reader:
            view = execution_order_view(order_record(reader, order))
    if as_json:
        print_json(view)
    else:
        print_life(view)


def replace(
    order: OrderArgument,
    shares: Annotated[int, typer.Argument(min=1, help="How many shares instead, what is filled already included.")],
    key: Annotated[str | None, typer.Option("--key", help="The same for a retry.", show_default="a new one")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put another order in the place of a working one, by a decision of its own."""
    settings = serving_settings(home)
    require_log(settings)
    asked = key or secrets.token_hex(16)
    with open_service(settings) as service:
        opened_market(service, settings.principal)
        with service.store.reader() as reader:
            account_id = order_record(reader, order).placed.account_id
        command = ReplaceCommand(order, settings.principal, asked, shares)
        outcome = replaced_order(service, command, account_id).result()
        dispatch(service)
    view = execution_view(asked, outcome)
    if as_json:
        print_json(view)
        return
    console = out()
    for reason in view.text:
        console.print(f"  {reason}", markup=False)
    said = f"Order {view.order_id} takes its place." if view.order_id else f"Order {order} stays as it is."
    console.print(said)


def latency(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say how long the hops of orders take that the log knows, in percentiles."""
    with log_to_read(serving_settings(home)) as folder, folder.store.reader() as reader:
        hops = [hop_view(report, "log") for report in logged_hops(reader)]
    if as_json:
        print_json(hops)
        return
    table = plain_table("hop", "orders", "p50 ms", "p95 ms", "p99 ms", "largest ms")
    for hop in hops:
        cells = (f"{hop.percentiles_us[name] / 1000:.3f}" if hop.percentiles_us else "-" for name in _SHOWN)
        table.add_row(hop.hop, str(hop.n_values), *cells)
    out().print(table)


_SHOWN = ("50", "95", "99", "100")


def _print_route(view: RouteView) -> None:
    console, table = out(), plain_table("venue", "shares", "limit", "how")
    console.print(f"[{view.verdict}]{view.verdict}[/]: {view.routed_qty} of {view.order_qty} {view.symbol}")
    for reason in view.reasons:
        console.print(f"  {reason}", markup=False)
    for child in view.children:
        table.add_row(child.venue, child.order_qty, child.price, child.how)
    console.print(table)
    for venue in view.venues:
        console.print(Text.assemble((f"{venue.venue:<15}", "id"), venue.reason), soft_wrap=True)
    basis = "the quotes that were given" if view.is_quoted else "books estimated from the last bar"
    cost = "-" if view.route_cost_bps is None else f"{view.route_cost_bps:.2f}"
    console.print(f"Expected to cost {cost} bps at the venues, by {basis}. Nothing was sent.")


def print_life(view: ExecutionOrderView) -> None:
    """Print an order with its history and its parts."""
    console, table = out(), plain_table("at", "entry", "status", "last", "venue", "filled", "left", "said")
    console.print(Text(f"{view.order_id}: {view.status}, {view.cum_qty} of {view.order_qty} {view.symbol} filled"))
    for event in view.history:
        said = " ".join(word for word in (event.taken.replace("applied", ""), event.text) if word)
        last = "" if event.last_px is None else f"{event.last_qty} at {event.last_px}"
        row = (event.at, event.kind, event.status, last, event.venue, event.cum_qty, event.leaves_qty, said)
        table.add_row(*row)
    console.print(table)
    parts = plain_table("venue", "how", "shares", "filled", "average", "fees", "part")
    for child in view.children:
        done = (child.cum_qty, child.avg_px or "-", child.fees or "-")
        parts.add_row(child.venue, child.how, child.order_qty, *done, child.cl_ord_id or "")
    console.print(parts)
