"""How the account has fared."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nodes.guardrails.account import account_drawdown_frac, daily_loss_frac, day_orders_count
from nodes.vocabulary.units import Count, Usd


@pytest.mark.parametrize(
    ("equity", "reference", "wanted"), [("70", "100", 0.3), ("100", "100", 0.0), ("130", "100", -0.3), ("5", "0", None)]
)
def test_losses_count_from_their_reference(equity: str, reference: str, wanted: float | None) -> None:
    for node in (account_drawdown_frac, daily_loss_frac):
        assert node(Usd(Decimal(equity)), Usd(Decimal(reference))) == wanted


def test_the_order_itself_counts_among_the_orders_of_the_day() -> None:
    assert day_orders_count(Count(0)) == 1
