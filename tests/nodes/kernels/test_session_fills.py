"""What one session makes of an order: every line of the rule, and what holds of every fill."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.fills import FillChance, LimitOrder, SessionBar, SessionMarket, SimulatedFill
from nodes.kernels.session_fills import simulated_fill
from nodes.vocabulary.instants import instant_from_ns
from nodes.vocabulary.instructions import Instructions
from nodes.vocabulary.trading import TimeInForce
from tests.nodes.kernels.made_fills import BAR, CALM, OPEN_NS, auctioned, market, routed

BUY = auctioned(400, "100.50")
SELL = auctioned(-400, "99.50")
QUARTER_NS = (23_400 * 10**9) // 4


def filled(order: LimitOrder, chance: FillChance = CALM, **terms: Any) -> SimulatedFill:
    return simulated_fill(order, market(BAR, chance, **terms))


def told(fill: SimulatedFill) -> list[tuple[str, int, str, str]]:
    """Part, shares, price and liquidity of each execution."""
    return [(each.cl_ord_id, each.shares, str(each.price_usd), each.liquidity) for each in fill.executions]


def test_an_auction_fills_at_the_open_moved_by_half_the_spread_and_the_orders_own_impact() -> None:
    """EXE-07: 100 * (1 + 0.0020 + 0.02 * sqrt(400 / 1,000,000)) = 100.24."""
    fill = filled(BUY, impact_coefficient=1.0)
    assert told(fill) == [("c0", 400, "100.25", "auction")]  # 100.20 and then 0.0401, each to the tick against it
    assert fill.total_usd("impact_cost_usd") == 20
    assert fill.total_usd("trading_cost_usd") == 100
    assert (fill.total_usd("commission_usd"), fill.total_usd("venue_fee_usd")) == (Decimal(2), Decimal("0.60"))
    assert (fill.executions[0].at_ns, fill.reason) == (OPEN_NS, "filled")


def test_a_sale_pays_the_same_the_other_way_round_and_the_fee_on_sales() -> None:
    fill = filled(SELL)
    assert told(fill) == [("c0", -400, "99.80", "auction")]
    assert fill.total_usd("sell_fee_usd") == Decimal("1.11")
    assert fill.total_usd("trading_cost_usd") == 80


def test_what_the_auction_has_no_room_for_works_through_the_session_in_slices() -> None:
    fill = filled(auctioned(500, "110.00"), auction_volume_frac=0.01, max_auction_participation_frac=0.01)
    # 100 shares at the open; then a quarter of 400 at each of open, high, low and close, half a spread dearer
    assert told(fill) == [
        ("c0", 100, "100.20", "auction"),
        ("rest", 100, "100.20", "removed"),
        ("rest", 100, "102.00", "removed"),
        ("rest", 100, "98.40", "removed"),
        ("rest", 100, "101.20", "removed"),
    ]
    assert [each.exec_id for each in fill.executions] == ["c0-1", "rest-1", "rest-2", "rest-3", "rest-4"]
    assert [(each.at_ns - OPEN_NS) / QUARTER_NS for each in fill.executions[1:]] == [0.5, 1.5, 2.5, 3.5]


def test_parts_trade_at_their_venues_at_the_venues_fees() -> None:
    """EXE-11, EXE-15: each part of a route has executions of its own."""
    fill = filled(routed(300, "110.00", ("A", 200, "take"), ("B", 100, "take")))
    assert Counter((each.venue, each.cl_ord_id) for each in fill.executions) == {("A", "c0"): 2, ("B", "c1"): 1}
    assert sum(each.shares for each in fill.executions if each.venue == "A") == 200
    assert fill.total_usd("venue_fee_usd") == Decimal("0.80")  # 200 at 0.0030 and 100 at 0.0020
    free = filled(routed(300, "110.00", ("A", 200, "take"), ("B", 100, "take")), venue_fee_frac=0.0)
    assert free.total_usd("venue_fee_usd") == 0


def test_what_is_posted_trades_at_its_price_and_is_paid_for_it_when_the_price_comes_back() -> None:
    """EXE-01: a sale joins the offer of the first quarter, and the rise to the high fills it there."""
    fill = filled(routed(-100, "90.00", ("A", 100, "post")))
    assert told(fill) == [("c0", -100, "100.20", "added")]
    assert (fill.total_usd("venue_fee_usd"), fill.total_usd("trading_cost_usd")) == (Decimal("-0.20"), Decimal(0))


def test_what_was_posted_in_vain_is_canceled_and_takes() -> None:
    fill = filled(routed(100, "110.00", ("A", 100, "post")))
    assert told(fill) == [("c0", 100, "102.00", "removed")]


def test_a_limit_out_of_the_market_rests_and_fills_at_the_limit() -> None:
    fill = filled(routed(100, "99.00", ("A", 100, "take")))
    assert told(fill) == [("c0", 100, "99.00", "added")]


@pytest.mark.parametrize(
    ("order", "word"),
    [
        (
            routed(400, "97.99", ("A", 400, "take")),
            "97.99 was not reached with spread, impact and queue: low 98.0",
        ),
        (routed(-400, "102.01", ("A", 400, "take")), "limit 102.01 was not reached"),
        (auctioned(400, "50.00"), "limit 50.00 was not"),
    ],
)
def test_a_limit_that_is_not_reached_is_not_filled(order: LimitOrder, word: str) -> None:
    fill = filled(order)
    assert (fill.filled_shares, fill.expired_shares, fill.price_usd) == (0, order.shares, None)
    assert word in fill.reason


def test_those_ahead_in_the_queue_are_served_first() -> None:
    """EXE-01: at the low 125,000 shares trade at A, of which those who were there before us have theirs."""
    order = routed(250, "98.00", ("A", 250, "take"))
    assert filled(order, queue_ahead_frac=0.20).filled_shares == 250
    assert filled(order, queue_ahead_frac=0.2499, max_fill_participation_frac=1.0).filled_shares == 50
    assert filled(order, queue_ahead_frac=0.25).filled_shares == 0


def test_the_price_moves_while_an_order_is_on_its_way() -> None:
    """EXE-08: a standard deviation of drift over the latency, in the direction that chance gives."""
    order = routed(400, "110.00", ("A", 400, "take"))
    slow: dict[str, Any] = {"latency_p5_ms": 60_000.0, "latency_p95_ms": 60_000.0}
    costs = [filled(order, chance=FillChance(0.5, z, 0.5), **slow).total_usd("latency_cost_usd") for z in (-1, 0, 1)]
    drift = 0.02 * (60.0 / 23_400.0) ** 0.5
    assert costs == [pytest.approx(Decimal(400 * 100.25 * drift * z), abs=Decimal(6)) for z in (-1, 0, 1)]


def test_an_order_trades_one_latency_after_its_slice_and_its_venues_own() -> None:
    """EXE-08: decision to fill in 200 to 500 ms for nine orders of ten; the median here, and 250 microseconds to A."""
    fill = filled(routed(100, "110.00", ("A", 100, "take")), latency_p5_ms=200.0, latency_p95_ms=500.0)
    away_ns = fill.executions[0].at_ns - OPEN_NS - QUARTER_NS // 2
    assert away_ns == pytest.approx((200 * 500) ** 0.5 * 1e6 + 250_000, abs=2)


def test_impact_is_the_symbols_at_every_venue_and_grows_with_what_was_traded() -> None:
    """EXE-07: an order that is split over venues moves the price as one that is not."""
    terms: dict[str, Any] = {"impact_coefficient": 1.0, "max_fill_participation_frac": 0.01}
    whole = filled(routed(8_000, "190.00", ("A", 8_000, "take")), **terms)
    split = filled(routed(8_000, "190.00", ("A", 4_000, "take"), ("B", 4_000, "take")), **terms)
    paid = [each.impact_cost_usd / each.shares for each in whole.executions]
    assert paid == sorted(paid)
    assert paid[0] > 0
    assert split.total_usd("impact_cost_usd") == pytest.approx(whole.total_usd("impact_cost_usd"), rel=Decimal("0.15"))
    assert len({each.venue for each in split.executions}) == 2


def test_an_order_trades_no_further_than_its_own_impact_lets_its_limit_go() -> None:
    fill = filled(auctioned(5_000, "100.21"), impact_coefficient=1.0)
    assert told(fill)[0] == ("c0", 24, "100.21", "auction")  # 100.20 * 0.02 * sqrt(24 / 1,000,000) is a cent
    assert max(each.price_usd for each in fill.executions) == Decimal("100.21")


def test_a_clients_own_limit_holds_where_it_is_the_tighter_one() -> None:
    order = routed(100, "110.00", ("A", 100, "take"))
    tight = replace(order, instructions=Instructions(limit_price_usd=Decimal("99.00")))
    assert told(filled(tight)) == [("c0", 100, "99.00", "added")]
    loose = replace(order, instructions=Instructions(limit_price_usd=Decimal("500.00")))
    assert filled(loose) == filled(order)


def test_an_order_that_is_immediate_or_cancel_trades_once_or_not() -> None:
    """EXE-04: what is not there at once is gone."""
    once = Instructions(TimeInForce.IOC)
    parts = (("A", 300, "take"), ("B", 100, "post"))
    fill = filled(replace(routed(400, "110.00", *parts), instructions=once))
    assert {each.at_ns for each in fill.executions} <= {OPEN_NS + QUARTER_NS // 2 + ns for ns in (250_000, 650_000)}
    assert (fill.filled_shares, {each.liquidity for each in fill.executions}) == (400, {"removed"})
    late = filled(replace(routed(400, "99.00", *parts), instructions=once))
    assert (late.filled_shares, late.reason[:38]) == (0, "limit 99.00 was not reached at once wi")


def test_an_order_for_the_opening_auction_alone_ends_with_it() -> None:
    alone = Instructions(TimeInForce.OPG)
    fill = filled(replace(auctioned(500, "110.00"), instructions=alone), auction_volume_frac=0.0002)
    assert told(fill) == [("c0", 200, "100.20", "auction")]
    assert fill.expired_shares == 300


def test_an_order_ends_at_the_instant_until_which_it_is_good() -> None:
    order = routed(400, "110.00", ("A", 400, "take"))
    until = instant_from_ns(OPEN_NS + QUARTER_NS)
    fill = filled(replace(order, instructions=Instructions(TimeInForce.GTD, None, until)))
    assert (fill.filled_shares, max(each.at_ns for each in fill.executions) < OPEN_NS + QUARTER_NS) == (100, True)
    resting = replace(routed(400, "99.00", ("A", 400, "take")), instructions=Instructions(TimeInForce.GTD, None, until))
    assert "was not reached in time" in filled(resting).reason


def test_a_halted_session_fills_nothing_whether_known_or_drawn() -> None:
    known = simulated_fill(BUY, replace(market(), is_halted=True))
    assert known == filled(BUY, halt_rate_frac=0.6)
    assert (known.filled_shares, known.expired_shares, known.reason) == (0, 400, "the session was halted")


def test_an_order_beyond_the_cap_on_volume_is_filled_in_part_and_the_rest_expires() -> None:
    fill = filled(routed(12_000, "110.00", ("A", 8_000, "take"), ("B", 4_000, "take")))
    assert (fill.filled_shares, fill.expired_shares) == (10_000, 2_000)
    assert sum(each.shares for each in fill.executions if each.venue == "B") == 2_000
    assert fill.reason == "filled in part: 2000 shares were beyond the cap, the limit or the queue"


def test_a_commission_has_its_least_once_an_order_and_not_once_an_execution() -> None:
    fill = filled(routed(100, "110.00", ("A", 50, "take"), ("B", 50, "take")))
    assert [each.commission_usd for each in fill.executions] == [Decimal("1.00"), Decimal("0.00")]


@pytest.mark.parametrize(
    ("bar", "reason"),
    [
        (None, "the symbol has no bar in this session"),
        (replace(BAR, volume_shares=0), "the bar's volume is 0"),
        (replace(BAR, volume_shares=None), "the bar's volume is None"),
        (replace(BAR, open_usd=None), "the bar's open is None"),
        (replace(BAR, low_usd=0.0), "the bar's low is 0.0"),
        (replace(BAR, close_usd=-5.0), "the bar's close is -5.0"),
        (replace(BAR, high_usd=float("nan")), "the bar's high is nan"),
        (replace(BAR, high_usd=97.0), "the bar's high 97.0 is under its low 98.0"),
        (replace(BAR, volume_shares=99), "400 shares leave nothing within the cap on 99 traded"),
    ],
)
def test_a_bar_that_cannot_be_traded_on_fills_nothing_and_says_why(bar: SessionBar | None, reason: str) -> None:
    fill = simulated_fill(BUY, market(bar))
    assert (fill.filled_shares, fill.expired_shares, fill.price_usd, fill.reason) == (0, 400, None, reason)


@st.composite
def sessions(draw: st.DrawFn) -> SessionMarket:
    """Markets of a bar whose prices hold together, with every assumption varied."""
    low = draw(st.floats(0.6, 400.0))
    high = low * (1.0 + draw(st.floats(0.0, 0.2)))
    opening, closing = (low + (high - low) * draw(st.floats(0.0, 1.0)) for _ in range(2))
    bar = SessionBar(opening, high, low, closing, draw(st.integers(200, 5_000_000)))
    chance = FillChance(draw(st.floats(0.01, 0.99)), draw(st.floats(-3.0, 3.0)), 0.5)
    return market(
        bar,
        chance,
        impact_coefficient=draw(st.sampled_from([0.0, 1.0, 5.0])),
        auction_volume_frac=draw(st.sampled_from([0.0, 0.01, 1.0])),
        queue_ahead_frac=draw(st.sampled_from([0.0, 0.01, 0.3])),
        latency_p5_ms=200.0,
        latency_p95_ms=draw(st.sampled_from([500.0, 200_000.0])),
        spread_frac=draw(st.sampled_from([0.0, 1.0, 4.0])),
    )


HOWS = st.lists(st.tuples(st.sampled_from(["A", "B", "OPEN"]), st.integers(1, 2_000)), min_size=1, max_size=3)


@st.composite
def orders(draw: st.DrawFn) -> LimitOrder:
    """Orders of either side with parts for the auction, to take and to post."""
    parts = [
        (venue, shares, "auction" if venue == "OPEN" else draw(st.sampled_from(["take", "post"])))
        for venue, shares in draw(HOWS)
    ]
    total = sum(shares for _, shares, _ in parts)
    limit = draw(st.decimals("0.60", "450", places=2))
    return routed(total * draw(st.sampled_from([1, -1])), str(limit), *parts)


@given(order=orders(), where=sessions())
def test_no_fill_is_beyond_limit_route_or_cap_and_no_share_is_lost(order: LimitOrder, where: SessionMarket) -> None:
    """EXE-15, API-STR-02: sums over parts and executions are those of the order, and the same every time."""
    fill = simulated_fill(order, where)
    side = 1 if order.shares > 0 else -1
    assert fill.filled_shares + fill.expired_shares == order.shares
    assert all(each.shares * side > 0 for each in fill.executions)
    assert all(side * (order.limit_price_usd - each.price_usd) >= 0 for each in fill.executions)
    volume = 0 if where.bar is None or where.bar.volume_shares is None else where.bar.volume_shares
    assert abs(fill.filled_shares) <= where.terms.max_fill_participation_frac * volume
    by_part = Counter[str]()
    for each in fill.executions:
        by_part[each.cl_ord_id] += abs(each.shares)
    for child in order.children:
        assert by_part[child.cl_ord_id] <= child.shares
    assert len({each.exec_id for each in fill.executions}) == len(fill.executions)
    assert simulated_fill(order, where) == fill


@given(order=orders(), where=sessions())
def test_fees_are_those_of_the_order_as_a_whole_and_costs_have_no_gaps(order: LimitOrder, where: SessionMarket) -> None:
    fill, fees = simulated_fill(order, where), where.terms.fees
    notional = sum((abs(each.shares) * each.price_usd for each in fill.executions), Decimal(0))
    assert fill.total_usd("commission_usd") == fees.commission_usd(fill.filled_shares, notional)
    assert fill.total_usd("sell_fee_usd") == fees.sell_fee_usd(fill.filled_shares, notional)
    for each in fill.executions:
        assert each.impact_cost_usd >= 0
        assert each.trading_cost_usd - each.latency_cost_usd - each.impact_cost_usd >= 0


def test_an_order_whose_own_impact_goes_beyond_its_limit_trades_at_no_worse_a_price() -> None:
    """EXE-02: its first shares more than double the price here; what rests then has no price left to rest at."""
    order = routed(10_000, "38.99", ("DARK", 10_000, "post"), spread_bps=9000.0)
    bar = SessionBar(37.11, 38.2989, 35.92, 37.1733, 500)
    there = market(bar, max_fill_participation_frac=1.0, impact_coefficient=50.0, queue_ahead_frac=1.0)
    fill = simulated_fill(order, there)
    assert fill.executions
    assert max(each.price_usd for each in fill.executions) <= order.limit_price_usd
