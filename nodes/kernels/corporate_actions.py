"""Splits and dividends: the factor of an event, closes adjusted for all of them, orders carried over a split."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.prices import limit_on_tick_usd
from nodes.kernels.sizes import side


def event_ratio(split_ratio: float, dividend_usd: float, previous_close_usd: float) -> float:
    """Factor by which the price return of an ex-date session is multiplied to give the total return.

    Args:
        split_ratio: new shares for one old (2.0 for a 2:1 split, 1.0 for none).
        dividend_usd: cash for one share held before the ex-date, on the share basis of `previous_close_usd`.
        previous_close_usd: last close before the ex-date.

    Source: CRSP, Data Descriptions Guide, price adjustment factors; Yahoo Finance help SLN28256.
    """
    return split_ratio / (1.0 - dividend_usd / previous_close_usd)


def adjusted_closes(close: Array, ratio: Array) -> Array:
    """Closes in terms of the last row's share: each divided by the ratios of the later rows, latest first."""
    adjusted = np.empty(len(close))
    factor = 1.0
    for row in range(len(close) - 1, -1, -1):
        adjusted[row] = close[row] / factor
        factor *= float(ratio[row])
    return adjusted


def split_order(order_shares: int, limit_price_usd: Decimal, split_ratio: Fraction) -> tuple[int, Decimal]:
    """An open order carried over a split: shares times the ratio, cut to whole ones, and the limit divided by it.

    Source: FINRA rule 5330 (adjustment of orders); the limit goes to the tick that is no looser.
    """
    shares = int(order_shares * split_ratio)
    price = limit_price_usd * split_ratio.denominator / split_ratio.numerator
    return shares, limit_on_tick_usd(price, side(order_shares))
