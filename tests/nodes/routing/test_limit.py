"""Limits grant the market its usual move, on the tick that is no looser; venues follow size."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nodes.routing.limit import limit_offset_frac, limit_price_usd, venue
from nodes.vocabulary.units import Frac, Shares, Text, UsdPerShare

CLOSE = UsdPerShare(Decimal("130.31"))


@pytest.mark.parametrize(("order", "limit"), [(100, "131.61"), (-100, "129.01")])
def test_a_limit_lies_beyond_the_close_on_the_orders_side(order: int, limit: str) -> None:
    assert limit_price_usd(CLOSE, Frac(0.01), Shares(order)) == Decimal(limit)


def test_a_wilder_market_gets_a_wider_limit() -> None:
    calm, wild = (limit_offset_frac(Frac(volatility), 0.5) for volatility in (0.01, 0.08))
    assert (calm, wild) == (0.005, 0.04)
    assert limit_price_usd(CLOSE, wild, Shares(1)) > limit_price_usd(CLOSE, calm, Shares(1))


@pytest.mark.parametrize(("part", "wanted"), [(0.0003, "OPEN"), (0.00031, "DAY")])
def test_small_orders_go_into_the_opening_auction(part: float, wanted: str) -> None:
    assert venue(Frac(part), Frac(0.0003), "OPEN", "DAY", Text("")) == wanted
    assert venue(Frac(part), Frac(0.0003), "OPEN", "DAY", None) == wanted


def test_where_venues_quote_the_opening_is_over() -> None:
    assert venue(Frac(0.0001), Frac(0.0003), "OPEN", "DAY", Text("NYSE 1x1 | 2x1")) == "DAY"
