"""`assay portfolio`: a portfolio under every cap of the policy, and what there is to borrow."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.text import Text

from adapters.log_folder import DATABASE
from api.bootstrap import serving_lake
from api.cli.explaining import AsOfOption
from api.cli.market import AccountOption, plain_table
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import HomeOption
from api.cli.serving import serving_settings
from api.log_parts import log_to_read
from api.settings import Settings
from api.use_cases.allocation import Place, allocated, portfolio_policy
from api.use_cases.allocation_words import AllocationAsked, AllocationView
from api.use_cases.desk import environment_bytes
from governance.environment import environment_here, single_threaded
from governance.ports import LogReader
from nodes.journal.account import AccountState, account_from_bytes
from nodes.vocabulary.errors import EdgeError

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
    asked = _asked({**_read(question), **{name: value for name, value in said.items() if value is not None}})
    single_threaded()
    view = _answered(asked, serving_settings(home))
    if as_json:
        print_json(view)
        return
    _print(view)


def _read(question: Path | None) -> dict[str, Any]:
    if question is None:
        return {}
    try:
        text = sys.stdin.buffer.read() if str(question) == "-" else question.read_bytes()
        return msgspec.json.decode(text, type=dict[str, Any])
    except (OSError, msgspec.DecodeError) as error:
        message = f"question {str(question)!r} cannot be read: {error}"
        raise EdgeError(f"{message}; name a file of JSON, such as docs/portfolio.md shows") from error


def _asked(content: dict[str, Any]) -> AllocationAsked:
    try:
        return msgspec.convert(content, AllocationAsked)
    except msgspec.ValidationError as error:
        message = f"question cannot be read: {error}"
        raise EdgeError(f"{message}; correct that field") from error


def _answered(asked: AllocationAsked, settings: Settings) -> AllocationView:
    if not (settings.home / DATABASE).exists() and settings.database_url is None and asked.account_id is None:
        return allocated(asked, _place(asked, settings, None))
    with log_to_read(settings) as folder, folder.store.reader() as reader:
        return allocated(asked, _place(asked, settings, reader))


def _place(asked: AllocationAsked, settings: Settings, reader: LogReader | None) -> Place:
    return Place(
        policy=portfolio_policy(reader),
        lake=serving_lake(settings),
        account=None if reader is None or asked.account_id is None else _account(reader, asked.account_id),
        origin=settings.origin,
        environment=environment_bytes(environment_here()),
    )


def _account(reader: LogReader, account_id: str) -> AccountState:
    row = reader.account(account_id)
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
