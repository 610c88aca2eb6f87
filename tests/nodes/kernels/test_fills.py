"""The simulated fill: each line of its rule, and what holds of every fill."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.fees import FeeSchedule
from nodes.kernels.fills import FillTerms, LimitOrder, SessionBar, simulated_fill

TERMS = FillTerms(0.01, 1.0, FeeSchedule(Decimal("0.005"), Decimal("1.00"), 0.01, 0.0000278))
FREE = FillTerms(1.0, 0.0, FeeSchedule(Decimal(0), Decimal(0), 0.0, 0.0))
BAR = SessionBar(100.0, 102.0, 98.0, 101.0, 1_000_000)
BUY = LimitOrder(400, Decimal("100.50"), 40.0, 0.02)
SELL = LimitOrder(-400, Decimal("99.50"), 40.0, 0.02)


def test_a_purchase_that_opens_within_its_limit_pays_the_opening_price_half_spread_and_impact() -> None:
    fill = simulated_fill(BUY, BAR, TERMS)
    # 100 * (1 + 0.0020 + 0.02 * sqrt(400 / 1,000,000)) = 100.24
    assert (fill.filled_shares, fill.expired_shares, fill.price_usd) == (400, 0, Decimal("100.24"))
    assert (fill.commission_usd, fill.sell_fee_usd, fill.trading_cost_usd) == (Decimal(2), Decimal(0), Decimal(96))
    assert fill.reason == "filled"


def test_a_sale_that_opens_within_its_limit_gets_the_opening_price_less_half_spread_and_impact() -> None:
    fill = simulated_fill(SELL, BAR, TERMS)
    assert (fill.filled_shares, fill.price_usd) == (-400, Decimal("99.76"))
    assert fill.sell_fee_usd == Decimal("1.11")
    assert fill.fee_usd == Decimal("3.11")
    assert fill.trading_cost_usd == Decimal(96)


@pytest.mark.parametrize(("order", "limit"), [(BUY, "99.00"), (SELL, "101.00")])
def test_a_limit_reached_during_the_session_is_filled_at_the_limit(order: LimitOrder, limit: str) -> None:
    fill = simulated_fill(replace(order, limit_price_usd=Decimal(limit)), BAR, TERMS)
    assert (fill.filled_shares, fill.price_usd) == (order.shares, Decimal(limit))
    assert fill.trading_cost_usd == pytest.approx(Decimal(400) * Decimal(limit) * Decimal("0.0024"))


@pytest.mark.parametrize(
    ("order", "limit", "word"),
    [
        (BUY, "98.20", "low 98.0 is 98.24"),
        (SELL, "101.80", "high 102.0 is 101.75"),
        (BUY, "50.00", "limit 50.00 was not"),
    ],
)
def test_a_limit_not_reached_all_in_is_not_filled(order: LimitOrder, limit: str, word: str) -> None:
    fill = simulated_fill(replace(order, limit_price_usd=Decimal(limit)), BAR, TERMS)
    assert (fill.filled_shares, fill.expired_shares, fill.price_usd) == (0, order.shares, None)
    assert fill.fee_usd == 0
    assert word in fill.reason


def test_a_limit_that_the_bar_only_touches_is_filled_when_trading_is_free() -> None:
    fill = simulated_fill(LimitOrder(10, Decimal("98.00"), 0.0, 0.0), BAR, FREE)
    assert (fill.filled_shares, fill.price_usd, fill.trading_cost_usd) == (10, Decimal(98), Decimal(0))


def test_an_order_beyond_the_cap_on_volume_is_filled_in_part_and_the_rest_expires() -> None:
    fill = simulated_fill(replace(BUY, shares=12_000, limit_price_usd=Decimal("110.00")), BAR, TERMS)
    assert (fill.filled_shares, fill.expired_shares) == (10_000, 2_000)
    assert fill.price_usd == Decimal("100.40")
    assert fill.reason == "filled in part: 2000 shares were beyond the cap on volume"


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
    fill = simulated_fill(BUY, bar, TERMS)
    assert (fill.filled_shares, fill.expired_shares, fill.price_usd, fill.reason) == (0, 400, None, reason)


def test_an_order_of_nothing_is_not_filled() -> None:
    assert simulated_fill(replace(BUY, shares=0), BAR, TERMS).filled_shares == 0


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
    fill = simulated_fill(LimitOrder(shares, limit, spread, volatility), bar, TERMS)
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
    looser = simulated_fill(replace(order, limit_price_usd=limit + 5), bar, TERMS)
    assert looser.filled_shares >= simulated_fill(order, bar, TERMS).filled_shares
