"""The account without one of its working orders: canceled, or about to be replaced by another."""

from __future__ import annotations

from dataclasses import replace

from nodes.journal.account import AccountState, after_expiry
from nodes.vocabulary.orders import PendingOrder


def without_order(state: AccountState, order_key: str) -> AccountState:
    """The account as if an order of the running session had never been accepted: what a replacement is judged against.

    What the order filled stays. Raises DataError when no such order is pending.
    """
    order = state.order(order_key)
    return replace(after_expiry(state, order_key), today_counts=_uncounted(state.today_counts, order))


def _uncounted(counts: tuple[tuple[str, int, int], ...], order: PendingOrder) -> tuple[tuple[str, int, int], ...]:
    """The counts of a session's orders with one less."""
    is_buy = order.order_shares > 0
    fewer = [
        (symbol, max(n_buys - is_buy, 0), max(n_sales - (not is_buy), 0))
        if symbol == order.symbol
        else (symbol, n_buys, n_sales)
        for symbol, n_buys, n_sales in counts
    ]
    return tuple((symbol, n_buys, n_sales) for symbol, n_buys, n_sales in fewer if n_buys or n_sales)
