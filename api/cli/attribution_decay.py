"""`assay journal decay`: how long alpha lasts, and whether that changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.bootstrap import chosen_lake, open_models
from api.cli.attribution import newest_account
from api.cli.market import AccountOption
from api.cli.models import WhoOption
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption, chosen
from api.log_parts import log_to_read
from api.use_cases.attribution_decay import AlphaDecay, alpha_decay, recorded_change
from api.use_cases.attribution_terms import attribution_terms

_NO_VALUE = "-"
TermsOption = Annotated[
    Path | None, typer.Option("--terms", metavar="FILE", help="How alpha is watched.", show_default="the shipped terms")
]


def decay_command(  # one argument an option
    account: AccountOption = None,
    terms: TermsOption = None,
    record: Annotated[
        bool, typer.Option("--record", help="Open an incident when it changed and none is open.")
    ] = False,
    principal: WhoOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how long alpha lasts: by horizon and delay, in money, and whether it fades otherwise of late."""
    settings = chosen(home)
    with log_to_read(settings) as folder, folder.store.reader() as reader:
        named = account or newest_account(settings, reader)
        found = alpha_decay(reader, chosen_lake(settings), attribution_terms(terms), named)
    incident_id = None
    if record:
        with open_models(settings) as models:
            opened = recorded_change(found, models, principal or settings.principal)
        incident_id = None if opened is None else opened.incident_id
    if as_json:
        print_json({"decay": found, "incident_id": incident_id})
        return
    print_decay(out(), found)
    if record:
        out().print(f"incident {incident_id} opened" if incident_id else "no incident opened")


def print_decay(console: Console, found: AlphaDecay) -> None:
    """Coefficients by horizon and delay, what delay costs, and what changed."""
    console.print(f"{found.account_id}: {found.score} of {found.from_on} to {found.to_on}, {found.n_sessions} sessions")
    table = _table("horizon", "delay", "coefficient", "from", "to", "sessions")
    for each in (*found.by_horizon, *found.by_delay[1:]):
        spread = (_number(value) for value in (each.value, each.low, each.high))
        table.add_row(str(each.horizon_sessions), str(each.delay_sessions), *spread, str(each.n_sessions))
    console.print(table)
    half_life, fitted = (_number(each, 1) for each in (found.half_life_sessions, found.fitted_half_life_sessions))
    doubt = "" if found.is_told else "; of noise, as what is known without delay may be nothing"
    console.print(f"half-life {half_life} sessions, fitted {fitted}{doubt}")
    costs = _table("delay", "costs a session, USD", "from", "to")
    for cost in found.delay_costs[1:]:
        usd = (_number(value, 2) for value in (cost.usd, cost.low_usd, cost.high_usd))
        costs.add_row(str(cost.delay_sessions), *usd)
    console.print(costs)
    for change in found.changes:
        told = f"{change.what}: {_number(change.before)} before, {_number(change.recent)} of late: {change.finding}"
        console.print(Text(told, style="fails" if change.finding == "changed" else ""))
    if not found.changes:
        console.print(Text("too few sessions to hold the newest against those before", style="quiet"))


def _table(*names: str) -> Table:
    table = Table(box=None, header_style="quiet")
    for name in names:
        table.add_column(name, justify="right")
    return table


def _number(value: float | None, digits: int = 4) -> str:
    return _NO_VALUE if value is None else f"{value:.{digits}f}"
