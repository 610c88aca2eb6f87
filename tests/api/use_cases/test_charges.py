"""Accounts that are charged, and whose shares go from the market, keep their books balanced."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from api.use_cases.charges import after_charge, after_delisting
from nodes.journal.account import AccountState, opened_account
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.holdings import Holding


def holding_account() -> AccountState:
    state = opened_account("demo", Decimal(10_000))
    held = Holding("IBM", 100, Decimal(9_000), Decimal("95.00"))
    return replace(state, cash_usd=Decimal(1_000), holdings=(held,))


def test_a_charge_is_a_fee_that_no_order_caused() -> None:
    after = after_charge(holding_account(), Decimal("2.50"))
    assert (after.cash_usd, after.fees_usd, after.imbalance_usd) == (Decimal("997.50"), Decimal("2.50"), Decimal(0))
    with pytest.raises(DataError, match="charge of NaN USD to account demo is none"):
        after_charge(holding_account(), Decimal("NaN"))


def test_a_delisting_pays_out_what_is_left_and_realises_the_loss() -> None:
    after = after_delisting(holding_account(), "IBM", Decimal("66.50"))
    assert not after.holdings
    assert (after.cash_usd, after.realised_usd, after.imbalance_usd) == (Decimal(7_650), Decimal(-2_350), Decimal(0))
    assert after_delisting(after, "IBM", Decimal(0)).cash_usd == after.cash_usd
    with pytest.raises(DataError, match="delisting of IBM at -1 USD is none"):
        after_delisting(holding_account(), "IBM", Decimal(-1))
