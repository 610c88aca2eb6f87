from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from api.cli.options import grouped

app = typer.Typer()


@dataclass(frozen=True)
class Span:
    """Two options."""

    first: Annotated[int, typer.Option("--from", help="The first one.")]
    last: Annotated[int, typer.Option("--to", help="The last one.")] = 9


@app.command()
@grouped
def count(word: Annotated[str, typer.Argument()], span: Span, *, loud: Annotated[bool, typer.Option()] = False) -> None:
    """Count."""
    typer.echo(f"{word} {span.first} {span.last} {loud}")


def test_the_fields_of_a_record_are_options_of_the_command() -> None:
    assert CliRunner().invoke(app, ["x", "--from", "3", "--loud"]).output == "x 3 9 True\n"


def test_a_field_without_a_default_must_be_given() -> None:
    result = CliRunner(env={"NO_COLOR": "1", "TERM": "dumb"}).invoke(app, ["x"])

    assert result.exit_code == 2
    assert "Missing option '--from'" in result.output


def test_the_help_is_that_of_the_command_and_of_its_fields() -> None:
    told = CliRunner(env={"NO_COLOR": "1", "TERM": "dumb"}).invoke(app, ["--help"]).output

    assert "Count." in told
    assert "The last one." in told
