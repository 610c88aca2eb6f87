"""Working orders carry their sums on, and never change under the hands of whoever holds them."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from nodes.vocabulary.canonical import decode
from nodes.vocabulary.chain import chained, content_of, parts_of
from nodes.vocabulary.orders import PendingOrder, WorkingOrders, orders_from_content

SHARES = st.lists(st.tuples(st.sampled_from("AB"), st.integers(-9, 9).filter(bool), st.integers(1, 9)), max_size=8)


def _order(key: str, symbol: str = "A", shares: int = 5, price: int = 10) -> PendingOrder:
    return PendingOrder(key, b"", symbol, shares, Decimal(price), 4.0, None)


def _grown(lots: list[tuple[str, int, int]]) -> WorkingOrders:
    orders = WorkingOrders()
    for at, (symbol, shares, price) in enumerate(lots):
        orders = orders.accepted(_order(f"k{at}", symbol, shares, price))
    return orders


@given(SHARES)
def test_sums_carried_on_are_those_of_all_orders(lots: list[tuple[str, int, int]]) -> None:
    orders = _grown(lots)
    of_a = [order for order in orders if order.symbol == "A"]
    assert orders.of_symbol("A").buy_shares == sum(order.order_shares for order in of_a if order.order_shares > 0)
    assert orders.of_symbol("A").sell_shares == -sum(order.order_shares for order in of_a if order.order_shares < 0)
    assert orders.of_symbol("A").max_limit_price_usd == max((order.limit_price_usd for order in of_a), default=0)
    assert orders.reserved_usd == sum(o.limit_price_usd * o.order_shares for o in orders if o.order_shares > 0)


@given(SHARES)
def test_orders_built_one_by_one_all_at_once_or_from_bytes_are_the_same(lots: list[tuple[str, int, int]]) -> None:
    grown = _grown(lots)
    parts = parts_of(content_of(grown.frames))
    for other in (WorkingOrders(tuple(grown)), orders_from_content(decode(part) for part in parts)):
        assert (other, other.chain, other.by_symbol) == (grown, grown.chain, grown.by_symbol)
    assert grown.chain == chained(parts)


def test_two_states_that_go_on_from_one_do_not_see_each_others_orders() -> None:
    """So it is when a piece of work is undone: its state is dropped, and another goes on from the one before."""
    start = WorkingOrders([_order("a")])
    one, other = start.accepted(_order("b")), start.accepted(_order("c", shares=-3))
    assert [order.order_key for order in one] == ["a", "b"]
    assert [order.order_key for order in other] == ["a", "c"]
    assert (start.order("b"), one.order("c"), other.order("b")) == (None, None, None)
    assert (len(start), other[1].order_shares, one[-1].order_key) == (1, -3, "b")


def test_taking_one_more_costs_no_copy_of_the_others() -> None:
    before = WorkingOrders(_order(f"k{at}") for at in range(3))
    after = before.accepted(_order("new"))
    assert all(kept is order for kept, order in zip(before, after, strict=False))
    assert after[:3] == tuple(before)
    assert hash(after) != hash(before)
    assert "order_key='new'" in repr(after)
