"""What becomes of an account when a broker says more of an order than the account still waits for.

A fill can come after the order's end, and one that was reported can turn out never to have been. Both move shares and
cash, and leave the books balanced. A fill that is taken back is booked as its opposite at its own price, fees included:
gains that were realised in between stay realised against average cost. What an order that still works then has left is
more by what was taken back of it, since it can trade again, and less by what it turns out to have traded.
"""

from __future__ import annotations

from dataclasses import replace

from nodes.journal.account import AccountState
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.holdings import Fill, traded, with_holding
from nodes.vocabulary.orders import WorkingOrders


def after_late_fill(state: AccountState, symbol: str, fill: Fill) -> AccountState:
    """The account after an execution that no working order waits for. Raises DataError for one that is none."""
    if fill.fill_shares == 0 or not (fill.fill_price_usd.is_finite() and fill.fill_price_usd > 0):
        message = f"fill of {fill.fill_shares} {symbol} at {fill.fill_price_usd} is none; correct its shares and price"
        raise DataError(message)
    if not fill.fee_usd.is_finite():
        message = f"fill of {fill.fill_shares} {symbol} has the fee {fill.fee_usd}; correct its fee"
        raise DataError(message)
    holding, realised_usd = traded(state.holding(symbol), symbol, fill)
    return replace(
        state,
        cash_usd=state.cash_usd - fill.fill_price_usd * fill.fill_shares - fill.fee_usd,
        fees_usd=state.fees_usd + fill.fee_usd,
        realised_usd=state.realised_usd + realised_usd,
        holdings=with_holding(state.holdings, holding),
    )


def after_bust(state: AccountState, symbol: str, fill: Fill) -> AccountState:
    """The account after an execution was taken back. Raises DataError for one that is none."""
    opposite = replace(fill, fill_shares=-fill.fill_shares, fee_usd=-fill.fee_usd)
    return after_late_fill(state, symbol, opposite)


def after_refitting(state: AccountState, order_key: str, more_shares: int) -> AccountState:
    """The account with more left of an order that still works, less where negative; as it was where none does.

    An order of which nothing is left works no more.
    """
    working = state.orders.order(order_key)
    if working is None or not more_shares:
        return state
    left = working.order_shares + more_shares
    orders = [
        replace(each, order_shares=left) if each is working else each
        for each in state.orders
        if each is not working or left * working.order_shares > 0
    ]
    return replace(state, orders=WorkingOrders(orders))
