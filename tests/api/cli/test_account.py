"""`assay plan` and `assay positions` beside what HTTP says of the same (API-SIG: parity of the command line)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.cli.invoking import answer, invoked, json_answer


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A home with one order that was filled."""
    home = str(tmp_path_factory.mktemp("account") / "home")
    answer("order", "send", "IBM", "100", "--home", home)
    answer("session", "advance", "--home", home)
    return home


def test_the_day_plan_is_shown(market: str) -> None:
    found = json_answer("plan", "--home", market)
    assert (found["account_id"], found["session_on"]) == ("paper", "2013-01-03")
    assert {row["symbol"] for row in found["rows"]} == {"AAPL", "FB", "GOOG", "IBM", "MSFT"}
    assert "GOOG" in answer("plan", "--home", market)


def test_an_earlier_day_plan_is_shown_as_of_its_close(market: str) -> None:
    found = json_answer("plan", "--as-of", "2013-01-02T21:00:00Z", "--home", market)
    assert found["session_on"] == "2013-01-02"
    assert invoked("plan", "--as-of", "2012-01-02T21:00:00Z", "--home", market).exit_code == 14


def test_positions_are_shown_with_cash_and_gain(market: str) -> None:
    found = json_answer("positions", "--home", market)
    (held,) = found["positions"]
    assert (held["symbol"], held["qty"], found["as_of"]) == ("IBM", "100", "2013-01-03T21:00:00Z")
    shown = answer("positions", "--home", market)
    assert "IBM" in shown
    assert f"cash {found['cash']}" in shown


@pytest.mark.parametrize("command", ["plan", "positions"])
def test_an_account_that_is_not_there_is_named(market: str, command: str) -> None:
    result = invoked(command, "--account", "nobody", "--home", market)
    assert result.exit_code == 14
    assert "account 'nobody'" in result.stderr


def test_a_home_without_a_log_is_not_made(tmp_path: Path) -> None:
    assert invoked("positions", "--home", str(tmp_path / "none")).exit_code == 14
    assert not (tmp_path / "none").exists()
