"""Splits and dividends: the factor of an event, and closes adjusted for all of them."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array


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
