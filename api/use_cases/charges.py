"""What happens to an account without an order: it is charged for what it holds, or a share goes from the market.

Both keep the books of `nodes.journal.account` balanced.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from nodes.journal.account import AccountState
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.orders import WorkingOrders


def after_charge(state: AccountState, fee_usd: Decimal) -> AccountState:
    """The account after a fee for what it holds; a negative one is paid to it. Raises DataError on no amount."""
    if not fee_usd.is_finite():
        message = f"charge of {fee_usd} USD to account {state.account_id} is none; state an amount"
        raise DataError(message)
    return replace(state, cash_usd=state.cash_usd - fee_usd, fees_usd=state.fees_usd + fee_usd)


def after_delisting(state: AccountState, symbol: str, price_usd: Decimal) -> AccountState:
    """The account after a share went from the market and every one held was paid out at a price, orders dropped.

    Raises DataError on a price below zero.
    """
    if not price_usd.is_finite() or price_usd < 0:
        message = f"delisting of {symbol} at {price_usd} USD is none; state what a share was worth"
        raise DataError(message)
    holding = state.holding(symbol)
    orders = WorkingOrders(order for order in state.orders if order.symbol != symbol)
    if holding is None:
        return replace(state, orders=orders)
    paid_usd = price_usd * holding.position_shares
    return replace(
        state,
        orders=orders,
        cash_usd=state.cash_usd + paid_usd,
        realised_usd=state.realised_usd + paid_usd - holding.cost_usd,
        holdings=tuple(other for other in state.holdings if other is not holding),
    )
