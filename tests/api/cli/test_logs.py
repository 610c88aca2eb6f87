from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.api.cli.invoking import answer, invoked, json_answer


@pytest.fixture
def own_home(home: str, tmp_path: Path) -> str:
    """A copy of the log to write to."""
    return str(shutil.copytree(home, tmp_path / "own"))


def test_entries_are_listed_in_the_order_of_the_log(home: str) -> None:
    entries = json_answer("log", "show", "--from", "0", "--count", "4", "--home", home)
    assert [entry["sequence"] for entry in entries] == [0, 1, 2, 3]
    assert [entry["kind"] for entry in entries] == ["genesis", "activation", "plan", "decision"]


def test_entries_for_people_speak_in_units(home: str) -> None:
    shown = answer("log", "show", "--from", "2", "--count", "1", "--home", home)
    assert "equity $1,000,000.00" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_the_kill_switch_is_an_entry_and_denies_what_follows(own_home: str) -> None:
    answer("kill-switch", "on", "--reason", "fat finger on the floor", "--home", own_home)
    (entry,) = json_answer("log", "show", "--count", "1", "--home", own_home)
    assert (entry["kind"], entry["facts"]["is_engaged"], entry["facts"]["reason"]) == (
        "kill-switch",
        True,
        "fat finger on the floor",
    )
    answer("run", "--to", "2005-01-21", "--replays", "1", "--home", own_home)
    later = json_answer("decisions", "--latest", "1", "--home", own_home)[0]
    assert later["verdict"] == "deny"
    assert "kill-switch" in later["reasons"]


def test_throwing_a_thrown_switch_writes_nothing(own_home: str) -> None:
    answer("kill-switch", "on", "--reason", "drill", "--home", own_home)
    before = json_answer("verify", "--home", own_home)["size"]
    assert "already" in answer("kill-switch", "on", "--reason", "drill", "--home", own_home)
    assert json_answer("verify", "--home", own_home)["size"] == before


def test_a_released_switch_is_off(own_home: str) -> None:
    answer("kill-switch", "on", "--reason", "drill", "--home", own_home)
    release = ("kill-switch", "off", "--as", "Ada Lovelace", "--reason", "drill over", "--home", own_home)
    assert "is off" in answer(*release)


def test_a_slip_in_the_name_of_the_home_stops_no_other_account_and_begins_no_log(tmp_path: Path) -> None:
    """Who believes that trading is stopped must not be told so by a log that nobody trades in."""
    for command in (("kill-switch", "on", "--reason", "drill"), ("log", "checkpoint")):
        result = invoked(*command, "--home", str(tmp_path / "slip"))
        assert result.exit_code == 14
        assert "holds no decision log" in result.stderr
    assert not (tmp_path / "slip").exists()


def test_the_switch_wants_a_reason(own_home: str) -> None:
    result = invoked("kill-switch", "on", "--reason", " ", "--home", own_home)
    assert result.exit_code == 2
    assert "say why" in result.stderr
