"""`assay session`, `assay order` and `assay kill-switch`: the paper market from the command line.

They work on the log itself, beside a server that may be running on it: the append is what both go through.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import typer
from rich.table import Table

from api.bootstrap import log_to_write, open_service, shell_clock
from api.cli.options import grouped
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption
from api.cli.serving import serving_settings
from api.cli.worked import NamedOptions, WorkedOptions
from api.log_parts import log_to_read, require_log
from api.settings import Settings
from api.use_cases.day_plan import DayPlan
from api.use_cases.desk import RESEARCH
from api.use_cases.kill_switch import KillSwitchRequest, kill_switch_set
from api.use_cases.market import advanced_session, dispatch, market_session, opened_market
from api.use_cases.ordering import OrderCommand, OrderOutcome, submitted_order
from api.use_cases.placed_orders import PlacedOrder, orders_page, placed_order
from nodes.vocabulary.canonical import digest_text

AccountOption = Annotated[
    str | None, typer.Option("--account", help="The account.", show_default="the first that is served")
]
_DAY = ["%Y-%m-%d"]

sessions = typer.Typer(no_args_is_help=True, help="Where the paper market stands, and moving it on.")
orders = typer.Typer(no_args_is_help=True, help="Send orders, and see how they fared.")


@sessions.command("show")
def show_session(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show where each account stands in the market."""
    settings = serving_settings(home)
    require_log(settings)
    with open_service(settings) as service, service.store.reader() as reader:
        stands = [market_session(service, reader, account_id) for account_id in service.accounts]
    if as_json:
        print_json(stands)
        return
    table = plain_table("account", "session", "as of", "next session")
    for stand in stands:
        table.add_row(stand.account_id, _text(stand.session_on), _text(stand.as_of), _text(stand.next_on))
    out().print(table)


@sessions.command("advance")
def advance_session(
    from_on: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, metavar="DATE", help="Only from this session on.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move the market on by one session: fills, marks, and a new day plan for each account."""
    settings = serving_settings(home)
    with open_service(settings) as service:
        opened_market(service, settings.principal)
        advances = advanced_session(service, settings.principal, None if from_on is None else from_on.date())
    if as_json:
        print_json([{"is_new": advance.is_new, "plan": _plain_plan(advance.plan)} for advance in advances])
        return
    for advance in advances:
        word = "moved on to" if advance.is_new else "is already at"
        out().print(f"{advance.plan.account_id} {word} {advance.plan.session_on}")
        out().print(plan_table(advance.plan))


@orders.command("send")
@grouped
def send_order(  # options of a command
    symbol: Annotated[str, typer.Argument(help="Of which share.")],
    shares: Annotated[int, typer.Argument(help="How many whole shares; negative to sell (write -- before it).")],
    worked: WorkedOptions,
    named: NamedOptions,
    account: AccountOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask for an order; what the policy decides is in the log before it is printed."""
    settings = serving_settings(home)
    with open_service(settings) as service:
        opened_market(service, settings.principal)
        command = OrderCommand(
            account_id=account or service.accounts[0],
            principal=settings.principal,
            key=named.key or secrets.token_hex(16),
            symbol=symbol,
            order_shares=shares,
            client_order_id=named.client_order_id,
            instructions=worked.instructions,
        )
        outcome = submitted_order(service, command).result()
        dispatch(service)
    if as_json:
        print_json(_plain_outcome(outcome, command))
        return
    _print_outcome(outcome, command)


@orders.command("show")
def show_order(
    cl_ord_id: Annotated[str, typer.Argument(help="ClOrdID of the order.", metavar="ID")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how an order fared."""
    with log_to_read(serving_settings(home)) as folder, folder.store.reader() as reader:
        order = placed_order(reader, cl_ord_id)
    if as_json:
        print_json(_plain_order(order))
    else:
        _print_orders([order])


@orders.command("list")
def list_orders(
    count: Annotated[int, typer.Option("--count", min=1, max=500, help="At most so many.")] = 20,
    account: AccountOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the newest orders that went out."""
    settings = serving_settings(home)
    with log_to_read(settings) as folder, folder.store.reader() as reader:
        page = orders_page(reader, account or first_account(settings), count, reader.head().size)
    if as_json:
        print_json([_plain_order(order) for order in page.orders])
    else:
        _print_orders(page.orders)


class Switch(Enum):
    """Where the switch is put."""

    ON = "on"
    OFF = "off"


def kill_switch(
    switch: Annotated[Switch, typer.Argument(help="on stops every order and cancels those that work; off releases.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for the log.", prompt="Why")],
    principal: Annotated[
        str | None,
        typer.Option("--as", help="Who does it; off needs a person.", metavar="NAME", show_default="ASSAY_PRINCIPAL"),
    ] = None,
    account: AccountOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop trading, or let it go on. Who did it and why is an entry of the log."""
    if not reason.strip():
        raise typer.BadParameter("say why; an auditor will ask", param_hint="--reason")
    settings = serving_settings(home)
    require_log(settings)
    request = KillSwitchRequest(
        account_id=account or first_account(settings),
        is_engaged=switch is Switch.ON,
        principal=principal or settings.principal,
        reason=reason,
        opening_cash_usd=settings.opening_cash_usd,
        at=shell_clock(),
    )
    with log_to_write(settings) as folder:
        is_changed = kill_switch_set(folder.store, request)
    if as_json:
        print_json({"account_id": request.account_id, "is_engaged": request.is_engaged, "is_changed": is_changed})
        return
    word = "on" if request.is_engaged else "off"
    said = f"The kill switch of {request.account_id} is {word}." if is_changed else f"It was {word} already."
    out().print(said)


def first_account(settings: Settings) -> str:
    """The account of a research log is the one that its job trades; a paper market serves a list."""
    return settings.account_id if settings.origin.startswith(RESEARCH) else settings.accounts[0]


def _plain_plan(plan: DayPlan) -> dict[str, Any]:
    return {
        "account_id": plan.account_id,
        "session_on": plan.session_on,
        "as_of": plan.as_of,
        "plan_entry": digest_text(plan.entry_id),
        "policy": plan.policy,
        "version": plan.version,
        "rows": [
            {
                "symbol": row.symbol,
                "target_weight_frac": row.target_weight_frac,
                "target_shares": row.target_shares,
                "candidate_order_shares": row.candidate_order_shares,
                "composite_score": row.composite_score,
            }
            for row in plan.rows.values()
        ],
    }


def _plain_outcome(outcome: OrderOutcome, command: OrderCommand) -> dict[str, Any]:
    answer = outcome.answer
    return {
        "decision_id": answer.decision_id.hex(),
        "cl_ord_id": answer.cl_ord_id,
        "key": command.key,
        "symbol": answer.symbol,
        "verdict": answer.verdict,
        "action": answer.action,
        "proposed_order_shares": answer.proposed_order_shares,
        "order_shares": answer.order_shares,
        "limit_price_usd": answer.limit_price_usd,
        "reasons": [{"rule": rule, "verdict": verdict, "because": text} for rule, verdict, text, _ in answer.reasons],
        "is_replayed": outcome.is_replayed,
        "as_of": answer.as_of,
        "decided_at": answer.decided_at,
    }


def _plain_order(order: PlacedOrder) -> dict[str, Any]:
    return {
        "cl_ord_id": order.answer.cl_ord_id,
        "client_order_id": order.client_order_id,
        "account_id": order.account_id,
        "symbol": order.answer.symbol,
        "order_shares": order.answer.order_shares,
        "limit_price_usd": order.answer.limit_price_usd,
        "status": order.status,
        "filled_shares": order.filled_shares,
        "filled_price_usd": order.filled_price_usd,
        "changed_at": order.changed_at,
        "decision_id": order.answer.decision_id.hex(),
    }


def plan_table(plan: DayPlan) -> Table:
    """A day plan, a row a share."""
    table = plain_table("symbol", "score", "target", "shares", "order")
    for row in plan.rows.values():
        target = None if row.target_weight_frac is None else f"{row.target_weight_frac:.1%}"
        score = None if row.composite_score is None else f"{row.composite_score:.2f}"
        table.add_row(
            row.symbol, _text(score), _text(target), _text(row.target_shares), _text(row.candidate_order_shares)
        )
    return table


def _print_outcome(outcome: OrderOutcome, command: OrderCommand) -> None:
    answer, console = outcome.answer, out()
    console.print(f"[{answer.verdict}]{answer.verdict}[/]: {answer.order_shares:,} of {answer.proposed_order_shares:,}")
    for rule_id, verdict, because, _ in answer.reasons:
        console.print(f"  {verdict} by {rule_id}: {because}", markup=False)
    if answer.cl_ord_id is None and answer.size_reason:
        console.print(f"  not sent: {answer.size_reason}", markup=False)
    if answer.cl_ord_id is not None:
        console.print(f"Order {answer.cl_ord_id} at {answer.limit_price_usd} USD or better.")
    console.print(f"Decision {answer.decision_id.hex()[:16]}, key {command.key}", style="quiet")


def _print_orders(found: Any) -> None:  # noqa: ANN401  # any sequence of orders
    table = plain_table("order", "symbol", "shares", "limit", "status", "filled", "at")
    for order in found:
        answer = order.answer
        price = None if order.filled_price_usd is None else Decimal(order.filled_price_usd).quantize(Decimal("0.0001"))
        cells = (answer.cl_ord_id, answer.symbol, answer.order_shares, answer.limit_price_usd, order.status)
        table.add_row(*map(_text, cells), _text(order.filled_shares), _text(price))
    out().print(table)


def plain_table(*names: str) -> Table:
    """A table without lines."""
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name)
    return table


def _text(value: object) -> str:
    """A cell; what is not known is a dash, never a zero."""
    return "-" if value is None else str(value)
