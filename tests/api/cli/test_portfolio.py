"""`assay portfolio`: the same answers as HTTP, as text and as data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.api.cli.invoking import answer, invoked, json_answer
from tests.api.portfolios import EXACT, TARGET
from tests.api.sample_lake import sample_store


@pytest.fixture
def place(tmp_path: Path) -> tuple[str, ...]:
    return "--home", str(tmp_path / "home")


def question(folder: Path, content: object) -> str:
    file = folder / "question.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return str(file)


def test_a_target_of_a_file_is_allocated(tmp_path: Path, place: tuple[str, ...]) -> None:
    told = json_answer("portfolio", "allocate", question(tmp_path, TARGET), *place)
    assert {cap["rule"] for cap in told["caps"] if cap["binds"]} == {"single-name", "locate"}
    shown = answer("portfolio", "allocate", question(tmp_path, TARGET), *place)
    assert "single-name: largest_weight_frac is" in shown
    assert "it binds for AAPL" in shown


def test_options_go_before_the_file(tmp_path: Path, place: tuple[str, ...]) -> None:
    told = json_answer(
        "portfolio", "allocate", question(tmp_path, TARGET), "--method", "erc", "--equity", "50000", *place
    )
    assert (told["method"], told["equity_usd"]) == ("erc", 50000.0)


def test_caps_that_conflict_are_named_and_the_exit_code_is_that_of_data(tmp_path: Path, place: tuple[str, ...]) -> None:
    done = invoked("portfolio", "allocate", question(tmp_path, EXACT), *place)
    assert done.exit_code == 11
    assert "no portfolio keeps single-name" in done.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [({"method": "luck"}, "Invalid enum value"), ([1], "cannot be read"), (None, "cannot be read")],
)
def test_a_file_that_asks_nothing_is_refused(
    tmp_path: Path, place: tuple[str, ...], content: object, message: str
) -> None:
    done = invoked("portfolio", "allocate", question(tmp_path, content), *place)
    assert done.exit_code == 14
    assert message in done.stderr


def test_an_account_needs_a_log(place: tuple[str, ...]) -> None:
    done = invoked("portfolio", "allocate", "--account", "paper", "--method", "erc", *place)
    assert done.exit_code == 14
    assert "holds nothing yet" in done.stderr


def test_a_borrow_is_checked_and_the_exit_code_says_no(tmp_path: Path, place: tuple[str, ...]) -> None:
    sample_store(tmp_path / "lake")
    more = ("--lake", str(tmp_path / "lake"), "--as-of", "2020-06-05T20:00:00Z", *place)
    assert "verdict    pass" in answer("portfolio", "check-borrow", "ACME", "1000", "--price", "48.5", *more)
    done = invoked("portfolio", "check-borrow", "ACME", "9001", *more)
    assert done.exit_code == 1
    assert "available: 1 of 9,001 shares of ACME are not to be had" in done.stdout
    told = json.loads(invoked("portfolio", "check-borrow", "ACME", "10", "--position", "10", "--json", *more).stdout)
    assert (told["is_located"], told["short_shares"]) == (True, 0)
