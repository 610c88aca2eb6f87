"""The simulated fill of a limit order in the session after its decision, from that session's bar.

The rule, in order:
 1. No bar, a bar that misses a price or has one that is not positive, a high under the low, no volume: no fill.
 2. The order takes at most a given part of the bar's volume; the rest expires at the close.
 3. A price all in is a bar's price moved against the order by half the estimated spread and the square-root impact.
 4. Opens all in at the limit or better: filled at the opening price all in.
 5. Otherwise, comes all in to the limit during the session (low for a buy, high for a sale): filled at the limit.
 6. Otherwise no fill. So a fill is never worse than the limit, and never free of spread and impact.
 7. Prices go to the tick against the order, money is exact, fees are rounded up to the cent.

A bar does not say when within the session a price was there, nor how much traded at it: 2 and 5 stand in for that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from nodes.kernels.fees import FeeSchedule, exact
from nodes.kernels.impact import square_root_impact_frac
from nodes.kernels.prices import execution_on_tick_usd, moved_price_usd
from nodes.kernels.sizes import side

_NOTHING = Decimal(0)
_BPS = 1e4


@dataclass(frozen=True)
class SessionBar:
    """One session of one symbol as its panel holds it; a missing number is None.

    Attributes:
        open_usd: first price.
        high_usd: highest price.
        low_usd: lowest price.
        close_usd: last price.
        volume_shares: shares traded.
    """

    open_usd: float | None
    high_usd: float | None
    low_usd: float | None
    close_usd: float | None
    volume_shares: int | None


@dataclass(frozen=True)
class LimitOrder:
    """An order for one session.

    Attributes:
        shares: how many; negative to sell.
        limit_price_usd: the worst price it accepts.
        estimated_spread_bps: spread estimated when it was decided.
        volatility_frac: daily volatility when it was decided.
    """

    shares: int
    limit_price_usd: Decimal
    estimated_spread_bps: float
    volatility_frac: float


@dataclass(frozen=True)
class FillTerms:
    """How the simulated market treats an order.

    Attributes:
        max_fill_participation_frac: largest part of the session's volume that one order takes.
        impact_coefficient: coefficient of the square-root law.
        fees: what is charged.
    """

    max_fill_participation_frac: float
    impact_coefficient: float
    fees: FeeSchedule


@dataclass(frozen=True)
class SimulatedFill:
    """What became of an order in its session.

    Attributes:
        filled_shares: shares traded, with the order's sign; 0 when none.
        expired_shares: shares that were not, with the order's sign.
        price_usd: price of each share traded; None when none was.
        commission_usd: commission.
        sell_fee_usd: fee on a sale.
        trading_cost_usd: what spread and impact cost against the bar's own price.
        reason: why it came out so, in words.
    """

    filled_shares: int
    expired_shares: int
    price_usd: Decimal | None
    commission_usd: Decimal
    sell_fee_usd: Decimal
    trading_cost_usd: Decimal
    reason: str

    @property
    def fee_usd(self) -> Decimal:
        """Commission and sell fee together."""
        return self.commission_usd + self.sell_fee_usd


def simulated_fill(order: LimitOrder, bar: SessionBar | None, terms: FillTerms) -> SimulatedFill:
    """What the session's bar makes of the order, by the rule at the head of this module."""
    fault = _bar_fault(bar)
    if bar is None or fault:
        return _unfilled(order, fault)
    size = min(abs(order.shares), math.floor(terms.max_fill_participation_frac * (bar.volume_shares or 0)))
    if size == 0:
        return _unfilled(order, f"{order.shares} shares leave nothing within the cap on {bar.volume_shares} traded")
    order_side = side(order.shares)
    cost_frac = order.estimated_spread_bps / 2.0 / _BPS
    cost_frac += square_root_impact_frac(
        terms.impact_coefficient, order.volatility_frac, size / (bar.volume_shares or size)
    )
    opening = _price(bar.open_usd)
    turning = _price(bar.low_usd if order_side > 0 else bar.high_usd)
    at_open = execution_on_tick_usd(moved_price_usd(opening, order_side * cost_frac), order_side)
    at_turn = execution_on_tick_usd(moved_price_usd(turning, order_side * cost_frac), order_side)
    if order_side * (order.limit_price_usd - at_open) >= 0:
        return _filled(order, order_side * size, at_open, opening, terms)
    if order_side * (order.limit_price_usd - at_turn) >= 0:
        base = moved_price_usd(order.limit_price_usd, -order_side * cost_frac)
        return _filled(order, order_side * size, order.limit_price_usd, base, terms)
    reached = f"{'low' if order_side > 0 else 'high'} {turning} is {at_turn} with spread and impact"
    return _unfilled(order, f"limit {order.limit_price_usd} was not reached: {reached}")


def _bar_fault(bar: SessionBar | None) -> str:
    if bar is None:
        return "the symbol has no bar in this session"
    prices = {"open": bar.open_usd, "high": bar.high_usd, "low": bar.low_usd, "close": bar.close_usd}
    for word, price in prices.items():
        if price is None or not (math.isfinite(price) and price > 0.0):
            return f"the bar's {word} is {price}"
    if _price(bar.high_usd) < _price(bar.low_usd):
        return f"the bar's high {bar.high_usd} is under its low {bar.low_usd}"
    if not bar.volume_shares or bar.volume_shares < 0:
        return f"the bar's volume is {bar.volume_shares}"
    return ""


def _price(price: float | None) -> Decimal:
    return exact(float(price or 0.0))


def _filled(order: LimitOrder, shares: int, price_usd: Decimal, base_usd: Decimal, terms: FillTerms) -> SimulatedFill:
    notional_usd = abs(shares) * price_usd
    expired = order.shares - shares
    return SimulatedFill(
        filled_shares=shares,
        expired_shares=expired,
        price_usd=price_usd,
        commission_usd=terms.fees.commission_usd(shares, notional_usd),
        sell_fee_usd=terms.fees.sell_fee_usd(shares, notional_usd),
        trading_cost_usd=(price_usd - base_usd) * shares,
        reason="filled" if expired == 0 else f"filled in part: {abs(expired)} shares were beyond the cap on volume",
    )


def _unfilled(order: LimitOrder, reason: str) -> SimulatedFill:
    return SimulatedFill(0, order.shares, None, _NOTHING, _NOTHING, _NOTHING, reason)
