"""The simulated fill of a limit order in the session after its decision, from that session's bar.

The rule, in order:
 1. A halted session, no bar, a bar that misses a price or has one that is not positive, a high under the low, no
    volume: no fill.
 2. The order takes at most a given part of the bar's volume; the rest expires at the close.
 3. Opening auction: a part of the day's volume trades there, of which the order takes at most its share, at the opening
    price moved against it by its part of half the spread and by the square-root impact, if that is the limit or better.
 4. Session: what is left works from when the order has arrived. If the session's typical price (open, high, low and
    close alike), moved by half the spread, the impact and what the price did while the order was on its way, is the
    limit or better, it trades there.
 5. Otherwise it rests at its limit. Of the volume beyond the limit, taken as the bar's volume in proportion to the
    bar's range, those ahead in the queue are served first; the order gets its part of what is left, at the limit.
 6. Otherwise no fill. So a fill is never worse than the limit, and never free of spread and impact.
 7. What trades goes to the tick against the order; a price of both parts is their average, to a hundredth of a cent
    against the order. Money is exact, fees are rounded up to the cent.

A bar does not say when within the session a price was there, nor how much traded at it: 3 to 5 stand in for that.
Chance is an argument: the same draws give the same fill, so that two assumptions are compared on the same luck.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from statistics import NormalDist

from nodes.kernels.fees import FeeSchedule, exact
from nodes.kernels.impact import square_root_impact_frac
from nodes.kernels.prices import execution_on_tick_usd, moved_price_usd
from nodes.kernels.sizes import side

SESSION_S = 23_400.0
_NOTHING = Decimal(0)
_FINE = Decimal("0.0001")
_BPS = 1e4
_MS_PER_S = 1e3
_P95 = 1.6448536269514722


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
        max_fill_participation_frac: largest part of the bar's volume that the order takes.
        impact_coefficient: of the square-root impact; 0 for a market that nobody moves.
        fees: what trading is charged.
        auction_volume_frac: part of the day's volume that trades in the opening auction.
        max_auction_participation_frac: largest part of the auction's volume that the order takes.
        auction_spread_frac: part of half the spread that is paid in the auction; 1 as in the session.
        queue_ahead_frac: part of the day's volume that rests at the limit before the order.
        latency_p5_ms: from decision to market, the time that one order in twenty stays under.
        latency_p95_ms: the time that one order in twenty goes beyond; between the two it is log-normal.
        spread_frac: the market's spread as a multiple of the estimated one.
        halt_rate_frac: how often a symbol's session is halted, by chance.
    """

    max_fill_participation_frac: float
    impact_coefficient: float
    fees: FeeSchedule
    auction_volume_frac: float
    max_auction_participation_frac: float
    auction_spread_frac: float
    queue_ahead_frac: float
    latency_p5_ms: float
    latency_p95_ms: float
    spread_frac: float
    halt_rate_frac: float


@dataclass(frozen=True)
class FillChance:
    """The luck of one order in one session.

    Attributes:
        latency_u: where its latency stands in the distribution, from 0 to 1, both excluded.
        drift_z: which way, and how far, the price went while it was on its way: a standard normal.
        halt_u: the session is halted where this is under the rate of halts; from 0 to 1.
    """

    latency_u: float
    drift_z: float
    halt_u: float


@dataclass(frozen=True)
class SessionMarket:
    """The market that an order meets in one session.

    Attributes:
        bar: what the session came to; None where the symbol has none.
        terms: how orders are treated.
        chance: the order's luck.
        is_halted: whether the symbol is known to have been halted.
    """

    bar: SessionBar | None
    terms: FillTerms
    chance: FillChance
    is_halted: bool = False


@dataclass(frozen=True)
class SimulatedFill:
    """What became of an order in its session.

    Attributes:
        filled_shares: shares traded, with the order's sign; 0 when none.
        expired_shares: shares that were not, with the order's sign.
        price_usd: average price of each share traded; None when none was.
        commission_usd: commission.
        sell_fee_usd: fee on a sale.
        trading_cost_usd: what spread, impact and latency cost against the bar's own price.
        impact_cost_usd: of that, what impact cost.
        latency_cost_usd: of that, what the way to the market cost; negative where the price came nearer.
        auction_shares: of the shares traded, those of the opening auction.
        reason: why it came out so, in words.
    """

    filled_shares: int
    expired_shares: int
    price_usd: Decimal | None
    commission_usd: Decimal
    sell_fee_usd: Decimal
    trading_cost_usd: Decimal
    impact_cost_usd: Decimal
    latency_cost_usd: Decimal
    auction_shares: int
    reason: str

    @property
    def fee_usd(self) -> Decimal:
        """Commission and sell fee together."""
        return self.commission_usd + self.sell_fee_usd


@dataclass(frozen=True, slots=True)
class _Part:
    """What traded in one way: a positive number of shares, their price, and what of it is not the bar's own."""

    size: int
    price_usd: Decimal
    base_usd: Decimal
    impact_frac: float
    latency_frac: float


def simulated_fill(order: LimitOrder, market: SessionMarket) -> SimulatedFill:
    """What the session's bar makes of the order, by the rule at the head of this module."""
    bar, terms = market.bar, market.terms
    is_halted = market.is_halted or market.chance.halt_u < terms.halt_rate_frac
    fault = "the session was halted" if is_halted else _bar_fault(bar)
    if bar is None or fault:
        return unfilled(order.shares, fault)
    volume = bar.volume_shares or 0
    size = min(abs(order.shares), math.floor(terms.max_fill_participation_frac * volume))
    if size == 0:
        return unfilled(order.shares, f"{order.shares} shares leave nothing within the cap on {volume} traded")
    auction = _auction(order, bar, terms, size)
    rest = size - (0 if auction is None else auction.size)
    worked = _worked(order, bar, market, rest) if rest else None
    parts = tuple(part for part in (auction, worked) if part is not None)
    if not parts:
        return unfilled(order.shares, _out_of_reach(order, bar))
    return _filled(order, parts, 0 if auction is None else auction.size, terms)


def latency_ms(terms: FillTerms, u: float) -> float:
    """The latency at a place of its distribution: log-normal with the two quantiles that the terms name."""
    if terms.latency_p95_ms <= 0.0:
        return 0.0
    low, high = math.log(max(terms.latency_p5_ms, 1e-6)), math.log(max(terms.latency_p95_ms, 1e-6))
    return math.exp((low + high) / 2.0 + (high - low) / (2.0 * _P95) * NormalDist().inv_cdf(u))


def unfilled(order_shares: int, reason: str) -> SimulatedFill:
    """An order of which nothing traded."""
    zero = _NOTHING
    return SimulatedFill(0, order_shares, None, zero, zero, zero, zero, zero, 0, reason)


def _half_spread_frac(order: LimitOrder, terms: FillTerms) -> float:
    return order.estimated_spread_bps * terms.spread_frac / 2.0 / _BPS


def _auction(order: LimitOrder, bar: SessionBar, terms: FillTerms, size: int) -> _Part | None:
    """What trades in the opening auction."""
    volume, order_side = bar.volume_shares or 0, side(order.shares)
    taken = min(size, math.floor(terms.max_auction_participation_frac * terms.auction_volume_frac * volume))
    if taken == 0:
        return None
    impact_frac = square_root_impact_frac(terms.impact_coefficient, order.volatility_frac, taken / volume)
    cost_frac = terms.auction_spread_frac * _half_spread_frac(order, terms) + impact_frac
    opening = _price(bar.open_usd)
    price_usd = execution_on_tick_usd(moved_price_usd(opening, order_side * cost_frac), order_side)
    if order_side * (order.limit_price_usd - price_usd) < 0:
        return None
    return _Part(taken, price_usd, opening, impact_frac, 0.0)


def _worked(order: LimitOrder, bar: SessionBar, market: SessionMarket, rest: int) -> _Part | None:
    """What trades during the session: at its typical price, or at the limit behind those who wait there."""
    terms, chance = market.terms, market.chance
    volume, order_side = bar.volume_shares or 0, side(order.shares)
    impact_frac = square_root_impact_frac(terms.impact_coefficient, order.volatility_frac, rest / volume)
    cost_frac = _half_spread_frac(order, terms) + impact_frac
    away_s = latency_ms(terms, chance.latency_u) / _MS_PER_S
    drift_frac = chance.drift_z * order.volatility_frac * math.sqrt(away_s / SESSION_S)
    typical = _typical_usd(bar)
    at_typical = execution_on_tick_usd(moved_price_usd(typical, order_side * cost_frac + drift_frac), order_side)
    if order_side * (order.limit_price_usd - at_typical) >= 0:
        return _Part(rest, at_typical, typical, impact_frac, drift_frac * order_side)
    base = moved_price_usd(order.limit_price_usd, -order_side * cost_frac)
    beyond = volume * _beyond_frac(bar, float(base), order_side) - terms.queue_ahead_frac * volume
    size = min(rest, math.floor(terms.max_fill_participation_frac * max(beyond, 0.0)))
    return _Part(size, order.limit_price_usd, base, impact_frac, 0.0) if size else None


def _typical_usd(bar: SessionBar) -> Decimal:
    """The mean of the bar's four prices: what an order that works all day trades around."""
    total = _price(bar.open_usd) + _price(bar.high_usd) + _price(bar.low_usd) + _price(bar.close_usd)
    return total / 4


def _beyond_frac(bar: SessionBar, price: float, order_side: int) -> float:
    """The part of the bar's range that lies beyond a price, on the side from which an order at it is filled."""
    low, high = bar.low_usd or 0.0, bar.high_usd or 0.0
    room = price - low if order_side > 0 else high - price
    if room < 0.0:
        return 0.0
    return 1.0 if high <= low else min(room / (high - low), 1.0)


def _out_of_reach(order: LimitOrder, bar: SessionBar) -> str:
    word, turning = ("low", bar.low_usd) if order.shares > 0 else ("high", bar.high_usd)
    return f"limit {order.limit_price_usd} was not reached with spread, impact and queue: {word} {turning}"


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


def _filled(order: LimitOrder, parts: tuple[_Part, ...], auctioned: int, terms: FillTerms) -> SimulatedFill:
    order_side = side(order.shares)
    size = sum(part.size for part in parts)
    price_usd = _average_usd(parts, size, order_side)
    notional_usd, shares = size * price_usd, order_side * size
    base_usd = sum((part.size * part.base_usd for part in parts), _NOTHING)
    expired = order.shares - shares
    return SimulatedFill(
        filled_shares=shares,
        expired_shares=expired,
        price_usd=price_usd,
        commission_usd=terms.fees.commission_usd(shares, notional_usd),
        sell_fee_usd=terms.fees.sell_fee_usd(shares, notional_usd),
        trading_cost_usd=_micro((notional_usd - base_usd) * order_side),
        impact_cost_usd=_micro(_share_usd(parts, [part.impact_frac for part in parts])),
        latency_cost_usd=_micro(_share_usd(parts, [part.latency_frac for part in parts])),
        auction_shares=order_side * auctioned,
        reason="filled" if expired == 0 else f"filled in part: {abs(expired)} shares were beyond the cap or the queue",
    )


def _average_usd(parts: tuple[_Part, ...], size: int, order_side: int) -> Decimal:
    """The price of one part, or the average of several, rounded against the order."""
    if len(parts) == 1:
        return parts[0].price_usd
    total = sum((part.size * part.price_usd for part in parts), _NOTHING)
    return (total / size).quantize(_FINE, ROUND_CEILING if order_side > 0 else ROUND_FLOOR)


def _share_usd(parts: tuple[_Part, ...], fractions: list[float]) -> Decimal:
    return sum(
        (part.size * part.base_usd * exact(round(frac, 12)) for part, frac in zip(parts, fractions, strict=True)),
        _NOTHING,
    )


def _micro(amount_usd: Decimal) -> Decimal:
    return amount_usd.quantize(Decimal("0.000001"))
