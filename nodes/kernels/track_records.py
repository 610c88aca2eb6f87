"""What a record of levels and trades says afterwards: growth, risk, falls, round trips and what they were worth.

Sums run in a fixed order. Each figure names its definition; where two are common, the other one is named too.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.risk import sharpe_ratio
from nodes.vocabulary.errors import DataError

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Fall:
    """A fall from a peak, to the session that went beyond the peak.

    Attributes:
        peak_at: place of the peak, the first time that it was reached.
        trough_at: place of the lowest level after it.
        ended_at: place of the first level above the peak; None where there is none yet.
        depth_frac: of the peak.
        depth: in the unit of the levels.
    """

    peak_at: int
    trough_at: int
    ended_at: int | None
    depth_frac: float
    depth: float


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """Shares that were opened and closed again.

    Attributes:
        opened_by: place of the fill that opened them; of the first one of a trip from flat to flat.
        closed_by: place of the fill that closed them.
        shares: how many; negative when they were short.
        entry_usd: price at which they were opened, an average over opening fills.
        exit_usd: price at which they were closed.
        pnl_usd: gain before fees.
        fees_usd: fees of the fills, each counted once.
    """

    opened_by: int
    closed_by: int
    shares: int
    entry_usd: Decimal
    exit_usd: Decimal
    pnl_usd: Decimal
    fees_usd: Decimal


@dataclass(frozen=True, slots=True)
class TripStatistics:
    """Round trips together.

    Attributes:
        n_trips: how many.
        mean_usd: mean gain.
        deviation_usd: sample standard deviation of gains.
        ratio: of the two; NaN when they do not vary.
        win_frac: part of them that gained.
        profit_factor: gains by losses; infinite without a loss, NaN without either.
        mean_adverse_usd: mean of the furthest that each was against us.
        mean_favourable_usd: mean of the furthest that each was for us.
    """

    n_trips: int
    mean_usd: float
    deviation_usd: float
    ratio: float
    win_frac: float
    profit_factor: float
    mean_adverse_usd: float
    mean_favourable_usd: float


def returns_of(levels: Array) -> Array:
    """The return from each level to the next."""
    found: Array = levels[1:] / levels[:-1] - 1.0
    return found


def drawdown_path(levels: Array) -> Array:
    """How far each level is below the highest one up to it, as a negative fraction of that; 0 at a peak.

    Source: Magdon-Ismail and Atiya (2004), Maximum Drawdown, Risk 17(10).
    """
    path: Array = levels / np.maximum.accumulate(levels) - 1.0
    return path


def falls(levels: Array) -> tuple[Fall, ...]:
    """Every fall from one high-water mark to the next, in order; the last one may be open.

    A level that reaches the mark and does not pass it is no new mark: both falls around it are one.
    Source: Lopez de Prado (2018), Advances in Financial Machine Learning, snippet 14.4.
    """
    found: list[Fall] = []
    peak_at, low_at = 0, 0
    for place in range(1, len(levels) + 1):
        is_over = place == len(levels) or levels[place] > levels[peak_at]
        if is_over and low_at > peak_at:
            ended_at = place if place < len(levels) else None
            depth = float(levels[peak_at] - levels[low_at])
            found.append(Fall(peak_at, low_at, ended_at, depth / float(levels[peak_at]), depth))
        if place == len(levels):
            break
        if is_over:
            peak_at = low_at = place
        elif levels[place] < levels[low_at]:
            low_at = place
    return tuple(found)


def yearly_return(levels: Array, per_year: float) -> float:
    """Compound growth a year; -1 when all is lost.

    Formula: (last / first) ^ (per_year / (n - 1)) - 1
    """
    if len(levels) < 2:  # noqa: PLR2004  # growth needs two levels
        message = f"growth of {len(levels)} levels is undefined; give at least 2"
        raise DataError(message)
    growth = float(levels[-1] / levels[0])
    return growth ** (per_year / (len(levels) - 1)) - 1.0 if growth > 0.0 else -1.0


def deviation(values: Array) -> float:
    """Sample standard deviation, added in order; NaN of fewer than two."""
    if len(values) < 2:  # noqa: PLR2004  # a deviation needs two values
        return math.nan
    mean = math.fsum(values.tolist()) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values.tolist()) / (len(values) - 1))


def yearly_sharpe(returns: Array, per_year: float, rho: float = 0.0) -> float:
    """Sharpe ratio a year, for returns whose autocorrelation decays as rho^k.

    Source: Lo (2002), The Statistics of Sharpe Ratios, Financial Analysts Journal 58(4), equation 20.
    """
    scale = math.sqrt(per_year) * autocorrelation_scale(rho, round(per_year))
    return sharpe_ratio(returns, 0.0) * scale


def autocorrelation_scale(rho: float, q: int) -> float:
    """What first-order autocorrelation does to the scaling of a Sharpe ratio over q periods, beside sqrt(q).

    Formula: 1 / sqrt(1 + 2 sum_{k=1}^{q-1} (1 - k / q) rho^k)
    Source: Lo (2002), Financial Analysts Journal 58(4), equations 18 to 20.
    """
    total = math.fsum((1.0 - k / q) * rho**k for k in range(1, q))
    return 1.0 / math.sqrt(1.0 + 2.0 * total)


def autocorrelation(values: Array) -> float:
    """First-order sample autocorrelation; 0 of values that do not vary."""
    centred = values - math.fsum(values.tolist()) / len(values)
    total = math.fsum((centred * centred).tolist())
    return math.fsum((centred[1:] * centred[:-1]).tolist()) / total if total > 0.0 else 0.0


def sortino_ratio(returns: Array, per_year: float) -> float:
    """Mean by the root mean square of losses, a year; NaN without a loss.

    Source: Sortino and van der Meer (1991), Downside Risk, J. Portfolio Management 17(4).
    """
    mean = math.fsum(returns.tolist()) / len(returns)
    downside = math.sqrt(math.fsum(min(value, 0.0) ** 2 for value in returns.tolist()) / len(returns))
    return mean / downside * math.sqrt(per_year) if downside > 0.0 else math.nan


def first_in_first_out(fills: Sequence[tuple[int, Decimal]], fees: Sequence[Decimal]) -> tuple[RoundTrip, ...]:
    """Round trips of one symbol, oldest shares closed first.

    A fee belongs to the fill: an opening fee goes with the first part of it that is closed, a closing one with the
    first trip that the fill closes.

    Args:
        fills: shares, negative when sold, and price of each, in order.
        fees: of each fill.

    Source: QuantConnect/Lean, Common/Statistics/TradeBuilder.cs, fill grouping FillToFill with FIFO matching.
    """
    open_lots: deque[tuple[int, int, Decimal]] = deque()
    due = list(fees)
    trips: list[RoundTrip] = []
    for place, (shares, price) in enumerate(fills):
        left = shares
        while left and open_lots and open_lots[0][1] * left < 0:
            opened_by, held, entry = open_lots.popleft()
            closed = min(abs(held), abs(left)) * (1 if held > 0 else -1)
            charged, due[opened_by] = due[opened_by], _ZERO
            charged, due[place] = charged + due[place], _ZERO
            trips.append(RoundTrip(opened_by, place, closed, entry, price, (price - entry) * closed, charged))
            left += closed
            if held != closed:
                open_lots.appendleft((opened_by, held - closed, entry))
        if left:
            open_lots.append((place, left, price))
    return tuple(trips)


def flat_to_flat(fills: Sequence[tuple[int, Decimal]], fees: Sequence[Decimal]) -> tuple[RoundTrip, ...]:
    """Round trips of one symbol from no position to none: average entry of all that opened, average exit of the rest.

    A fill that turns the position around ends one trip and begins the next; its fee goes with the one that it ends.
    Source: QuantConnect/Lean, Common/Statistics/TradeBuilder.cs, fill grouping FlatToFlat.
    """
    trips: list[RoundTrip] = []
    run: list[_Leg] = []
    held = 0
    for place, ((shares, price), fee) in enumerate(zip(fills, fees, strict=True)):
        turned = held + shares if held * (held + shares) < 0 else 0
        run.append(_Leg(place, shares - turned, price, fee))
        held += shares
        if held == turned:
            trips.append(_flat_trip(run))
            run = [_Leg(place, turned, price, _ZERO)] if turned else []
    return tuple(trips)


class _Leg(NamedTuple):
    """A fill, or a part of one, of a trip from flat to flat."""

    place: int
    shares: int
    price_usd: Decimal
    fee_usd: Decimal


def _flat_trip(run: Sequence[_Leg]) -> RoundTrip:
    side = 1 if run[0].shares > 0 else -1
    opened = sum(abs(leg.shares) for leg in run if leg.shares * side > 0)
    cost = sum((abs(leg.shares) * leg.price_usd for leg in run if leg.shares * side > 0), _ZERO)
    gone = sum((abs(leg.shares) * leg.price_usd for leg in run if leg.shares * side < 0), _ZERO)
    charged = sum((leg.fee_usd for leg in run), _ZERO)
    start, end = run[0].place, run[-1].place
    return RoundTrip(start, end, opened * side, cost / opened, gone / opened, (gone - cost) * side, charged)


def trip_statistics(gains: Array, adverse: Array, favourable: Array) -> TripStatistics:
    """Round trips together, from the gain of each and how far each was for and against us on the way.

    Source: QuantConnect/Lean, Common/Statistics/TradeStatistics.cs; the Sharpe ratio of trades with n - 1.
    """
    n = len(gains)
    if n == 0:
        nothing = math.nan
        return TripStatistics(0, nothing, nothing, nothing, nothing, nothing, nothing, nothing)
    values = gains.tolist()
    mean, spread = math.fsum(values) / n, deviation(gains)
    won = math.fsum(value for value in values if value > 0.0)
    lost = -math.fsum(value for value in values if value < 0.0)
    factor = won / lost if lost > 0.0 else (math.inf if won > 0.0 else math.nan)
    return TripStatistics(
        n_trips=n,
        mean_usd=mean,
        deviation_usd=spread,
        ratio=mean / spread if spread > 0.0 else math.nan,
        win_frac=sum(value > 0.0 for value in values) / n,
        profit_factor=factor,
        mean_adverse_usd=math.fsum(adverse.tolist()) / n,
        mean_favourable_usd=math.fsum(favourable.tolist()) / n,
    )
