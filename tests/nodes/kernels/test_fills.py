"""The simulated fill: each line of its rule, and what holds of every fill."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.fees import FeeSchedule
from nodes.kernels.fills import (
    FillChance,
    FillTerms,
    LimitOrder,
    SessionBar,
    SessionMarket,
    SimulatedFill,
    latency_ms,
    simulated_fill,
)

TERMS = FillTerms(
    max_fill_participation_frac=0.01,
    impact_coefficient=1.0,
    fees=FeeSchedule(Decimal("0.005"), Decimal("1.00"), 0.01, 0.0000278),
    auction_volume_frac=1.0,
    max_auction_participation_frac=1.0,
    auction_spread_frac=1.0,
    queue_ahead_frac=0.0,
    latency_p5_ms=0.0,
    latency_p95_ms=0.0,
    spread_frac=1.0,
    halt_rate_frac=0.0,
)
"""All of an order fits into the opening auction."""
SMALL_AUCTION = replace(TERMS, auction_volume_frac=0.01, max_auction_participation_frac=0.01)
NO_AUCTION = replace(TERMS, auction_volume_frac=0.0)
FREE = replace(NO_AUCTION, impact_coefficient=0.0, fees=FeeSchedule(Decimal(0), Decimal(0), 0.0, 0.0))
CALM = FillChance(0.5, 0.0, 0.5)
BAR = SessionBar(100.0, 102.0, 98.0, 101.0, 1_000_000)
BUY = LimitOrder(400, Decimal("100.50"), 40.0, 0.02)
SELL = LimitOrder(-400, Decimal("99.50"), 40.0, 0.02)


def filled(
    order: LimitOrder, bar: SessionBar | None = BAR, terms: FillTerms = TERMS, chance: FillChance = CALM
) -> SimulatedFill:
    return simulated_fill(order, SessionMarket(bar, terms, chance))


def test_a_purchase_that_opens_within_its_limit_pays_the_opening_price_half_spread_and_impact() -> None:
    fill = filled(BUY)
    # 100 * (1 + 0.0020 + 0.02 * sqrt(400 / 1,000,000)) = 100.24
    assert (fill.filled_shares, fill.expired_shares, fill.price_usd) == (400, 0, Decimal("100.24"))
    assert (fill.commission_usd, fill.sell_fee_usd, fill.trading_cost_usd) == (Decimal(2), Decimal(0), Decimal(96))
    assert fill.reason == "filled"


def test_a_sale_that_opens_within_its_limit_gets_the_opening_price_less_half_spread_and_impact() -> None:
    fill = filled(SELL)
    assert (fill.filled_shares, fill.price_usd) == (-400, Decimal("99.76"))
    assert fill.sell_fee_usd == Decimal("1.11")
    assert fill.fee_usd == Decimal("3.11")
    assert fill.trading_cost_usd == Decimal(96)


@pytest.mark.parametrize(("order", "limit"), [(BUY, "99.00"), (SELL, "101.00")])
def test_a_limit_reached_during_the_session_is_filled_at_the_limit(order: LimitOrder, limit: str) -> None:
    fill = filled(replace(order, limit_price_usd=Decimal(limit)))
    assert (fill.filled_shares, fill.price_usd) == (order.shares, Decimal(limit))
    assert fill.trading_cost_usd == pytest.approx(Decimal(400) * Decimal(limit) * Decimal("0.0024"))


@pytest.mark.parametrize(
    ("order", "limit", "word"),
    [
        (BUY, "98.20", "limit 98.20 was not reached with spread, impact and queue: low 98.0"),
        (SELL, "101.80", "limit 101.80 was not reached with spread, impact and queue: high 102.0"),
        (BUY, "50.00", "limit 50.00 was not"),
    ],
)
def test_a_limit_not_reached_all_in_is_not_filled(order: LimitOrder, limit: str, word: str) -> None:
    fill = filled(replace(order, limit_price_usd=Decimal(limit)))
    assert (fill.filled_shares, fill.expired_shares, fill.price_usd) == (0, order.shares, None)
    assert fill.fee_usd == 0
    assert word in fill.reason


def test_a_limit_that_the_bar_only_touches_is_not_filled() -> None:
    """Everybody in the queue before it would have to be served by nothing."""
    touched = LimitOrder(10, Decimal("98.00"), 0.0, 0.0)
    assert filled(touched, terms=FREE).filled_shares == 0
    assert filled(replace(touched, limit_price_usd=Decimal("98.01")), terms=FREE).price_usd == Decimal("98.01")


def test_those_ahead_in_the_queue_are_served_first() -> None:
    """EXE-01: of a million shares a quarter trades below 99; with 20 % of the day ahead, 5 % is left for us all."""
    order = replace(BUY, shares=3_000, limit_price_usd=Decimal("99.00"), estimated_spread_bps=0.0, volatility_frac=0.0)
    assert filled(order, terms=NO_AUCTION).filled_shares == 2_500
    assert filled(order, terms=replace(NO_AUCTION, queue_ahead_frac=0.20)).filled_shares == 500
    assert filled(order, terms=replace(NO_AUCTION, queue_ahead_frac=0.25)).filled_shares == 0


def test_what_the_auction_has_no_room_for_works_through_the_session_at_its_typical_price() -> None:
    order = replace(BUY, limit_price_usd=Decimal("110.00"))
    fill = filled(order, terms=SMALL_AUCTION)
    assert (fill.filled_shares, fill.auction_shares) == (400, 100)
    # 100 * (1 + 0.002 + 0.02 sqrt(0.0001)) = 100.22 and 100.25 * (1 + 0.002 + 0.02 sqrt(0.0003)) = 100.49
    assert fill.price_usd == (100 * Decimal("100.22") + 300 * Decimal("100.49")) / 400


def test_the_price_moves_while_an_order_is_on_its_way() -> None:
    """EXE-08: a standard deviation of drift over the latency, in the direction that chance gives."""
    order, slow = (
        replace(BUY, limit_price_usd=Decimal("110.00")),
        replace(NO_AUCTION, latency_p5_ms=60_000.0, latency_p95_ms=60_000.0),
    )
    costs = [filled(order, terms=slow, chance=FillChance(0.5, z, 0.5)).latency_cost_usd for z in (-1.0, 0.0, 1.0)]
    drift = 0.02 * (60.0 / 23_400.0) ** 0.5
    assert costs == [pytest.approx(Decimal(400 * 100.25 * drift * z), abs=Decimal("0.01")) for z in (-1, 0, 1)]


@pytest.mark.parametrize(("u", "wanted_ms"), [(0.05, 200.0), (0.95, 500.0)])
def test_latency_has_the_quantiles_of_its_terms(u: float, wanted_ms: float) -> None:
    """EXE-08: decision to fill in 200 to 500 ms for nine orders of ten."""
    assert latency_ms(replace(TERMS, latency_p5_ms=200.0, latency_p95_ms=500.0), u) == pytest.approx(wanted_ms)


def test_a_halted_session_fills_nothing_whether_known_or_drawn() -> None:
    known = simulated_fill(BUY, SessionMarket(BAR, TERMS, CALM, is_halted=True))
    drawn = filled(BUY, terms=replace(TERMS, halt_rate_frac=0.6))
    assert known == drawn
    assert (known.filled_shares, known.expired_shares, known.reason) == (0, 400, "the session was halted")


def test_costs_by_kind_add_up_to_the_trading_cost() -> None:
    fill = filled(replace(BUY, limit_price_usd=Decimal("110.00")))
    assert fill.impact_cost_usd == Decimal(16)
    assert fill.latency_cost_usd == 0
    assert fill.trading_cost_usd - fill.impact_cost_usd == Decimal(80)


def test_an_order_beyond_the_cap_on_volume_is_filled_in_part_and_the_rest_expires() -> None:
    fill = filled(replace(BUY, shares=12_000, limit_price_usd=Decimal("110.00")))
    assert (fill.filled_shares, fill.expired_shares) == (10_000, 2_000)
    assert fill.price_usd == Decimal("100.40")
    assert fill.reason == "filled in part: 2000 shares were beyond the cap or the queue"


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
    fill = filled(BUY, bar)
    assert (fill.filled_shares, fill.expired_shares, fill.price_usd, fill.reason) == (0, 400, None, reason)


def test_an_order_of_nothing_is_not_filled() -> None:
    assert filled(replace(BUY, shares=0)).filled_shares == 0


@st.composite
def sessions(draw: st.DrawFn) -> SessionBar:
    low, *middle, high = sorted(draw(st.lists(st.integers(100, 90_000), min_size=4, max_size=4)))
    opening, close = draw(st.permutations(middle))
    return SessionBar(opening / 100, high / 100, low / 100, close / 100, draw(st.integers(0, 10_000_000)))


@given(
    bar=sessions(),
    shares=st.integers(-50_000, 50_000).filter(bool),
    limit=st.decimals("1", "900", places=2),
    spread=st.floats(0.0, 300.0),
    volatility=st.floats(0.0, 0.2),
)
def test_every_fill_keeps_within_limit_cap_and_bar(
    bar: SessionBar, shares: int, limit: Decimal, spread: float, volatility: float
) -> None:
    fill = filled(LimitOrder(shares, limit, spread, volatility), bar)
    assert fill.filled_shares + fill.expired_shares == shares
    if fill.price_usd is None:
        assert fill.filled_shares == 0
        return
    side = 1 if shares > 0 else -1
    assert 0 < side * fill.filled_shares <= min(abs(shares), (bar.volume_shares or 0) // 100)
    assert side * (limit - fill.price_usd) >= 0
    assert fill.price_usd == fill.price_usd.quantize(Decimal("0.01"))
    assert fill.trading_cost_usd >= 0
    best = Decimal(str(bar.low_usd if side > 0 else bar.high_usd))
    assert side * (fill.price_usd - best) >= 0


@given(bar=sessions(), shares=st.integers(1, 9_000), limit=st.decimals("1", "900", places=2))
def test_a_looser_limit_never_fills_less(bar: SessionBar, shares: int, limit: Decimal) -> None:
    order = LimitOrder(shares, limit, 40.0, 0.02)
    looser = filled(replace(order, limit_price_usd=limit + 5), bar)
    assert looser.filled_shares >= filled(order, bar).filled_shares
