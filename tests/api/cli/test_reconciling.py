"""`assay journal reconcile`: agrees, finds, posts and keeps, with exit codes a night job can go by."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from api.cli.place import folder_to_read
from tests.api.cli.invoking import answer, invoked, json_answer
from tests.broker_statements import Brokers, brokers_side, csv_statement

ACCOUNT = "demo"


@pytest.fixture(scope="module")
def place(home: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(home, tmp_path_factory.mktemp("reconciling") / "home"))


@pytest.fixture(scope="module")
def brokers(place: Path) -> Brokers:
    with folder_to_read(place) as folder:
        return brokers_side(folder.store, ACCOUNT)


def _file(brokers: Brokers, folder: Path) -> str:
    file = folder / "statement.csv"
    file.write_bytes(csv_statement(brokers))
    return str(file)


def _dearer(brokers: Brokers) -> Brokers:
    first = next(line for line in brokers.lines if line.record == "trade")
    told = replace(first, fee=(first.fee or Decimal(0)) + 1, amount=(first.amount or Decimal(0)) - 1)
    return brokers.with_lines(told if line is first else line for line in brokers.lines)


def test_a_statement_that_agrees_exits_with_zero(place: Path, brokers: Brokers, tmp_path: Path) -> None:
    """JRN-01."""
    text = answer("journal", "reconcile", _file(brokers, tmp_path), "--account", ACCOUNT, "--home", str(place))
    assert "the statement agrees with the books" in text


def test_a_break_is_shown_posted_and_gone(place: Path, brokers: Brokers, tmp_path: Path) -> None:
    """Journey 1: found with its cause, booked as a new entry, and then nothing is left."""
    asked = ("journal", "reconcile", _file(_dearer(brokers), tmp_path), "--account", ACCOUNT, "--home", str(place))
    page = tmp_path / "page.html"
    shown = invoked(*asked, "--page", str(page), "--record")
    assert shown.exit_code == 1
    assert "wrong-fee" in shown.stdout
    assert "put the trade right" in shown.stdout
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    refused = invoked(*asked, "--post", "--as", "ann")
    assert (refused.exit_code, "no reason is given" in refused.stderr) == (14, True)
    posted = answer(*asked, "--post", "--why", "the invoice says so", "--as", "ann")
    assert "1 corrections booked, 0 booked before" in posted
    found = json.loads(answer(*asked, "--json"))
    assert found["is_clean"]
    (row,) = json_answer("journal", "reconciliations", "--home", str(place))
    assert (row["causes"], row["n_corrected"]) == ({"wrong-fee": 1}, 1)
    assert row["reconciliation_id"] in answer("journal", "reconciliations", "--home", str(place))


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (("missing.csv",), (14, "missing.csv cannot be read")),
        (("{file}", "--mapping", "missing.yaml"), (14, "missing.yaml cannot be read")),
        (("{file}", "--policy", "{file}"), (10, "statement.csv")),
        (("{file}", "--mapping", "{file}"), (10, "statement.csv")),
        (("{file}", "--from", "yesterday"), (14, "--from was 'yesterday'")),
        (("{file}", "--mapping", "alpaca-activities"), (11, "is no JSON")),
    ],
)
def test_what_cannot_be_read_is_named(
    place: Path, brokers: Brokers, tmp_path: Path, arguments: tuple[str, ...], wanted: tuple[int, str]
) -> None:
    file = _file(brokers, tmp_path)
    told = [each.format(file=file) for each in arguments]
    found = invoked("journal", "reconcile", *told, "--home", str(place))
    assert found.exit_code == wanted[0], found.stderr
    assert wanted[1] in found.stderr.replace("\n", "")
