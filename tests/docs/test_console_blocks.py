"""Every console block of the documentation runs, in order, and prints what the page shows.

In a block, a line that begins with `$ ` is a command and the lines after it are what it prints: each must occur, in
order, with `...` for anything and any white space for white space. A command succeeds unless it ends in
`# exits with N`. The blocks of a page share one folder, which begins with copies of the policies and the examples.

Several pages begin with the same demo, which takes most of their time: it runs once, where the first of them stands,
and the others take up what it said and left.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.code import ROOT
from tests.docs.blocks import blocks, documents
from tests.docs.warm_commands import warm_commands

_DEMO = "assay demo "
_EXIT = re.compile(r"#\s*exits with (\d+)")


@dataclass
class Command:
    """One command of a page, and the lines that it must print."""

    text: str
    place: str
    shown: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """How it must end."""
        match = _EXIT.search(self.text)
        return int(match[1]) if match else 0

    @property
    def pattern(self) -> re.Pattern[str]:
        """What its output must match somewhere."""
        words = [
            "".join(".*?" if part == "..." else re.escape(part) for part in re.split(r"(\.\.\.)", word))
            for line in self.shown
            for word in line.split()
        ]
        return re.compile(r"\s+".join(words), re.DOTALL)


def _commands(page: Path) -> list[Command]:
    found: list[Command] = []
    for block in blocks(page):
        if block.kind == "console":
            for number, line in enumerate(block.text.splitlines(), start=block.line + 1):
                if line.startswith("$ "):
                    found.append(Command(line[2:], f"{block.path}:{number}"))
                elif line.strip():
                    found[-1].shown.append(line)
    return found


def _pages() -> Iterator[Any]:
    for page in documents():
        if any(block.kind == "console" for block in blocks(page)):
            yield pytest.param(page, id=str(page.relative_to(ROOT)))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """What the commands find around them. A server that a page started, and named in a .pid file, ends with it."""
    _begun(tmp_path)
    yield tmp_path
    for pid in tmp_path.glob("*.pid"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid.read_text()), signal.SIGTERM)


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PATH on which `assay` is found, and the Python that it is installed for."""
    with warm_commands(tmp_path_factory.mktemp("commands")) as warm:
        yield f"{warm}:{Path(sys.executable).parent}:{os.environ['PATH']}"


@dataclass
class Demos:
    """The demos that pages began with: what each said, and a copy of what it left."""

    folder: Path
    programs: str
    said: dict[str, tuple[subprocess.CompletedProcess[str], Path]] = field(default_factory=dict)

    def taken_up(self, command: Command, folder: Path) -> subprocess.CompletedProcess[str]:
        """What a demo says, having left in the folder what it leaves."""
        if command.text not in self.said:
            made = self.folder / str(len(self.said))
            _begun(made)
            self.said[command.text] = (_said(command, made, _environment(self.programs)), made / "var")
        said, left = self.said[command.text]
        shutil.copytree(left, folder / "var")
        return said


@pytest.fixture(scope="module")
def demos(programs: str, tmp_path_factory: pytest.TempPathFactory) -> Demos:
    return Demos(tmp_path_factory.mktemp("demos"), programs)


@pytest.mark.slow
@pytest.mark.parametrize("page", list(_pages()))
def test_commands_of_a_page_print_what_it_shows(page: Path, folder: Path, programs: str, demos: Demos) -> None:
    environment = _environment(programs)
    for command in _commands(page):
        is_first_demo = command.text.startswith(_DEMO) and not (folder / "var").exists()
        said = demos.taken_up(command, folder) if is_first_demo else _said(command, folder, environment)
        assert said.returncode == command.exit_code, f"{command.place}: {said.stdout}"
        assert command.pattern.search(said.stdout), f"{command.place}: {command.pattern.pattern} not in:\n{said.stdout}"


def _begun(folder: Path) -> None:
    for name in ("policies", "docs/examples"):
        shutil.copytree(ROOT / name, folder / name)


def _environment(programs: str) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ASSAY_", "COV"))}
    return environment | {"PATH": programs, "COLUMNS": "200", "NO_COLOR": "1"}


def _said(command: Command, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What a command says: a script of its own, for which is there what those before exported and assigned."""
    script = folder / "page.sh"
    script.write_text(
        f"set -a; . ./variables 2>/dev/null\n{command.text}\ncode=$?\nexport -p > variables\nexit $code\n"
    )
    return subprocess.run(  # noqa: S603  # the documentation's own commands
        ["bash", script.name],  # noqa: S607
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=240,
    )
