"""An account with many working orders, in a log with their rows in the outbox."""

from __future__ import annotations

from decimal import Decimal

from api.use_cases.desk import Desk
from api.use_cases.kill_switch import KillSwitchRequest
from api.use_cases.scenario_runs import begun
from nodes.journal.account import after_order, opened_account
from nodes.vocabulary.orders import PendingOrder


def with_open_orders(desk: Desk, n_orders: int) -> None:
    """Begin a desk's log with an account that has so many working orders."""
    state = opened_account(desk.account_id, Decimal(10_000_000))
    for number in range(n_orders):
        order = PendingOrder(f"order-{number}", bytes(32), f"S{number % 50}", 10, Decimal(100), 5.0, 0.02)
        state = after_order(state, order)
    begun(desk, state, "orders to take back")


def thrown(desk: Desk, *, is_engaged: bool = True) -> KillSwitchRequest:
    """The request that throws or releases the switch of a desk's account."""
    return KillSwitchRequest(desk.account_id, is_engaged, "risk", "drill", desk.opening_cash_usd, desk.clock())
