"""Retention from the command line."""

from __future__ import annotations

from pathlib import Path

from tests.api.cli.invoking import answer, invoked, json_answer
from tests.governance.retention_examples import aged


def test_bodies_are_held_then_dropped_and_the_log_verifies(tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    aged(tmp_path / "home").store.close()
    assert json_answer("retention", "status", "--home", home)["bodies_due"] == 4
    hold = json_answer("retention", "hold", "--because", "a letter", "--as", "counsel", "--home", home)["hold"]
    assert json_answer("retention", "apply", "--home", home)["entries"] == []
    assert "a letter" in answer("retention", "status", "--home", home)
    json_answer("retention", "release", hold, "--because", "over", "--as", "counsel", "--home", home)
    copy = str(tmp_path / "copy.zip")
    done = json_answer("retention", "apply", "--copy", copy, "--as", "ops", "--home", home)
    assert (len(done["entries"]), done["copy"]) == (1, copy)
    assert json_answer("retention", "status", "--home", home)["dropped"][0]["bodies"] == 4
    assert "dropped by rule" in answer("verify", "--home", home)


def test_a_hold_without_a_reason_is_refused(tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    aged(tmp_path / "home").store.close()
    assert "no reason is given" in invoked("retention", "hold", "--because", " ", "--home", home).stderr
