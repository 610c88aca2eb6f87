"""The `assay` command. Its commands stand in the table of `api.cli.commands`."""

from __future__ import annotations

from importlib.metadata import version as installed_version
from typing import Annotated

import typer

from adapters.telemetry.logs import warnings_to_stderr
from api.cli.commands import LazyGroup

app = typer.Typer(
    name="assay",
    cls=LazyGroup,
    help="Trading decisions that can be proved.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
