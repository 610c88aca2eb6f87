"""A second limit up-limit down, written from the plan's text in another way, to hold the product's against.

It keeps every event, looks at every instant at which anything could happen, and works everything out anew there: means
by adding up all trades of the last five minutes as fractions of a dollar, bands in Decimal. Slow, and nothing is shared
with `nodes.kernels.market_rules` but the names of events and the numbers of the plan.
"""

from __future__ import annotations

import heapq
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

from nodes.kernels.market_rules.halts import Halted, Opening, PauseDeclared, Quote, Released, Trade

S = 10**9


def cents(amount: Fraction) -> int:
    """A price to the nearest cent, in ten-thousandths."""
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(amount.numerator) / Decimal(amount.denominator)
        return int(exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP) * 10_000)


class SecondLuld:
    """One share and session.

    Args:
        tier: 1 or 2.
        close_usd: last close.
        leverage: of a leveraged product, else 1.
        opens, closes: regular hours, in ns.
        era: "2013", "2016", "2017" or "2020": which amendments are in force.
    """

    def __init__(self, tier: int, close_usd: Fraction, leverage: Fraction, hours: tuple[int, int], era: str) -> None:
        self.tier, self.close, self.leverage, self.era = tier, close_usd, leverage, era
        self.opens, self.closes = hours
        self.mode, self.mode_at = "pre", 0
        self.ref: Fraction | None = None
        self.ref_at = 0
        self.await_until = self.opens + 300 * S
        self.counted: list[tuple[int, Fraction]] = []
        self.bid: Fraction | None = None
        self.ask: Fraction | None = None
        self.frozen: tuple[int, int] | None = None
        self.limit_price: tuple[str, int] | None = None
        self.stops: list[list[Any]] = []
        self.clock = [self.opens, self.opens + 300 * S, self.opens + 900 * S, self.closes - 1500 * S]
        self.clock += [self.closes, self.closes + 300 * S]
        heapq.heapify(self.clock)

    def bands(self, at: int) -> tuple[int, int] | None:
        """The bands in force, in ten-thousandths."""
        if self.mode in {"limit", "pause", "halt"}:
            return self.frozen
        if self.mode == "done" or self.ref is None:
            return None
        share = self.share()
        twice = self._twice(at)
        if self.close < Fraction(3, 4):
            width = min(self.ref * share, Fraction(15, 100)) * twice * self.leverage
        else:
            width = self.ref * share * twice * self.leverage
        return max(0, cents(self.ref - width)), cents(self.ref + width)

    def share(self) -> Fraction:
        if self.close > 3:
            return Fraction(5, 100) if self.tier == 1 else Fraction(10, 100)
        return Fraction(75, 100) if self.close < Fraction(3, 4) else Fraction(20, 100)

    def _twice(self, at: int) -> int:
        if self.era < "2020" and at < self.opens + 900 * S:
            return 2
        if at >= self.closes - 1500 * S:
            return 2 if self.era < "2020" or self.tier == 1 or self.close <= 3 else 1
        return 1

    def mean(self, at: int) -> Fraction | None:
        prices = [price for when, price in self.counted if at - 300 * S < when]
        return sum(prices, Fraction(0)) / len(prices) if prices else None

    def until(self, at: int) -> None:
        """Everything that happens by itself up to an instant."""
        while self.clock and self.clock[0] <= at:
            now = heapq.heappop(self.clock)
            self.look(now)

    def look(self, now: int) -> None:
        """All that could follow from the time alone."""
        if self.mode == "pre" and now >= self.opens:
            self.to("open", now)
        if self.mode in {"open", "limit"} and now >= self.closes:
            self.to("done", now)
        if self.mode == "pause" and now >= self.closes + 300 * S:
            self.end(now)
            self.to("done", now)
        if self.mode == "limit" and now - self.mode_at >= 15 * S:
            self.begin("LUDP", "pause", now)
        if self.mode == "pause" and self.era < "2017":
            expires = self.mode_at + 600 * S
            if expires < self.closes - 600 * S and now >= expires:
                self.end(now)
                self.to("open", now)
        self.refresh(now)

    def refresh(self, now: int) -> None:
        if self.mode != "open":
            return
        mean = self.mean(now)
        if self.ref is None:
            if mean is not None and now >= self.await_until:
                self.set_ref(mean, now)
        elif mean is not None and now - self.ref_at >= 30 * S and abs(mean - self.ref) >= self.ref / 100:
            self.set_ref(mean, now)
        self.enter_limit(now)

    def enter_limit(self, now: int) -> None:
        bands = self.bands(now)
        if bands is None:
            return
        low, high = (Fraction(band, 10_000) for band in bands)
        if self.ask == low and (self.bid is None or self.bid <= low):
            self.limit_price = ("ask", bands[0])
        elif self.bid == high and (self.ask is None or self.ask >= high):
            self.limit_price = ("bid", bands[1])
        else:
            return
        self.frozen = bands
        self.to("limit", now)

    def feed(self, event: Any) -> None:
        """One event."""
        now = event.at_ns
        self.until(now)
        if isinstance(event, Quote):
            self.bid = None if event.bid_e4 is None else Fraction(event.bid_e4, 10_000)
            self.ask = None if event.ask_e4 is None else Fraction(event.ask_e4, 10_000)
            self.leave_limit(now)
        elif isinstance(event, Trade) and self.mode in {"open", "limit"}:
            self.counted.append((now, Fraction(event.price_e4, 10_000)))
            heapq.heappush(self.clock, now + 300 * S)
        elif isinstance(event, Opening):
            self.opening(now, event.price_e4)
        elif isinstance(event, Halted) and self.mode != "done":
            self.end(now)
            self.frozen = self.bands(now)
            self.begin(event.code, "halt", now)
        elif isinstance(event, PauseDeclared):
            self.frozen = self.bands(now)
            self.begin("LUDS", "pause", now)
        elif isinstance(event, Released) and self.mode == "halt":
            self.end(now)
            self.to("open", now)
            self.ref, self.counted, self.await_until = None, [], now + 300 * S
            heapq.heappush(self.clock, self.await_until)
        self.refresh(now)

    def leave_limit(self, now: int) -> None:
        if self.mode != "limit" or self.limit_price is None:
            return
        side, price = self.limit_price
        standing = self.ask if side == "ask" else self.bid
        if standing == Fraction(price, 10_000):
            return
        self.to("open", now)
        mean = self.mean(now)
        if mean is not None:
            self.set_ref(mean, now)

    def opening(self, now: int, price_e4: int | None) -> None:
        price = None if price_e4 is None else Fraction(price_e4, 10_000)
        if self.mode in {"pause", "halt"}:
            self.end(now)
            if now >= self.closes:
                self.to("done", now)
                return
            self.to("open", now)
            self.counted = []
            if price is None and self.ref is not None:
                both = self.bid is not None and self.ask is not None
                self.set_ref((self.bid + self.ask) / 2 if both else self.ref, now)  # type: ignore[operator]  # both are there
                return
        elif self.mode != "open":
            return
        elif self.ref is not None:
            if price is not None:
                self.counted.append((now, price))
                heapq.heappush(self.clock, now + 300 * S)
            return
        self.counted = [] if price is None else [(now, price)]
        heapq.heappush(self.clock, now + 300 * S)
        if price is None:
            both = self.bid is not None and self.ask is not None and self.era < "2016"
            price = (self.bid + self.ask) / 2 if both else self.close  # type: ignore[operator]  # both are there
        self.set_ref(price, now)

    def set_ref(self, price: Fraction, now: int) -> None:
        self.ref, self.ref_at = price, now
        heapq.heappush(self.clock, now + 30 * S)

    def to(self, mode: str, now: int) -> None:
        self.mode, self.mode_at = mode, now
        for after in (15, 600):
            heapq.heappush(self.clock, now + after * S)

    def begin(self, code: str, mode: str, now: int) -> None:
        self.stops.append([code, now, None])
        self.counted = []
        self.to(mode, now)

    def end(self, now: int) -> None:
        if self.stops and self.stops[-1][2] is None:
            self.stops[-1][2] = now
