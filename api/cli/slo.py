"""`assay slo`: error budgets, and the rules of Prometheus that say the same."""

from __future__ import annotations

from datetime import datetime

import typer
from rich.table import Table
from rich.text import Text

from adapters.sql.slo_samples import SLO_SAMPLES, SloSamples
from adapters.telemetry.dashboard import dashboard_text
from api.bootstrap import shell_clock
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption, chosen
from api.http.schemas.slo import BurnView, slo_view
from api.log_parts import require_log
from api.use_cases.slo import SloKeeper, slo_policy
from api.use_cases.slo_rules import prometheus_rules

app = typer.Typer(help="Error budgets: how they stand, and as rules of Prometheus.", no_args_is_help=True)


@app.command()
def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show how every objective stands, from what the servers of the home counted."""
    settings = chosen(home)
    require_log(settings)
    at: datetime = shell_clock()
    with SloSamples(settings.home / SLO_SAMPLES) as samples:
        keeper = SloKeeper(slo_policy(settings.slo_policy), samples, bytes, shell_clock)
        found = slo_view(keeper.policy, at, keeper.statuses(at))
    if as_json:
        print_json(found)
        return
    table = Table(box=None, header_style="quiet")
    for name in ("objective", "good", "budget left", *(window.id for window in keeper.policy.windows)):
        table.add_column(name)
    for each in found.objectives:
        left = "unknown" if each.budget_left_frac is None else f"{each.budget_left_frac:.1%}"
        table.add_row(Text(each.objective), f"{each.good_frac:.2%}", left, *map(_burn, each.windows))
    out().print(table)


@app.command()
def rules(home: HomeOption = None) -> None:
    """Print the objectives as a file of rules for Prometheus."""
    typer.echo(prometheus_rules(slo_policy(chosen(home).slo_policy)), nl=False)


@app.command()
def dashboard() -> None:
    """Print the dashboard of Grafana: a panel for each question that a metric answers."""
    typer.echo(dashboard_text(), nl=False)


def _burn(found: BurnView) -> Text:
    if found.long_ratio is None:
        return Text("unknown", style="quiet")
    return Text(f"{found.long_ratio:.2f}", style="fails" if found.is_burning else "")
