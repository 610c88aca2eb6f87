"""Prices in Decimal: what a bar printed, ticks, and prices moved by a fraction.

A price moved against an order is rounded against it, a limit towards the safe side: rounding is never a gain.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

_CENT = Decimal("0.01")
_FINE = Decimal("0.0001")
_ONE = Decimal(1)
_DECIMALS = 12


def tick_usd(price_usd: Decimal) -> Decimal:
    """The smallest step of a quoted price: a cent, and a hundredth of a cent under one dollar.

    Source: 17 CFR 242.612 (Regulation NMS, rule 612) as it stood through 2025.
    """
    return _CENT if price_usd >= _ONE else _FINE


def moved_price_usd(price_usd: Decimal, offset_frac: float) -> Decimal:
    """The price times 1 + offset, exactly, the offset to twelve decimals: its float noise must not move a tick."""
    return price_usd * (_ONE + Decimal(repr(round(offset_frac, _DECIMALS))))


def limit_on_tick_usd(price_usd: Decimal, order_side: int) -> Decimal:
    """A limit on the tick that is no looser than the price: down for a buy, up for a sale."""
    rounding = ROUND_FLOOR if order_side > 0 else ROUND_CEILING
    return price_usd.quantize(tick_usd(price_usd), rounding=rounding)


def execution_on_tick_usd(price_usd: Decimal, order_side: int) -> Decimal:
    """An execution price on the tick that is no better than the price: up for a buy, down for a sale."""
    return limit_on_tick_usd(price_usd, -order_side)
