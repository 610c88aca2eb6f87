"""The words of simulated fills: sums over executions, and parts that a split leaves in proportion."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.fills import Execution, SimulatedFill, apportioned, unfilled
from nodes.kernels.simulator.routed import ChildOrder


def execution(shares: int, price: str, liquidity: str = "removed") -> Execution:
    fees = (Decimal("0.35"), Decimal("0.02"), Decimal("-0.10"))
    return Execution("c0-1", "c0", "A", shares, Decimal(price), 0, liquidity, *fees, *map(Decimal, "321"))


def test_a_fill_is_the_sum_of_its_executions() -> None:
    fill = SimulatedFill((execution(-100, "10.00", "auction"), execution(-200, "10.01")), -50, "filled in part")
    assert (fill.filled_shares, fill.auction_shares, fill.expired_shares) == (-300, -100, -50)
    assert fill.price_usd == Decimal("10.0066")
    assert (fill.total_usd("venue_fee_usd"), fill.total_usd("fee_usd")) == (Decimal("-0.20"), Decimal("0.54"))


def test_an_average_price_is_rounded_against_the_order() -> None:
    bought = SimulatedFill((execution(100, "10.00"), execution(200, "10.01")), 0, "filled")
    assert bought.price_usd == Decimal("10.0067")


def test_an_order_of_which_nothing_traded_has_no_price() -> None:
    fill = unfilled(300, "the session was halted")
    assert (fill.price_usd, fill.filled_shares, fill.auction_shares, fill.expired_shares) == (None, 0, 0, 300)
    assert fill.total_usd("fee_usd") == 0


@given(parts=st.lists(st.integers(1, 5_000), min_size=1, max_size=10), shares=st.integers(1, 100_000))
def test_parts_keep_their_proportions_to_the_share_and_lose_none(parts: list[int], shares: int) -> None:
    children = [ChildOrder(f"c{place}", "A", each, "post") for place, each in enumerate(parts)]
    found = {part.cl_ord_id: part.shares for part in apportioned(children, shares)}
    assert sum(found.values()) == shares
    for child in children:
        assert abs(found.get(child.cl_ord_id, 0) - child.shares * shares / sum(parts)) < 1


def test_parts_of_an_order_that_no_split_changed_stay_as_they_are() -> None:
    children = (ChildOrder("a", "A", 408, "post"), ChildOrder("b", "B", 92, "take"))
    assert apportioned(children, 500) == children
    assert apportioned(children, 1000) == (children[0]._replace(shares=816), children[1]._replace(shares=184))
