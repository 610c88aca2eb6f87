"""What one session makes of an order whose client asked for more than shares: how, where, until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.fills import LimitOrder, SimulatedFill
from nodes.kernels.session_fills import simulated_fill
from nodes.kernels.simulator.routed import AUCTION, POST, TAKE
from nodes.vocabulary.instants import instant_from_ns
from nodes.vocabulary.instructions import Instructions
from nodes.vocabulary.trading import TimeInForce
from tests.nodes.kernels.made_fills import CALM, CLOSE_NS, OPEN_NS, market, routed

Told = list[tuple[int, str, str]]
LATER = instant_from_ns(CLOSE_NS) + timedelta(days=3)
QUARTER_NS = (CLOSE_NS - OPEN_NS) // 4


def asked(shares: int, limit: str, how: str = TAKE, **changes: Any) -> LimitOrder:
    """An order in one part at A, or in the auction, with instructions."""
    order = routed(shares, limit, ("OPEN" if how == AUCTION else "A", abs(shares), how))
    return replace(order, instructions=Instructions(**changes))


def filled(order: LimitOrder, **changes: Any) -> SimulatedFill:
    return simulated_fill(order, replace(market(), **changes))


def told(fill: SimulatedFill) -> Told:
    """Shares, price and liquidity of each execution. The bar goes 100, 102, 98, 101; half the spread is 0.20."""
    return [(each.shares, str(each.price_usd), each.liquidity) for each in fill.executions]


FOK, CLS = TimeInForce.FOK, TimeInForce.CLS


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        (asked(400, "110.00", time_in_force=FOK), [(400, "100.20", "removed")]),
        (asked(10_001, "110.00", time_in_force=FOK), []),
        (asked(400, "100.19", time_in_force=FOK), []),
        (asked(400, "110.00", AUCTION, time_in_force=CLS), [(400, "101.20", "auction")]),
        (asked(-400, "90.00", AUCTION, time_in_force=CLS), [(-400, "100.80", "auction")]),
        (asked(400, "101.20", AUCTION, time_in_force=CLS), []),
        (asked(400, "110.00", is_pegged=True), [(400, "98.20", "added")]),
        (asked(-400, "90.00", is_pegged=True), [(-400, "101.80", "added")]),
        (asked(400, "98.10", is_pegged=True), [(400, "98.10", "added")]),
        (asked(400, "97.90", is_pegged=True), []),
        (asked(400, "99.00", limit_price_usd=Decimal(99), is_post_only=True), [(400, "99.00", "added")]),
        (asked(400, "110.00", limit_price_usd=Decimal(105), is_post_only=True), []),
    ],
)
def test_what_a_client_asks_decides_where_and_whether_it_trades(order: LimitOrder, wanted: Told) -> None:
    """EXE-04, EXE-05: all or nothing, the closing auction, the middle of the market, nothing taken."""
    fill = filled(order)
    assert told(fill) == wanted
    assert fill.filled_shares + fill.expired_shares == order.shares


@pytest.mark.parametrize(
    ("shares", "stop", "limit", "wanted"),
    [
        (400, "101.00", "110.00", [(400, "101.00", "removed")]),
        (400, "102.00", "110.00", [(400, "102.00", "removed")]),
        (400, "99.00", "110.00", [(400, "100.20", "removed")]),
        (400, "102.01", "110.00", []),
        (400, "101.00", "100.50", [(400, "100.50", "added")]),
        (-400, "99.00", "90.00", [(-400, "99.00", "removed")]),
        (-400, "98.00", "90.00", [(-400, "98.00", "removed")]),
        (-400, "101.00", "90.00", [(-400, "99.80", "removed")]),
        (-400, "97.99", "90.00", []),
    ],
)
def test_a_stop_waits_for_its_price_and_trades_where_the_price_came_to_it(
    shares: int, stop: str, limit: str, wanted: Told
) -> None:
    """EXE-09: between two prices of the bar at the stop itself; where the bar opens beyond it, at the open."""
    fill = filled(asked(shares, limit, stop_price_usd=Decimal(stop)))
    assert told(fill) == wanted
    assert wanted or f"stop {stop} was not reached" in fill.reason


def test_a_stop_trades_at_the_instant_at_which_the_price_passes_it_and_pays_half_the_spread() -> None:
    fill = simulated_fill(asked(400, "110.00", stop_price_usd=Decimal(101)), market(chance=CALM, latency_p95_ms=500.0))
    (trade,) = fill.executions
    assert trade.at_ns == OPEN_NS + QUARTER_NS  # half way between the middles of the first two quarters
    assert (trade.trading_cost_usd, trade.latency_cost_usd) == (Decimal(80), Decimal(0))


def test_what_never_takes_pays_no_spread_and_is_paid_the_rebate() -> None:
    fill = filled(asked(400, "110.00", is_pegged=True))
    assert (fill.total_usd("trading_cost_usd"), fill.total_usd("venue_fee_usd")) == (Decimal(0), Decimal("-0.80"))


def test_an_order_that_is_good_until_later_works_on() -> None:
    """Its ExecIDs name the session, so that those of the next one are others."""
    lasting = asked(400, "98.30", POST, time_in_force=TimeInForce.GTD, expires_at=LATER)
    fill = filled(lasting, used_shares=9_900)
    assert (fill.filled_shares, fill.expired_shares, fill.carried_shares) == (100, 0, 300)
    assert {each.exec_id[:12] for each in fill.executions} == {"c0-19700112-"}
    none = filled(lasting, is_halted=True)
    assert (none.expired_shares, none.carried_shares) == (0, 400)
    ends = filled(asked(400, "97.00", time_in_force=TimeInForce.GTD, expires_at=instant_from_ns(CLOSE_NS)))
    assert (ends.expired_shares, ends.carried_shares) == (400, 0)


@pytest.mark.parametrize(("used", "wanted"), [(0, 10_000), (4_000, 6_000), (9_999, 1), (10_000, 0), (20_000, 0)])
def test_orders_of_one_symbol_share_one_cap_on_its_volume(used: int, wanted: int) -> None:
    """EXE-06: a hundredth of a million shares for all of ours together."""
    fill = filled(asked(12_000, "110.00"), used_shares=used)
    assert fill.filled_shares == wanted
    assert wanted or "others of ours had" in fill.reason


@pytest.mark.parametrize("used", [0, 1, 40, 99, 100, 5_000])
def test_orders_of_one_auction_share_one_cap_on_it(used: int) -> None:
    """At most a hundredth of an auction of ten thousand shares."""
    where = market(auction_volume_frac=0.01, max_auction_participation_frac=0.01)
    fill = simulated_fill(asked(500, "110.00", AUCTION), replace(where, used_auction_shares=used))
    assert fill.auction_shares == max(100 - used, 0)
    assert fill.filled_shares == 500


KINDS: list[dict[str, Any]] = [
    {"time_in_force": FOK},
    {"time_in_force": TimeInForce.IOC},
    {"is_pegged": True},
    {"stop_price_usd": Decimal("101.37")},
    {"stop_price_usd": Decimal("98.01")},
    {"limit_price_usd": Decimal("99.50"), "is_post_only": True},
    {"time_in_force": TimeInForce.GTD, "expires_at": LATER},
]


@given(
    shares=st.integers(-12_000, 12_000).filter(bool),
    limit=st.sampled_from(["97.00", "99.90", "101.00", "120.00"]),
    kind=st.sampled_from(KINDS),
    used=st.sampled_from([0, 500, 9_000]),
)
def test_no_share_is_lost_and_no_limit_or_cap_is_broken(
    shares: int, limit: str, kind: dict[str, Any], used: int
) -> None:
    """API-STR-02."""
    order = asked(shares, limit, **kind)
    side, worst_usd = (1 if shares > 0 else -1), order.instructions.tighter_usd(Decimal(limit), 1 if shares > 0 else -1)
    fill = filled(order, used_shares=used)
    assert fill.filled_shares + fill.expired_shares + fill.carried_shares == shares
    assert abs(fill.filled_shares) <= 10_000 - used
    assert all(side * (worst_usd - each.price_usd) >= 0 for each in fill.executions)
    if kind.get("time_in_force") is FOK:
        assert fill.filled_shares in {0, shares}
    if order.instructions.never_takes:
        assert {each.liquidity for each in fill.executions} <= {"added"}
