"""Runs commands as a person in a pipe does: no terminal, no colour, 80 columns."""

from __future__ import annotations

import json
from typing import Any

from typer.testing import CliRunner, Result

from api.cli.app import app

ENVIRONMENT = {"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb", "ASSAY_HOME": None}


def invoked(*arguments: str) -> Result:
    return CliRunner(env=ENVIRONMENT).invoke(app, list(arguments))


def answer(*arguments: str, exit_code: int = 0) -> str:
    """Standard output of a command that ends as expected."""
    result = invoked(*arguments)
    assert result.exit_code == exit_code, result.output
    return result.stdout


def json_answer(*arguments: str, exit_code: int = 0) -> Any:
    return json.loads(answer(*arguments, "--json", exit_code=exit_code))
