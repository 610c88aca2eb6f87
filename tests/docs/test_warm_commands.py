"""A command that runs warm is the command: its arguments, folder, environment, files and end are the caller's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.docs.warm_commands import warm_commands

Shell = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("warm")
    with warm_commands(folder) as warm:
        environment = {**os.environ, "PATH": f"{warm}:{os.environ['PATH']}", "ASSAY_HOME": "nowhere"}

        def said(script: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(  # noqa: S603
                ["bash", "-c", script],  # noqa: S607
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )

        yield said


def test_the_caller_hears_what_is_said_and_how_it_ended(shell: Shell) -> None:
    said = shell("assay --version")
    assert (said.returncode, said.stdout.split()[0], said.stderr) == (0, "assay", "")


def test_a_fault_is_said_where_faults_are_said_and_exits_as_it_does_cold(shell: Shell) -> None:
    warm, cold = shell("assay verify"), shell(f"{Path(sys.executable).parent}/assay verify")
    assert (warm.returncode, warm.stdout, warm.stderr) == (cold.returncode, cold.stdout, cold.stderr)
    assert "nowhere holds no decision log" in warm.stderr


def test_two_that_run_at_once_do_not_hear_each_other(shell: Shell) -> None:
    said = shell("assay nonsense 2> first & assay --version > second; wait; cat first second")
    assert "No such command" in said.stdout
    assert said.stdout.splitlines()[-1].startswith("assay ")
