"""In CI a skipped test fails the run, unless the data it needs is truly absent (tests/conftest.py)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.code import ROOT

SKIPPED_TEST = 'import pytest\n\ndef test_one():\n    pytest.skip("no time for it")\n'
SKIPPED_MODULE = 'import pytest\n\npytest.importorskip("no_such_package_anywhere")\n'
DATA_TEST = "def test_one(shared_data):\n    assert shared_data.is_dir()\n"


def _exit_code(folder: Path, test: str, *, ci: bool) -> int:
    """How pytest ends over one test, in a checkout that has nothing beside it."""
    tests = folder / "checkout" / "tests"
    tests.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "conftest.py", tests)
    (tests / "test_planted.py").write_text(test, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | ({"CI": "true"} if ci else {})  # none has a part in this
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tests), str(tests)]
    return subprocess.run(command, cwd=tests, env=environment, capture_output=True, check=False).returncode  # noqa: S603


@pytest.mark.parametrize("test", [SKIPPED_TEST, SKIPPED_MODULE])
def test_a_skip_without_an_excuse_fails_in_ci(tmp_path: Path, test: str) -> None:
    assert _exit_code(tmp_path, test, ci=True) == pytest.ExitCode.TESTS_FAILED


def test_a_skip_passes_at_a_desk(tmp_path: Path) -> None:
    assert _exit_code(tmp_path, SKIPPED_TEST, ci=False) == pytest.ExitCode.OK


def test_absent_shared_data_excuses_a_skip(tmp_path: Path) -> None:
    assert _exit_code(tmp_path, DATA_TEST, ci=True) == pytest.ExitCode.OK
