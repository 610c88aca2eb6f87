"""Scenarios from the command line."""

from __future__ import annotations

from pathlib import Path

from tests.api.cli.invoking import invoked, json_answer
from tests.api.scenario_reports import TEXT


def test_a_scenario_of_ones_own_is_run_and_its_page_written(tmp_path: Path) -> None:
    """SCN-01."""
    file, page, kept = tmp_path / "mine.yaml", tmp_path / "mine.html", tmp_path / "kept"
    short = TEXT.replace(b"last_on: 2008-10-21", b"last_on: 2008-10-03").replace(
        b"lead_sessions: 10", b"lead_sessions: 3"
    )
    file.write_bytes(short)
    where = ("--page", str(page), "--keep", str(kept), "--home", str(tmp_path / "home"))
    found = json_answer("scenario", "run", str(file), "--together", *where)
    assert (found["scenario"], found["n_sessions"]) == ("october-2008", 3)
    assert "Three weeks of October 2008" in page.read_text(encoding="utf-8")
    assert (kept / "log.db").is_file()


def test_scenarios_are_listed_for_programs() -> None:
    assert {"lehman-2008", "covid-2020"} <= {each["scenario"] for each in json_answer("scenario", "list")}


def test_a_scenario_that_is_not_known_is_refused_with_those_that_are(tmp_path: Path) -> None:
    refused = invoked("scenario", "run", "tulips-1637", "--home", str(tmp_path / "home"))
    assert refused.exit_code != 0
    assert "lehman-2008" in refused.stderr
