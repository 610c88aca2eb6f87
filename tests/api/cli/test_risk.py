"""Risk from the command line, on a small real log."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.api.cli.invoking import answer, invoked, json_answer


def test_report_limits_and_throttles_are_read_from_the_log(home: str) -> None:
    report = json_answer("risk", "report", "--home", home)
    assert (report["account_id"], report["marked_on"]) == ("demo", "2005-01-06")
    assert "max_gross_frac" in answer("risk", "limits", "--home", home)
    assert "demo: automated execution is enabled" in answer("risk", "throttles", "--home", home)
    assert "filtered-ewma" in answer("risk", "report", "--home", home)


def test_a_backtest_that_is_recorded_opens_incidents_once(home: str, tmp_path: Path) -> None:
    """GOV-05."""
    own = str(shutil.copytree(home, tmp_path / "home"))
    first = json_answer("risk", "var", "--record", "--home", own)
    assert first["backtest"]["methods"][0]["n_sessions"] == 2
    assert json_answer("risk", "var", "--record", "--home", own)["n_incidents_opened"] == 0


def test_clockwork_releases_nothing_and_a_person_says_why(home: str, tmp_path: Path) -> None:
    """EXE-16."""
    own = str(shutil.copytree(home, tmp_path / "home"))
    refused = invoked("risk", "release", "--reason", "go on", "--as", "assay", "--home", own)
    assert "names no person" in refused.stderr
    assert "was not disabled" in answer("risk", "release", "--reason", "go on", "--as", "Ada", "--home", own)
