"""How big the order is, by itself and against the market, and the largest sizes that the limits on it leave."""

from __future__ import annotations

import math

from nodes.kernels.exposure import is_within
from nodes.kernels.ratios import ratio
from nodes.kernels.sizes import largest_size, rounding
from nodes.vocabulary.units import Frac, Shares, Usd, UsdPerShare


def order_size_shares(order_shares: Shares) -> Shares:
    """Size of the order without its side.

    Formula: |order_shares|
    Unit: shares. Missing: absent when the order is.
    Source: definition.
    """
    return Shares(abs(order_shares))


def order_notional_usd(order_size_shares: Shares, close_price_usd: UsdPerShare) -> Usd:
    """Value of the order at the last close.

    Formula: order_size_shares * close_price_usd
    Unit: USD. Missing: absent when either is.
    Source: 17 CFR 240.15c3-5(c)(1)(i), order value.
    """
    return Usd(order_size_shares * close_price_usd)


def participation_frac(order_size_shares: Shares, adv_shares: Shares) -> Frac | None:
    """Share of an average day's volume that the order would take.

    Formula: order_size_shares / adv_shares
    Unit: fraction of one day. Missing: absent when either is, or when the average is zero.
    Source: Almgren, Thum, Hauptmann, Li (2005), Direct Estimation of Equity Market Impact, section 2.
    """
    return ratio(order_size_shares, adv_shares)


def size_cap_shares(max_order_shares: Shares) -> Shares:
    """Largest order that the limit on shares leaves.

    Formula: max(max_order_shares, 0)
    Unit: shares. Missing: never.
    Source: DESIGN section 3, Clip: the largest size for which the rule's own ratio holds in floating point.
    """
    return Shares(max(max_order_shares, 0))


def notional_cap_shares(max_order_notional_usd: Usd, close_price_usd: UsdPerShare) -> Shares:
    """Largest order whose notional is within the limit.

    Formula: max q with q * close_price_usd <= max_order_notional_usd
    Unit: shares. Missing: absent when the close is.
    Source: DESIGN section 3, Clip: the largest size for which the rule's own ratio holds in floating point.
    """
    guess = float(max_order_notional_usd / close_price_usd)
    error = rounding(guess) if close_price_usd > 0 else math.inf
    return Shares(largest_size(guess, lambda size: size * close_price_usd <= max_order_notional_usd, error, error))


def participation_cap_shares(max_participation_frac: Frac, adv_shares: Shares) -> Shares:
    """Largest order whose share of an average day's volume is within the limit.

    Formula: max q with q / adv_shares <= max_participation_frac
    Unit: shares. Missing: absent when the average is; 0 when the average is zero.
    Source: DESIGN section 3, Clip: the largest size for which the rule's own ratio holds in floating point.
    """
    guess = max_participation_frac * adv_shares
    error = rounding(guess) if adv_shares > 0 else math.inf

    def holds(size: int) -> bool:
        return is_within(ratio(size, adv_shares), max_participation_frac)

    return Shares(largest_size(guess, holds, error, error))
