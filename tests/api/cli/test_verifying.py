"""`assay verify`: what it says of a log that is whole and of one that is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import apsw
import pytest

from tests.api.cli.invoking import answer, invoked, json_answer


@pytest.fixture
def own_home(home: str, tmp_path: Path) -> str:
    """A copy of the log to write to."""
    return str(shutil.copytree(home, tmp_path / "own"))


def test_an_intact_log_verifies(home: str) -> None:
    report = json_answer("verify", "--home", home)
    assert report["is_intact"]
    assert report["counts"]["entries"] == report["size"] > 0


def test_verification_for_people_says_what_was_covered(home: str) -> None:
    shown = answer("verify", "--home", home)
    assert "research/cli: intact" in shown
    assert "bodies" in shown


def test_a_flipped_byte_is_located_and_the_exit_code_says_no(own_home: str) -> None:
    with apsw.Connection(f"{own_home}/log.db") as database:
        database.execute("UPDATE entries SET data = data || x'00' WHERE sequence = 3")
    result = invoked("verify", "--home", own_home)
    assert result.exit_code == 1
    assert "entry 3" in result.stdout
    assert "mend:" in result.stdout


def test_a_checkpoint_is_printed_to_be_kept_and_verified_against(own_home: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text(answer("log", "checkpoint", "--home", own_home), encoding="utf-8")
    assert kept.read_text(encoding="utf-8").startswith("research/cli\n")
    assert f"the checkpoint in {kept}" in answer("verify", "--against", str(kept), "--home", own_home)


def test_a_checkpoint_of_another_log_is_refused(home: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("another log\n1\n", encoding="utf-8")
    assert invoked("verify", "--against", str(kept), "--home", home).exit_code in {1, 13}
