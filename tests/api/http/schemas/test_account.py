"""Accounts in the words of clients: money as text, missing as null."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from api.http.schemas.account import order_view, positions_view, price_text
from api.use_cases.deciding import DecisionAnswer
from api.use_cases.placed_orders import PlacedOrder
from api.use_cases.positions import HeldPosition, Holdings
from nodes.vocabulary.journal import Position

NOW = datetime(2013, 1, 2, 21, tzinfo=UTC)


def _answer(order_shares: int) -> DecisionAnswer:
    return DecisionAnswer(
        decision_id=b"\x01" * 32,
        symbol="AAPL",
        verdict="pass",
        action="act",
        proposed_order_shares=order_shares,
        order_shares=order_shares,
        reasons=(),
        size_reason="",
        venue="SIMULATED-OPEN",
        limit_price_usd=Decimal("555.15"),
        route=(("SIMULATED-OPEN", abs(order_shares), 5551500, "auction"),),
        cl_ord_id="ABC",
        as_of=NOW,
        decided_at=NOW,
        policy_digest=b"\x02" * 32,
        plan_entry=b"\x03" * 32,
    )


def _order(order_shares: int, **changes: Any) -> PlacedOrder:
    given: dict[str, Any] = {"status": "new", "filled_shares": 0, "filled_price_usd": None, **changes}
    return PlacedOrder("paper", "ann", None, _answer(order_shares), changed_at=NOW, **given)


@pytest.mark.parametrize(("order_shares", "side"), [(10, "buy"), (-10, "sell")])
def test_an_order_has_a_side_and_a_positive_quantity(order_shares: int, side: str) -> None:
    view = order_view(_order(order_shares))
    assert (view.side, view.qty, view.filled_qty, view.filled_avg_price) == (side, "10", "0", None)
    assert view.submitted_at == "2013-01-02T21:00:00Z"


def test_a_fill_is_told_with_its_average_price() -> None:
    view = order_view(_order(-9, status="partially_filled", filled_shares=-3, filled_price_usd=Decimal(100) / 3))
    assert (view.filled_qty, view.filled_avg_price) == ("3", "33.3333")


def _held(price: Decimal | None) -> Holdings:
    position = Position("paper", "AAPL", Decimal(4), Decimal(396), "USD")
    held = (HeldPosition(position, price),)
    return Holdings("paper", None, 7, Decimal(603), Decimal(600), held, kill_switch_is_engaged=False)


def test_a_holding_is_told_with_what_it_cost_and_what_it_is_worth() -> None:
    view = positions_view(_held(Decimal(100)))
    (held,) = view.positions
    assert (held.qty, held.side, held.cost_basis, held.avg_entry_price) == ("4", "long", "396", "99.0000")
    assert (held.current_price, held.market_value, held.unrealized_pl) == ("100", "400", "4")
    assert (view.as_of, view.sequence, view.cash, view.equity) == (None, 7, "603", "1003")


def test_a_holding_without_a_price_has_no_worth() -> None:
    view = positions_view(_held(None))
    assert (view.positions[0].market_value, view.positions[0].unrealized_pl, view.equity) == (None, None, None)


def test_prices_have_four_places() -> None:
    assert price_text(Decimal("1.23456")) == "1.2346"
