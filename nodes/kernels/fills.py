"""The words of simulated fills: an order with its route, the market that it meets for a session, what became of it.

What happens in between is in `nodes.kernels.session_fills`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from nodes.kernels.fees import FeeSchedule
from nodes.kernels.routing.venues import VenueTerms
from nodes.kernels.simulator.routed import AUCTION, ChildOrder
from nodes.vocabulary.instructions import PLAIN, Instructions

_NOTHING = Decimal(0)
_FINE = Decimal("0.0001")


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
    """An order for one session, with its route.

    Attributes:
        symbol: of which share.
        shares: how many; negative to sell.
        limit_price_usd: the worst price it accepts.
        estimated_spread_bps: spread estimated when it was decided.
        volatility_frac: daily volatility when it was decided.
        children: its parts; together as many shares.
        rest: the part that works through the session what an auction leaves, of no shares yet.
        instructions: what its client asks of how it is worked; its prices are in the shares of the session.
    """

    symbol: str
    shares: int
    limit_price_usd: Decimal
    estimated_spread_bps: float
    volatility_frac: float
    children: tuple[ChildOrder, ...]
    rest: ChildOrder
    instructions: Instructions = PLAIN


@dataclass(frozen=True)
class FillTerms:
    """How the simulated market treats an order.

    Attributes:
        max_fill_participation_frac: largest part of the bar's volume that the order takes.
        impact_coefficient: of the square-root impact; 0 for a market that nobody moves.
        fees: what the broker and the regulator charge.
        venue_fee_frac: part of what venues charge and pay that the broker passes on; 0 where its commission holds it.
        auction_fee_usd: what the opening auction charges, a share.
        unlisted_fee_usd: what a venue without a sheet of fees charges, a share.
        auction_volume_frac: part of the day's volume that trades in the opening auction, and in the closing one.
        max_auction_participation_frac: largest part of the auction's volume that the order takes.
        auction_spread_frac: part of half the spread that is paid in the auction; 1 as in the session.
        queue_ahead_frac: part of the day's volume that waits at a best price before whoever comes later.
        latency_p5_ms: from decision to market, the time that one order in twenty stays under.
        latency_p95_ms: the time that one order in twenty goes beyond; between the two it is log-normal.
        spread_frac: the market's spread as a multiple of the estimated one.
        halt_rate_frac: how often a symbol's session is halted, by chance.
    """

    max_fill_participation_frac: float
    impact_coefficient: float
    fees: FeeSchedule
    venue_fee_frac: float
    auction_fee_usd: Decimal
    unlisted_fee_usd: Decimal
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
        open_ns: first instant of the session, ns UTC.
        close_ns: first instant after it.
        sheets: what venues charge, how far away they are and what part of the volume they have.
        is_halted: whether the symbol is known to have been halted.
        used_shares: what other orders of ours have traded in the symbol this session, which the cap on volume counts.
        used_auction_shares: of these, what they traded in the auction that this order goes to.
    """

    bar: SessionBar | None
    terms: FillTerms
    chance: FillChance
    open_ns: int
    close_ns: int
    sheets: tuple[VenueTerms, ...] = ()
    is_halted: bool = False
    used_shares: int = 0
    used_auction_shares: int = 0


@dataclass(frozen=True)
class Execution:
    """One trade of a part of an order.

    Attributes:
        exec_id: ExecID (17).
        cl_ord_id: ClOrdID (11) of the part.
        venue: LastMkt (30).
        shares: LastQty (32), with the order's sign.
        price_usd: LastPx (31).
        at_ns: TransactTime (60) in the simulated session, ns UTC.
        liquidity: added, removed or auction.
        commission_usd: what it adds to the order's commission.
        sell_fee_usd: what it adds to the order's fee on sales.
        venue_fee_usd: what it adds to what venues charge for the order; negative where they pay.
        trading_cost_usd: what spread, impact and latency cost against the market's own price.
        impact_cost_usd: of that, what impact cost.
        latency_cost_usd: of that, what the way to the market cost; negative where the price came nearer.
    """

    exec_id: str
    cl_ord_id: str
    venue: str
    shares: int
    price_usd: Decimal
    at_ns: int
    liquidity: str
    commission_usd: Decimal
    sell_fee_usd: Decimal
    venue_fee_usd: Decimal
    trading_cost_usd: Decimal
    impact_cost_usd: Decimal
    latency_cost_usd: Decimal

    @property
    def fee_usd(self) -> Decimal:
        """All that it is charged."""
        return self.commission_usd + self.sell_fee_usd + self.venue_fee_usd


@dataclass(frozen=True)
class SimulatedFill:
    """What became of an order in its session.

    Attributes:
        executions: its trades in the order in which they happened.
        expired_shares: shares that did not trade and ended with the session, with the order's sign.
        reason: why it came out so, in words.
        carried_shares: shares that did not trade and go on working, with the order's sign.
    """

    executions: tuple[Execution, ...]
    expired_shares: int
    reason: str
    carried_shares: int = 0

    @property
    def filled_shares(self) -> int:
        """Shares traded, with the order's sign."""
        return sum(each.shares for each in self.executions)

    @property
    def price_usd(self) -> Decimal | None:
        """Average price, to a hundredth of a cent against the order; None when nothing traded."""
        shares = self.filled_shares
        paid_usd = sum((each.shares * each.price_usd for each in self.executions), _NOTHING)
        rounding = ROUND_CEILING if shares > 0 else ROUND_FLOOR
        return (paid_usd / shares).quantize(_FINE, rounding) if shares else None

    @property
    def auction_shares(self) -> int:
        """Of the shares traded, those of an auction."""
        return sum(each.shares for each in self.executions if each.liquidity == AUCTION)

    def total_usd(self, name: str) -> Decimal:
        """The sum of an amount over the executions."""
        return sum((getattr(each, name) for each in self.executions), _NOTHING)


def unfilled(order_shares: int, reason: str) -> SimulatedFill:
    """An order of which nothing traded."""
    return SimulatedFill((), order_shares, reason)


def apportioned(parts: Sequence[ChildOrder], shares: int) -> tuple[ChildOrder, ...]:
    """Parts that together have so many shares, each as large among them as it was; whole shares, earlier parts first.

    A split changes how many shares an order has, and not how it is routed.
    """
    total, done, found = sum(part.shares for part in parts), 0, []
    for before, part in zip(_running(parts), parts, strict=True):
        until = (before + part.shares) * shares // total
        if until > done:
            found.append(part._replace(shares=until - done))
        done = until
    return tuple(found)


def _running(parts: Sequence[ChildOrder]) -> list[int]:
    sums = [0]
    for part in parts:
        sums.append(sums[-1] + part.shares)
    return sums[:-1]
