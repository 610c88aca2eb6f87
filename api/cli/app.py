"""The `assay` command: one module of commands a subject, joined here."""

from __future__ import annotations

from importlib.metadata import version as installed_version
from typing import Annotated

import typer

from adapters.telemetry.logs import warnings_to_stderr
from api.cli import (
    account,
    catalogs,
    data,
    explaining,
    facts,
    feeds,
    log_reading,
    logs,
    market,
    pit,
    policies,
    replaying,
    running,
    sentiment,
    serving,
    tokens,
    traces,
)
from api.cli.edge import EdgeGroup
from api.cli.reading import add_readings
from api.use_cases.data_readings import ALL_READINGS

app = typer.Typer(
    name="assay",
    cls=EdgeGroup,
    help="Trading decisions that can be proved.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(running.demo)
app.command()(running.run)
app.command()(logs.verify)
app.command()(replaying.replay)
app.command()(traces.decisions)
app.add_typer(traces.app, name="trace")
app.add_typer(policies.app, name="policy")
app.command("catalog")(catalogs.list_catalog)
app.command()(catalogs.graph)
for command in (log_reading.entries, log_reading.proof, log_reading.consistency, log_reading.tail):
    logs.app.command()(command)
app.add_typer(logs.app, name="log")
app.command("why-not")(explaining.print_why_not)
app.command()(explaining.explain)
app.command()(account.plan)
app.command()(account.positions)
data.app.command("fact")(facts.print_fact)
data.app.command("statement")(facts.print_statement)
data.app.command("periods")(facts.print_periods)
add_readings(data.app, ALL_READINGS)
data.app.command("fetch")(feeds.fetch)
data.app.command("feeds")(feeds.list_feeds)
app.add_typer(data.app, name="data")
app.add_typer(sentiment.app, name="sentiment")
app.add_typer(market.sessions, name="session")
app.add_typer(market.orders, name="order")
app.add_typer(pit.app, name="pit")
app.command()(market.kill_switch)
app.command()(serving.serve)
app.add_typer(tokens.app, name="token")


def _version(asked: bool) -> None:  # noqa: FBT001  # a switch of the command line
    if asked:
        typer.echo(f"assay {installed_version('assay-engine')}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    _version_asked: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Trading decisions that can be proved."""
    context.with_resource(warnings_to_stderr())


def main() -> None:
    """Run the command line."""
    app()
