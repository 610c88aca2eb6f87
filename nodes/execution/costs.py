"""What the order is expected to cost. Spread and impact are estimates; only fees are known."""

from __future__ import annotations

import math

from nodes.kernels.fees import FeeSchedule, cents_up, exact
from nodes.kernels.impact import square_root_impact_frac
from nodes.kernels.ratios import ratio
from nodes.vocabulary.units import Bps, Frac, Shares, Usd, UsdPerShare

_BPS = 1e4


def half_spread_bps(estimated_spread_bps: Bps) -> Bps:
    """Expected cost of crossing half the estimated spread.

    Formula: estimated_spread_bps / 2
    Unit: basis points of the price. Missing: absent when the spread is.
    Source: Harris (2003), Trading and Exchanges: who takes liquidity pays half the spread.
    """
    return Bps(estimated_spread_bps / 2.0)


def expected_impact_bps(volatility_frac: Frac, participation_frac: Frac, impact_coefficient: float) -> Bps:
    """Expected impact of the order on the price it gets, by the square-root law.

    Formula: impact_coefficient * volatility_frac * sqrt(participation_frac) * 10,000
    Unit: basis points of the price. Missing: absent when an input is.
    Source: Sato and Kanazawa (2024), arXiv 2411.13965; Almgren et al. (2005).
    """
    return Bps(square_root_impact_frac(impact_coefficient, volatility_frac, participation_frac) * _BPS)


def expected_commission_usd(
    order_shares: Shares,
    limit_price_usd: UsdPerShare,
    commission_price_usd: UsdPerShare,
    min_commission_usd: Usd,
    max_commission_frac: Frac,
    sell_fee_frac: Frac,
) -> Usd:
    """Commission if the whole order trades at its limit.

    Formula: min(max(|order_shares| * commission_price_usd, min_commission_usd), max_commission_frac * notional), to the
    cent above
    Unit: USD. Missing: absent when an input is.
    Source: Interactive Brokers, fixed pricing for US stocks.
    """
    fees = FeeSchedule(commission_price_usd, min_commission_usd, max_commission_frac, sell_fee_frac)
    return Usd(fees.commission_usd(order_shares, abs(order_shares) * limit_price_usd))


def expected_sell_fee_usd(
    order_shares: Shares,
    limit_price_usd: UsdPerShare,
    commission_price_usd: UsdPerShare,
    min_commission_usd: Usd,
    max_commission_frac: Frac,
    sell_fee_frac: Frac,
) -> Usd:
    """Fee on the sale if the whole order trades at its limit; nothing on a purchase.

    Formula: sell_fee_frac * notional, cents up
    Unit: USD. Missing: absent when an input is.
    Source: Securities Exchange Act of 1934, section 31, 15 U.S.C. 78ee.
    """
    fees = FeeSchedule(commission_price_usd, min_commission_usd, max_commission_frac, sell_fee_frac)
    return Usd(fees.sell_fee_usd(order_shares, abs(order_shares) * limit_price_usd))


def expected_cost_usd(
    order_notional_usd: Usd,
    half_spread_bps: Bps,
    expected_impact_bps: Bps,
    expected_commission_usd: Usd,
    expected_sell_fee_usd: Usd,
) -> Usd:
    """Expected cost of the order with spread, impact and fees.

    Formula: order_notional_usd * (half_spread_bps + expected_impact_bps) / 10,000 + fees, cents up
    Unit: USD. Missing: absent when an input is.
    Source: Kissell (2014), The Science of Algorithmic Trading: components of transaction cost.
    """
    market = order_notional_usd * exact((half_spread_bps + expected_impact_bps) / _BPS)
    return Usd(cents_up(market) + expected_commission_usd + expected_sell_fee_usd)


def expected_cost_bps(expected_cost_usd: Usd, order_notional_usd: Usd) -> Bps | None:
    """Expected cost of the order by its value.

    Formula: expected_cost_usd / order_notional_usd * 10,000
    Unit: basis points of the notional. Missing: absent when an input is, or for an order of nothing.
    Source: Kissell (2014), The Science of Algorithmic Trading: components of transaction cost.
    """
    quotient = ratio(expected_cost_usd, order_notional_usd)
    return None if quotient is None else Bps(quotient * _BPS)


def expected_fill_shares(order_shares: Shares, adv_shares: Shares, max_fill_participation_frac: Frac) -> Shares:
    """Shares that a session of average volume is expected to fill.

    Formula: sign * min(|order_shares|, max_fill_participation_frac * adv_shares), cut to whole shares
    Unit: shares, negative to sell. Missing: absent when an input is.
    Source: zipline-reloaded, finance/slippage.py, VolumeShareSlippage: a cap on the part of a bar's volume.
    """
    most = math.floor(max_fill_participation_frac * adv_shares)
    return Shares(max(-most, min(most, order_shares)))
