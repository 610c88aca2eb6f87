"""The import contracts of pyproject.toml hold, and each of them catches a violation planted in a copy of the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.code import PACKAGES, ROOT


def _linted(root: Path) -> subprocess.CompletedProcess[str]:
    """What `lint-imports` says of a tree."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    wide = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(command, cwd=root, env=wide, capture_output=True, text=True, check=False)  # noqa: S603


def test_import_contracts_hold() -> None:
    linted = _linted(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize(
    ("planted_in", "line", "contract"),
    [
        ("nodes/features/planted.py", "import policies", "Imports go one way"),
        ("policies/planted.py", "import governance", "Imports go one way"),
        ("nodes/kernels/planted.py", "import nodes.features.planted_too", "vocabulary and the kernels"),
        ("nodes/features/planted.py", "import nodes.signals.planted_too", "never by import"),
        ("nodes/features/planted.py", "import random", "Nodes are pure"),
        ("nodes/kernels/planted.py", "from os import environ", "Nodes are pure"),
        ("governance/planted.py", "import sqlalchemy", "through ports only"),
        ("adapters/planted.py", "from hamilton import driver", "One file touches Hamilton"),
        ("governance/planted.py", "import tests", "Imports go one way"),
    ],
)
def test_a_planted_import_breaks_its_contract(tmp_path: Path, planted_in: str, line: str, contract: str) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path in ("tests/__init__.py", "nodes/features/planted_too.py", "nodes/signals/planted_too.py", planted_in):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).parent.joinpath("__init__.py").touch()
        (tmp_path / path).write_text("", encoding="utf-8")
    (tmp_path / planted_in).write_text(f"{line}\n", encoding="utf-8")
    linted = _linted(tmp_path)
    assert linted.returncode == 1, linted.stdout + linted.stderr
    assert [text for text in linted.stdout.splitlines() if contract in text and "BROKEN" in text], linted.stdout
