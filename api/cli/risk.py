"""`assay risk report, var, limits, throttles, release`: the risk of an account, from its log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.bootstrap import chosen_lake, log_to_write, open_models, shell_clock
from api.cli.market import AccountOption
from api.cli.models import WhoOption
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption, chosen
from api.cli.risk_text import print_backtest, print_limits, print_report
from api.log_parts import log_to_read, require_log
from api.scenario_parts import live_policy
from api.settings import Settings
from api.use_cases.risk import RiskDesk, recorded_breaches, risk_backtest, risk_limits, risk_report
from api.use_cases.risk_terms import risk_terms
from api.use_cases.throttles import ThrottleRelease, throttle_released, throttle_state, throttle_uses, use_text
from governance.entries import EntryKind
from governance.ports import LogReader
from policies.parse import parsed_policy

app = typer.Typer(help="The risk of an account: exposure, value at risk, limits, throttles.", no_args_is_help=True)

TermsOption = Annotated[
    Path | None, typer.Option("--terms", help="How risk is measured.", metavar="FILE", show_default="the shipped terms")
]


@app.command()
def report(
    account: AccountOption = None, terms: TermsOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Show exposure with pending orders, losses, halts, value at risk and shortfall."""
    with _read(home, account, terms) as (desk, reader):
        found = risk_report(desk, reader)
    if as_json:
        print_json(found)
    else:
        print_report(out(), found)


@app.command()
def var(
    account: AccountOption = None,
    terms: TermsOption = None,
    record: Annotated[bool, typer.Option("--record", help="Open an incident for each breach that has none.")] = False,
    principal: WhoOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold value at risk against what happened, method by method."""
    with _read(home, account, terms) as (desk, reader):
        found = risk_backtest(desk, reader)
    opened = 0
    if record:
        settings = chosen(home)
        with open_models(settings) as models:
            opened = len(recorded_breaches(desk, models, found, principal or settings.principal)[0])
    if as_json:
        print_json({"backtest": found, "n_incidents_opened": opened})
        return
    print_backtest(out(), found)
    if record:
        out().print(f"{opened} incidents opened")


@app.command()
def limits(
    account: AccountOption = None, terms: TermsOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """List the limits of the policy, and how far the account has used them up."""
    with _read(home, account, terms) as (desk, reader):
        found = risk_limits(desk, reader)
    if as_json:
        print_json(found)
    else:
        print_limits(out(), found)


@app.command()
def throttles(account: AccountOption = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show whether automated execution is disabled, and when it was."""
    settings = chosen(home)
    with log_to_read(settings) as folder, folder.store.reader() as reader:
        named = account or _account(settings, reader)
        state, uses = throttle_state(reader, named), throttle_uses(reader, named)
    is_disabled = state is not None and state.automation_is_disabled
    if as_json:
        print_json({"account_id": named, "is_disabled": is_disabled, "uses": uses})
        return
    out().print(f"{named}: automated execution is {'disabled' if is_disabled else 'enabled'}")
    table = Table(box=None, show_header=False)
    for use in uses:
        table.add_row(Text(str(use.sequence), style="id"), use_text(use))
    out().print(table)


@app.command()
def release(
    reason: Annotated[str, typer.Option("--reason", help="Why automation may go on, in words.", metavar="TEXT")],
    principal: Annotated[str, typer.Option("--as", help="Who lets it go on: a person.", metavar="NAME")],
    account: AccountOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let automated execution go on after a throttle, in your name."""
    settings = chosen(home)
    require_log(settings)
    with log_to_write(settings) as folder:
        with folder.store.reader() as reader:
            named = account or _account(settings, reader)
        four_eyes = risk_terms(settings.risk_terms).release_needs_second_person
        asked = ThrottleRelease(named, principal, reason, shell_clock(), four_eyes)
        has_changed = throttle_released(folder.store, asked)
    if as_json:
        print_json({"account_id": named, "is_disabled": False, "has_changed": has_changed})
    else:
        out().print(f"{named}: automated execution {'goes on' if has_changed else 'was not disabled'}")


@contextmanager
def _read(home: Path | None, account: str | None, terms: Path | None) -> Iterator[tuple[RiskDesk, LogReader]]:
    settings = chosen(home)
    with log_to_read(settings) as folder, folder.store.reader() as reader:
        policy = parsed_policy(*live_policy(settings)).policy
        named = account or _account(settings, reader)
        yield RiskDesk(chosen_lake(settings), policy, risk_terms(terms or settings.risk_terms), named), reader


def _account(settings: Settings, reader: LogReader) -> str:
    """The account of the newest plan, else that of the settings."""
    plans = reader.newest(EntryKind.PLAN, 1)
    return str(plans[0].entry.facts["account_id"]) if plans else settings.account_id
