"""Journeys 3 and 4 from the command line: a committee reads the papers, the on-call person takes a champion back."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.api.cli.invoking import answer, invoked, json_answer
from tests.api.use_cases.model_desks import challenger, desk_of, opened
from tests.governance.model_examples import FAMILY


@pytest.fixture
def home(tmp_path: Path) -> str:
    """A home with two challengers."""
    folder = opened(tmp_path / "home")
    for number in (1, 2):
        challenger(desk_of(folder), number)
    folder.store.close()
    return str(tmp_path / "home")


def _promoted(home: str, version: int) -> None:
    number = ("--version", str(version), "--home", home)
    assert "proposed" in answer("model", "promote", FAMILY, "--why", "tested", "--as", "ada", *number)
    assert "champion" in answer("model", "approve", FAMILY, "--why", "read the card", "--as", "bob", *number)


def test_a_champion_is_taken_back_by_one_command_in_seconds_and_the_log_says_why(home: str) -> None:
    """INF-04, GOV-03."""
    _promoted(home, 1)
    _promoted(home, 2)
    began_s = time.perf_counter()
    told = answer("model", "rollback", FAMILY, "--to", "1", "--why", "bad data", "--as", "oncall", "--home", home)
    assert time.perf_counter() - began_s < 5.0
    assert told.startswith("meta-label v1: champion, entry ")
    listed = json_answer("model", "list", "--home", home)[0]
    assert (listed["champion"], [each["stage"] for each in listed["versions"]]) == (1, ["retired", "champion"])
    report = answer("model", "postmortem", FAMILY, "--home", home)
    assert "meta-label v2, taken back for v1" in report
    assert "| oncall | bad data |" in report
    assert "intact" in answer("verify", "--home", home)


def test_who_proposes_cannot_approve(home: str) -> None:
    """ENG-12."""
    invoked("model", "promote", FAMILY, "--version", "1", "--as", "ada", "--home", home)
    alone = invoked("model", "approve", FAMILY, "--version", "1", "--as", "ADA", "--home", home)
    assert alone.exit_code == 14
    assert "cannot approve it mend: ask a second person" in " ".join(alone.stderr.split())


def test_card_and_memo_are_written_from_the_registry(home: str, tmp_path: Path) -> None:
    """GOV-01, GOV-02."""
    _promoted(home, 1)
    target = tmp_path / "papers" / "card.html"
    answer("model", "card", FAMILY, "-v", "1", "--form", "html", "--output", str(target), "--home", home)
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "# Deployment memo: meta-label v1" in answer("model", "memo", FAMILY, "-v", "1", "--home", home)
    shown = answer("model", "show", FAMILY, "-v", "1", "--home", home)
    assert "dsr frac" in shown
    assert "sha256:" in shown
    trials = json_answer("model", "trials", FAMILY, "--home", home)
    assert [each["number"] for each in trials] == [1, 2, 3]
    assert answer("model", "list", "--home", home).startswith("meta-label  3 trials counted")


def test_a_version_without_a_memo_and_a_family_that_is_not_known_are_told(home: str) -> None:
    assert "never champion" in " ".join(invoked("model", "memo", FAMILY, "--home", home).stderr.split())
    assert "nobody" in invoked("model", "show", "nobody", "--home", home).stderr
    no_way_back = invoked("model", "rollback", FAMILY, "--home", home)
    assert "no champion before this one" in " ".join(no_way_back.stderr.split())


def test_a_version_is_moved_withdrawn_and_retired(home: str) -> None:
    invoked("model", "promote", FAMILY, "-v", "1", "--as", "ada", "--home", home)
    assert "withdrawn" in answer("model", "withdraw", FAMILY, "-v", "1", "--as", "bob", "--home", home)
    assert "shadow" in answer("model", "advance", FAMILY, "-v", "1", "--to", "shadow", "--home", home)
    assert "retired" in answer("model", "retire", FAMILY, "-v", "1", "--home", home)
