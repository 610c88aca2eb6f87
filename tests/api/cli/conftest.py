"""A small real log: the first sessions of the bundled data, decided once and read by many tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.cli.invoking import invoked

LAST_ON = "2005-01-06"


@pytest.fixture(scope="session")
def job_output(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    home = tmp_path_factory.mktemp("cli") / "home"
    result = invoked("run", "--to", LAST_ON, "--replays", "1", "--home", str(home), "--origin", "research/cli")
    assert result.exit_code == 0, result.output
    return home, result.stdout, result.stderr


@pytest.fixture(scope="session")
def home(job_output: tuple[Path, str, str]) -> str:
    """The folder of the log. Tests that write take a copy."""
    return str(job_output[0])
