"""The table of commands says what the modules say, and starting costs only what was asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from api.cli.commands import COMMANDS, loaded
from tests.api.cli.invoking import answer, invoked

HEAVY = (
    "polars",
    "sqlalchemy",
    "litestar",
    "hamilton",
    "sklearn",
    "pandas",
    "api.bootstrap",
    "dataflows",
    "governance",
)


def _modules(*arguments: str) -> set[str]:
    """What a process has imported after a command."""
    code = (
        "import sys; from api.cli.app import app\n"
        f"try: app({list(arguments)!r})\n"
        "except SystemExit: pass\n"
        "print(*sorted(sys.modules), sep='\\n', file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    return set(ended.stderr.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_row_is_that_of_its_command(name: str) -> None:
    found = loaded(name)
    assert found.name == name
    assert COMMANDS[name].text == " ".join(str(found.help).split())


def test_help_imports_no_command() -> None:
    """Start-up: a person who asks for help waits for no database, no frame and no web framework."""
    found = _modules("--help")
    assert [name for name in HEAVY if name in found] == []
    assert not any(name.startswith("api.cli.") and name not in LIGHT for name in found)


LIGHT = {"api.cli.app", "api.cli.commands", "api.cli.edge", "api.cli.output"}


def test_verifying_imports_neither_engine_nor_server() -> None:
    found = _modules("verify", "--help")
    assert "governance.verify" in found
    assert [name for name in ("alembic", "litestar", "hamilton", "pandas", "api.bootstrap") if name in found] == []


def test_a_group_has_the_commands_of_all_its_modules() -> None:
    shown = answer("data", "--help")
    assert all(f" {command} " in shown for command in ("import", "bars", "fact", "fetch", "feeds"))
    assert " checkpoint " in answer("log", "--help")


def test_a_command_of_a_group_that_is_not_there_is_refused() -> None:
    assert invoked("data", "brs").exit_code == 2
