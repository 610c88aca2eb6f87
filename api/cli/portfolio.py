"""`assay portfolio`: a portfolio under every cap of the policy, and what there is to borrow."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import typer
from rich.text import Text

from api.bootstrap import data_room, serving_lake, shell_clock
from api.cli.edge import NO
from api.cli.explaining import AsOfOption
from api.cli.market import AccountOption, plain_table
from api.cli.options import grouped
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import HomeOption, LakeOption
from api.cli.serving import serving_settings
from api.settings import Settings
from api.use_cases.allocation import Place, allocated
from api.use_cases.allocation_words import AllocationAsked, AllocationView
from api.use_cases.borrow import BorrowAsked, BorrowView, checked_borrow
from api.use_cases.desk import environment_bytes
from api.use_cases.fundamentals import as_of_from_text
from api.use_cases.gate_policies import Asking, policy_in_force, reader_if_any
from dataflows.borrowing import BORROW
from dataflows.portfolio import PORTFOLIO
from governance.environment import environment_here, single_threaded
from governance.ports import LogReader
from nodes.journal.account import AccountState, account_from_bytes
from nodes.vocabulary.errors import EdgeError

_Asked = TypeVar("_Asked", AllocationAsked, BorrowAsked)

app = typer.Typer(no_args_is_help=True, help="Allocate portfolios under the caps of the policy; ask for a borrow.")


@app.command("allocate")
def allocate(
    question: Annotated[
        Path | None, typer.Argument(help="JSON as of POST /api/v1/portfolio/allocate; - reads it.", metavar="FILE")
    ] = None,
    method: Annotated[
        str | None, typer.Option("--method", help="target, erc, minimum-variance, hrp and so on.")
    ] = None,
    equity: Annotated[float | None, typer.Option("--equity", help="Worth of the account in USD.")] = None,
    account: AccountOption = None,
    as_of: AsOfOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the portfolio that keeps every cap, the orders that lead there, and what each cap costs."""
    said = {"method": method, "equity_usd": equity, "account_id": account, "as_of": as_of}
    given = {name: value for name, value in said.items() if value is not None}
    asked = _asked({**_read(question), **given}, AllocationAsked)
    single_threaded()
    view = _answered(asked, serving_settings(home))
    if as_json:
        print_json(view)
        return
    _print(view)


@dataclass(frozen=True)
class Sale:
    """A sale that may be short."""

    symbol: Annotated[str, typer.Argument(help="Of which share.")]
    shares: Annotated[int, typer.Argument(help="How many are sold.")]
    position: Annotated[int, typer.Option("--position", help="How many are held.")] = 0
    price: Annotated[float | None, typer.Option("--price", help="USD a share, to tell the fee in money.")] = None


@app.command("check-borrow")
@grouped
def check_borrow(
    sale: Sale,
    as_of: AsOfOption = None,
    lake: LakeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether a sale has a locate: what the newest list shows, what it costs, what the policy says of it."""
    settings, now = serving_settings(home), shell_clock()
    told = {"position_shares": sale.position, "price_usd": sale.price, "as_of": as_of_from_text(as_of, now)}
    asked = _asked({"symbol": sale.symbol, "shares": sale.shares, **told}, BorrowAsked)
    with reader_if_any(settings) as reader, data_room(settings, lake).store() as store:
        view = checked_borrow(asked, store, _asking(settings, reader, BORROW.name), now)
    if as_json:
        print_json(view)
    else:
        _print_borrow(view)
    if not view.is_located:
        raise typer.Exit(NO)


def _read(question: Path | None) -> dict[str, Any]:
    if question is None:
        return {}
    try:
        text = sys.stdin.buffer.read() if str(question) == "-" else question.read_bytes()
        return msgspec.json.decode(text, type=dict[str, Any])
    except (OSError, msgspec.DecodeError) as error:
        message = f"question {str(question)!r} cannot be read: {error}"
        raise EdgeError(f"{message}; name a file of JSON, such as docs/portfolio.md shows") from error


def _asked(content: dict[str, Any], kind: type[_Asked]) -> _Asked:
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        message = f"question cannot be read: {error}"
        raise EdgeError(f"{message}; correct that field") from error


def _answered(asked: AllocationAsked, settings: Settings) -> AllocationView:
    with reader_if_any(settings) as reader:
        account = None if asked.account_id is None else _account(reader, asked.account_id)
        return allocated(asked, Place(_asking(settings, reader, PORTFOLIO.name), serving_lake(settings), account))


def _asking(settings: Settings, reader: LogReader | None, name: str) -> Asking:
    return Asking(policy_in_force(reader, name), settings.origin, environment_bytes(environment_here()))


def _account(reader: LogReader | None, account_id: str) -> AccountState:
    row = None if reader is None else reader.account(account_id)
    if row is None:
        message = f"account {account_id!r} holds nothing yet"
        raise EdgeError(f"{message}; name another with --account", reason="not-found")
    return account_from_bytes(row.content)


def _print(view: AllocationView) -> None:
    console = out()
    print_facts(
        console,
        {
            "caps": view.policy,
            "as_of": view.as_of or "what was given",
            "equity": f"{view.equity_usd:,.2f} USD, of which {view.cash_frac:.1%} stay cash",
            "method": f"{view.method}, covariance {view.covariance}{' (repaired)' if view.is_repaired else ''}",
            "volatility": "unknown" if view.volatility_frac is None else f"{view.volatility_frac:.1%} a year",
            "caps_cost": f"{view.caps_cost_usd_per_year:,.2f} USD a year, whole shares included",
        },
    )
    table = plain_table("symbol", "wanted", "weight", "shares", "order", "cost")
    for each in view.holdings:
        wanted = "" if each.wanted_weight_frac is None else f"{each.wanted_weight_frac:.2%}"
        cost = "unknown" if each.expected_cost_usd is None else f"{each.expected_cost_usd:,.2f}"
        shares = (f"{each.target_shares:,d}", f"{each.order_shares:+,d}")
        table.add_row(each.symbol, wanted, f"{each.weight_frac:.2%}", *shares, cost)
    console.print(table)
    for cap in view.caps:
        console.print(Text.assemble((f"{cap.rule}: ", "warn" if cap.binds else "quiet"), cap.because), soft_wrap=True)
    for left in view.excluded:
        console.print(Text(f"left out: {left.symbol}; {left.because}"), soft_wrap=True)


def _print_borrow(view: BorrowView) -> None:
    console = out()
    held = "not on the newest list" if view.available_shares is None else f"{view.available_shares:,d}"
    fee = "unknown" if view.fee_frac is None else f"{view.fee_frac:.2%} a year"
    print_facts(
        console,
        {
            "short": f"{view.short_shares:,d} shares of {view.symbol}",
            "to borrow": f"{held}{' or more' if view.is_capped else ''}",
            "fee": fee if view.fee_usd_per_day is None else f"{fee}, {view.fee_usd_per_day:,.2f} USD a day",
            "list": "none" if view.listed_on is None else f"{view.listed_on}, {view.source}",
            "verdict": f"{view.verdict}, by {view.policy}",
        },
    )
    for reason in view.reasons:
        console.print(Text.assemble((f"{reason.rule}: ", reason.verdict), reason.because), soft_wrap=True)
