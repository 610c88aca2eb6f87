"""What our own trading does to the prices that a recording shows: a permanent part, and a temporary one that fades.

A recording cannot answer our orders, so the simulator moves its prices: every price of a symbol stands higher by
`Impact.shift_e4` after we bought, lower after we sold. The permanent part is Almgren's, linear in what was traded. The
temporary part is a power of the recent rate of our trading against the market's own, scaled by volatility and by how
wide the spread stands against its usual width; "recent" fades with a half-life.

    permanent = gamma * volatility * (X / V) * (shares outstanding / V)^delta
    temporary = eta * volatility * (x / v)^beta * (spread / usual spread)^kappa

X is all we traded, x what we traded recently (older trades count by 2^(-age / half-life)), V the volume of a day, v the
volume that the market trades in the mean life of what is recent, half-life / ln 2. Both count what we traded of the
symbol at any venue: a split order does not hide from itself.

What a trade adds by itself is paid by those after it. Where the recording has depth, the trade pays by walking through
it; where it has only best prices, or an auction's one price, it can be made to pay its own part (`own_frac`).

Source: Almgren, Thum, Hauptmann, Li (2005), Direct Estimation of Equity Market Impact, for both powers; Bouchaud,
Gefen, Potters, Wyart (2004), Fluctuations and response in financial markets, for a temporary part that fades.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

NS_PER_DAY = 23_400 * 1_000_000_000
"""A session of six and a half hours."""
_DIGITS = 9
"""A price on tick must not go a tick further for the noise of floats."""


@dataclass(frozen=True)
class ImpactTerms:
    """The state and the coefficients of one symbol.

    Attributes:
        volatility_frac: daily volatility.
        day_shares: volume of a day.
        turnover: shares outstanding over volume of a day.
        usual_spread_bps: spread at which the temporary part counts in full.
        half_life_ns: in which the temporary part of a trade counts half.
        gamma: permanent coefficient.
        delta: exponent of the turnover.
        eta: temporary coefficient.
        beta: exponent of the rate.
        kappa: exponent of the spread.
        own_frac: part of what a trade adds that it pays itself; 0 where the depth of the recording makes it pay.
    """

    volatility_frac: float
    day_shares: int
    turnover: float
    usual_spread_bps: float
    half_life_ns: int
    gamma: float
    delta: float
    eta: float
    beta: float
    kappa: float
    own_frac: float = 0.0

    def permanent_frac(self, shares: float) -> float:
        """Permanent impact of net shares bought; negative for sold."""
        part = shares / self.day_shares
        return float(self.gamma * self.volatility_frac * part * self.turnover**self.delta)

    def temporary_frac(self, recent_shares: float, spread_bps: float) -> float:
        """Temporary impact of shares bought recently; negative for sold."""
        mean_life_days = self.half_life_ns / math.log(2.0) / NS_PER_DAY
        rate = abs(recent_shares) / (self.day_shares * mean_life_days)
        width = (spread_bps / self.usual_spread_bps) ** self.kappa if spread_bps > 0.0 else 1.0
        return math.copysign(self.eta * self.volatility_frac * rate**self.beta * width, recent_shares)


class Footprint:
    """What we have traded of one symbol, at whichever venue.

    Attributes:
        total: shares bought less shares sold.
        recent: of them those that still count, fading.
        as_of_ns: up to when they have faded.
    """

    __slots__ = ("as_of_ns", "recent", "total")

    def __init__(self) -> None:
        self.total = 0
        self.recent = 0.0
        self.as_of_ns = 0


class Impact:
    """How far one symbol's prices at one venue stand from the recording.

    Args:
        terms: the symbol's.
        tick_e4: the venue's tick.
        footprint: what we traded of the symbol, shared by its venues; none yet by default.

    Attributes:
        shift_e4: by how much, on tick, in 1/10,000 USD.
    """

    __slots__ = ("_footprint", "_terms", "_tick_e4", "shift_e4")

    def __init__(self, terms: ImpactTerms, tick_e4: int, footprint: Footprint | None = None) -> None:
        self._terms = terms
        self._tick_e4 = tick_e4
        self._footprint = Footprint() if footprint is None else footprint
        self.shift_e4 = 0

    @property
    def is_fading(self) -> bool:
        """Whether a temporary part of at least a share is left."""
        return abs(self._footprint.recent) >= 1.0

    @property
    def step_ns(self) -> int:
        """How often the fading part is looked at: sixteen times in a half-life."""
        return max(1, self._terms.half_life_ns // 16)

    def traded(self, shares: int, at_ns: int) -> None:
        """Take our own trade into account: shares bought, negative when sold."""
        self._faded(at_ns)
        self._footprint.total += shares
        self._footprint.recent += shares

    def own_e4(self, shares: int, at_ns: int, price_e4: int) -> int:
        """What a trade of shares, negative when sold, adds to its own price: on tick, against it, at a usual spread."""
        if not self._terms.own_frac:
            return 0
        self._faded(at_ns)
        terms, total, recent = self._terms, self._footprint.total, self._footprint.recent
        after = terms.permanent_frac(total + shares) + terms.temporary_frac(recent + shares, 0.0)
        before = terms.permanent_frac(total) + terms.temporary_frac(recent, 0.0)
        added = round(abs(after - before) * terms.own_frac * price_e4 / self._tick_e4, _DIGITS)
        return (1 if shares > 0 else -1) * math.ceil(added) * self._tick_e4

    def moved(self, at_ns: int, bid_e4: int, ask_e4: int) -> bool:
        """Whether the shift changes at an instant at which the recording's best prices are these."""
        self._faded(at_ns)
        if not (bid_e4 and ask_e4):
            return False
        middle_e4 = (bid_e4 + ask_e4) / 2.0
        spread_bps = (ask_e4 - bid_e4) / middle_e4 * 1e4
        traded = self._footprint
        frac = self._terms.permanent_frac(traded.total) + self._terms.temporary_frac(traded.recent, spread_bps)
        least_e4 = self._tick_e4 - bid_e4  # nothing sells for less than a tick, however much of it is sold
        shift_e4 = max(round(middle_e4 * frac / self._tick_e4) * self._tick_e4, least_e4)
        is_moved = shift_e4 != self.shift_e4
        self.shift_e4 = shift_e4
        return is_moved

    def _faded(self, at_ns: int) -> None:
        traded = self._footprint
        if traded.recent:
            traded.recent *= 2.0 ** -((at_ns - traded.as_of_ns) / self._terms.half_life_ns)
        traded.as_of_ns = at_ns
