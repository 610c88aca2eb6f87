"""Whether the market data behind the order describe a market one can trade in."""

from __future__ import annotations

from nodes.kernels.ratios import ratio
from nodes.vocabulary.units import Bps, Frac, UsdPerShare

_BPS = 1e4


def limit_distance_bps(limit_price_usd: UsdPerShare, close_price_usd: UsdPerShare) -> Bps | None:
    """How far the order's limit is from the last close.

    Formula: |limit_price_usd - close_price_usd| / close_price_usd * 10,000
    Unit: basis points of the close. Missing: absent when either is.
    Source: FIA (2024), Best Practices for Automated Trading Risk Controls and System Safeguards, price tolerance.
    """
    distance = ratio(abs(limit_price_usd - close_price_usd), close_price_usd)
    return None if distance is None else Bps(distance * _BPS)


def close_move_frac(close_price_usd: UsdPerShare, previous_close_price_usd: UsdPerShare) -> Frac | None:
    """Size of the last move of the raw price, splits left in: what a share that has just split seems to have lost.

    Formula: |close_price_usd - previous_close_price_usd| / previous_close_price_usd
    Unit: fraction. Missing: absent when either is.
    Source: definition; the raw price shows splits that returns take out.
    """
    return ratio(abs(close_price_usd - previous_close_price_usd), previous_close_price_usd)


def daily_move_frac(daily_return_frac: Frac) -> Frac:
    """Size of the last session's total return, up or down.

    Formula: |daily_return_frac|
    Unit: fraction. Missing: absent when the return is.
    Source: definition.
    """
    return Frac(abs(daily_return_frac))


def gap_size_frac(overnight_gap_frac: Frac) -> Frac:
    """Size of the last opening gap, up or down.

    Formula: |overnight_gap_frac|
    Unit: fraction. Missing: absent when the gap is.
    Source: definition.
    """
    return Frac(abs(overnight_gap_frac))
