"""`assay journal`: the books of a home on the command line; Beancount's own checker finds nothing in them (JRN-01)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader

from tests.api.cli.invoking import answer, invoked, json_answer


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A home with one order that was filled, and a contribution."""
    folder = tmp_path_factory.mktemp("journal")
    home = str(folder / "home")
    answer("order", "send", "IBM", "100", "--home", home)
    answer("session", "advance", "--home", home)
    paid = folder / "paid.json"
    paid.write_text(json.dumps({"kind": "contribution", "as_of": "2013-01-03T21:00:00Z", "amount": "12.34"}))
    told = answer("journal", "book", str(paid), "--key", "k1", "--as", "ada", "--home", home)
    assert "Equity:Paper:Contributions  -12.34 USD" in told
    again = answer("journal", "book", str(paid), "--key", "k1", "--as", "ada", "--home", home)
    assert "as before" in again
    return home


def test_entries_are_listed_with_their_postings(market: str) -> None:
    shown = answer("journal", "entries", "--kind", "trade", "--home", market)
    assert "buy 100 IBM" in shown
    assert "Assets:Paper:Securities:IBM  100 IBM" in shown
    found = json_answer("journal", "entries", "--from", "2013-01-03", "--to", "2013-01-03", "--home", market)
    assert {entry["kind"] for entry in found} == {"trade", "contribution"}


def test_holdings_are_those_of_a_day(market: str) -> None:
    assert json_answer("journal", "holdings", "--as-of", "2013-01-02", "--home", market)["positions"] == []
    now = json_answer("journal", "holdings", "--home", market)
    assert [each["quantity"] for each in now["positions"]] == ["100"]
    assert f"cash {now['cash']['USD']} USD" in answer("journal", "holdings", "--home", market)


def test_balances_come_to_nothing(market: str) -> None:
    found = json_answer("journal", "balances", "--as-of", "2013-01-03T21:00:00Z", "--home", market)
    assert sum(Decimal(each["weight"]) for each in found["balances"]) == 0
    assert "Expenses:Paper:Commission" in answer("journal", "balances", "--home", market)


def test_lots_and_trades_are_shown_by_a_method(market: str) -> None:
    (lot, *_) = json_answer("journal", "lots", "--method", "hifo", "--home", market)["lots"]
    assert lot["symbol"] == "IBM"
    assert "IBM" in answer("journal", "lots", "--home", market)
    assert json_answer("journal", "trades", "--home", market)["n_trades"] == 0
    assert "0 round trips gained nothing" in answer("journal", "trades", "--home", market)


def test_the_journal_is_what_the_log_says(market: str) -> None:
    assert "the journal is what the log says" in answer("journal", "verify", "--home", market)
    assert json_answer("journal", "verify", "--home", market)["differences"] == []


@pytest.mark.parametrize("method", ["average", "fifo"])
def test_the_export_passes_the_checker_of_beancount(tmp_path: Path, market: str, method: str) -> None:
    file = tmp_path / "books.beancount"
    answer("journal", "export", "--beancount", str(file), "--method", method, "--home", market)
    _, errors, _ = loader.load_file(str(file))
    assert not errors
    assert answer("journal", "export", "--method", method, "--home", market) == file.read_text()


def test_a_day_that_is_none_is_refused(market: str) -> None:
    assert invoked("journal", "holdings", "--as-of", "yesterday", "--home", market).exit_code != 0
