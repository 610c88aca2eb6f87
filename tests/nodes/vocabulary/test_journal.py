"""The words of the journal: weights, balance, and names of accounts that never collide."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.vocabulary.errors import DataError
from nodes.vocabulary.journal import (
    JournalEntry,
    JournalKind,
    Lot,
    LotCost,
    Posting,
    balanced,
    cash_account,
    dividends_account,
    equity_account,
    expense_account,
    gains_account,
    interest_account,
    owner_part,
    securities_account,
    symbol_part,
)

AT = datetime(2020, 1, 2, 21, tzinfo=UTC)
COST = LotCost(Decimal("10.5"), "USD", AT, "k0")
NAMES = st.text(min_size=1, max_size=6)
_COMPONENT = re.compile(r"[A-Z0-9][A-Za-z0-9-]*")


def entry(*postings: Posting) -> JournalEntry:
    return JournalEntry("k1", JournalKind.TRADE, "demo", AT, AT, "text", postings)


def test_units_count_for_their_cost_and_money_for_itself() -> None:
    units, money = Posting("Assets:A", "AAA", Decimal(2), COST), Posting("Assets:B", "USD", Decimal(-21))
    assert (units.weight, units.weight_currency) == (Decimal(21), "USD")
    assert (money.weight, money.weight_currency) == (Decimal(-21), "USD")
    assert balanced(entry(units, money)).imbalances == {}
    assert Lot("AAA", Decimal(2), COST).total_cost == 21


def test_an_entry_that_is_off_is_refused_in_every_commodity_that_it_is_off_in() -> None:
    wrong = entry(Posting("Assets:B", "USD", Decimal("0.01")), Posting("Assets:B", "EUR", Decimal(-3)))
    with pytest.raises(DataError, match=r"entry k1 \(trade\) is off by -3 EUR, 0\.01 USD; give it postings"):
        balanced(wrong)


def test_accounts_are_named_as_beancount_names_them() -> None:
    assert cash_account("demo") == "Assets:Demo:Cash"
    assert securities_account("demo", "BRK.B") == "Assets:Demo:Securities:BRK-2EB"
    assert gains_account("demo", "AAPL") == "Income:Demo:Gains:AAPL"
    assert dividends_account("demo", "AAPL") == "Income:Demo:Dividends:AAPL"
    assert interest_account("demo") == "Income:Demo:Interest"
    assert expense_account("demo", "Commission") == "Expenses:Demo:Commission"
    assert equity_account("Demo", "Contributions") == "Equity:0Demo:Contributions"


@given(NAMES, NAMES)
def test_no_two_names_are_one_part_of_an_account(one: str, other: str) -> None:
    for part in (owner_part, symbol_part):
        assert (part(one) == part(other)) is (one == other)
        assert _COMPONENT.fullmatch(part(one))
