"""The cash that the order leaves, and the largest purchase that the limit on it allows."""

from __future__ import annotations

import math

from nodes.kernels.fees import FeeSchedule
from nodes.kernels.sizes import largest_size, rounding
from nodes.vocabulary.units import Frac, Shares, Usd, UsdPerShare


def cash_after_usd(
    cash_usd: Usd,
    order_shares: Shares,
    limit_price_usd: UsdPerShare,
    expected_commission_usd: Usd,
    expected_sell_fee_usd: Usd,
) -> Usd:
    """Free cash once the whole order has traded at its limit, fees paid.

    Formula: cash_usd - order_shares * limit_price_usd - expected_commission_usd - expected_sell_fee_usd
    Unit: USD. Missing: absent when an input is.
    Source: definition, at the worst price that the order accepts.
    """
    return Usd(cash_usd - order_shares * limit_price_usd - expected_commission_usd - expected_sell_fee_usd)


def cash_cap_shares(
    cash_usd: Usd,
    min_cash_usd: Usd,
    proposed_order_shares: Shares,
    limit_price_usd: UsdPerShare,
    commission_price_usd: UsdPerShare,
    min_commission_usd: Usd,
    max_commission_frac: Frac,
    sell_fee_frac: Frac,
) -> Shares:
    """Largest order of the proposed side that leaves at least the required cash, at its limit and with fees.

    Formula: max q with cash_usd - side * q * limit_price_usd - fees(q) >= min_cash_usd
    Unit: shares. Missing: absent when an input is; the proposed size for a sale, which raises cash.
    Source: DESIGN section 3, Clip: the largest size for which the rule's own ratio holds in floating point.
    """
    if proposed_order_shares < 0:
        return Shares(-proposed_order_shares)
    fees = FeeSchedule(commission_price_usd, min_commission_usd, max_commission_frac, sell_fee_frac)

    def holds(size: int) -> bool:
        return cash_usd - size * limit_price_usd - fees.total_usd(size, size * limit_price_usd) >= min_cash_usd

    guess = float(cash_usd - min_cash_usd) / float(limit_price_usd)
    is_bound = limit_price_usd > 0 and fees.is_charge  # without fees, which only lower it
    return Shares(largest_size(guess, holds, above=rounding(guess) if is_bound else math.inf))
