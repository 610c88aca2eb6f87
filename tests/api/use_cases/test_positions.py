"""Positions are the journal's, valued where a close says what they are worth (JRN-03)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.use_cases.journal import Journal, journal
from api.use_cases.positions import holdings_at, holdings_now
from nodes.journal.account import AccountState, account_from_bytes, opened_account

LONG_AFTER = datetime(2005, 3, 3, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def book(ran: Path) -> Iterator[Journal]:
    folder = log_folder_to_read(ran)
    found = journal(folder.store)
    yield found
    found.file.close()
    folder.store.close()


@pytest.fixture(scope="module")
def account(book: Journal) -> AccountState:
    with book.store.reader() as reader:
        row = reader.account("demo")
    assert row is not None
    return account_from_bytes(row.content)


def test_what_is_held_now_is_what_the_account_says(book: Journal, account: AccountState) -> None:
    held = holdings_now(book, account, None)
    assert held.equity_usd == account.equity_usd
    assert [each.value_usd for each in held.positions] == [holding.value_usd for holding in account.holdings]


def test_what_was_held_at_the_last_close_is_what_is_held_now(book: Journal, account: AccountState, lake: Lake) -> None:
    held = holdings_at(book, lake, "demo", LONG_AFTER)
    assert held.equity_usd == account.equity_usd
    assert held.positions == holdings_now(book, account, None).positions
    assert held.free_cash_usd is None


def test_a_position_without_a_close_has_no_worth(book: Journal, account: AccountState) -> None:
    without = replace(account, holdings=account.holdings[1:])
    held = holdings_now(book, without, None)
    assert (held.positions[0].price_usd, held.positions[0].gain_usd) == (None, None)
    assert held.equity_usd is None


def test_before_the_first_session_there_is_nothing(book: Journal, lake: Lake) -> None:
    held = holdings_at(book, lake, "demo", datetime(1970, 1, 1, tzinfo=UTC))
    assert (held.valued_at, held.positions, held.cash_usd) == (None, (), Decimal(0))


def test_an_account_that_has_no_plan_yet_has_the_cash_that_it_was_opened_with(book: Journal) -> None:
    held = holdings_now(book, opened_account("new", Decimal(77)), None)
    assert (held.cash_usd, held.equity_usd) == (Decimal(77), Decimal(77))
