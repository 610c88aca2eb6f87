"""Made-up market events around the price bands of a share: random walks that keep touching every edge of the plan.

The generator asks the product where the bands are, so that quotes stand on them, a cent beside them, and leave them a
nanosecond before, at and after the 15th second. What is right is told by `second_luld`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np

from nodes.kernels.market_rules.halts import (
    Halted,
    MarketStatus,
    Opening,
    PauseDeclared,
    Quote,
    Released,
    ShareEvent,
    Trade,
    luld_after,
    market_status_after,
)
from nodes.kernels.market_rules.luld import luld_at
from nodes.kernels.market_rules.luld_state import LuldFrame, LuldState, Phase, first_luld_state
from nodes.kernels.market_rules.price_bands import BandedShare
from nodes.kernels.market_rules.sessions import SessionTimes
from policies.rulebook import shipped_rulebook
from tests.nodes.kernels.market_rules.second_luld import SecondLuld

S = 10**9
OPENS_NS = 1_583_764_200 * S  # 2020-03-09 13:30 UTC, 9:30 in New York
FULL_NS, HALF_NS = 23_400 * S, 12_600 * S
ERAS = {
    "2013": date(2015, 3, 2),
    "2016": date(2017, 3, 1),
    "2017": date(2019, 3, 1),
    "2020": date(2020, 3, 9),
}
EDGES_NS = np.array([-1, 0, 1], dtype=np.int64)


@dataclass(frozen=True)
class Setting:
    """A share on a day.

    Attributes:
        tier: 1 or 2.
        close_e4: last close.
        leverage_e2: leverage in hundredths.
        era: which amendments.
        is_half_day: whether the session closes early.
    """

    tier: int
    close_e4: int
    leverage_e2: int
    era: str
    is_half_day: bool

    @property
    def session(self) -> SessionTimes:
        length_ns = HALF_NS if self.is_half_day else FULL_NS
        return SessionTimes(ERAS[self.era], OPENS_NS, OPENS_NS + length_ns)

    @property
    def frame(self) -> LuldFrame:
        terms = shipped_rulebook().on(ERAS[self.era]).luld
        assert terms is not None
        return LuldFrame(BandedShare(self.tier, self.close_e4, self.leverage_e2), self.session, terms)

    @property
    def second(self) -> SecondLuld:
        hours = (self.session.opens_ns, self.session.closes_ns)
        return SecondLuld(self.tier, Fraction(self.close_e4, 10_000), Fraction(self.leverage_e2, 100), hours, self.era)


def drawn_setting(rng: np.random.Generator) -> Setting:
    closes = [500_000, 1_234_500, 30_100, 30_000, 29_900, 12_300, 7_500, 7_400, 5_000, 2_000, 1_000]
    leverage = int(rng.choice([100, 100, 100, 125, 200, 300]))
    era = str(rng.choice(list(ERAS)))
    return Setting(int(rng.integers(1, 3)), int(rng.choice(closes)), leverage, era, bool(rng.random() < 0.3))


class Walk:
    """One replay, made event by event.

    Args:
        setting: the share and day.
        rng: where chance comes from.
        first_s: from which second of the session on; events before it are the opening only.
    """

    def __init__(self, setting: Setting, rng: np.random.Generator, first_s: int) -> None:
        self.setting, self.rng, self.frame = setting, rng, setting.frame
        self.now_ns = OPENS_NS - 60 * S
        self.state: LuldState = first_luld_state(self.frame, self.now_ns)
        self.events: list[ShareEvent] = []
        self.price_e4 = setting.close_e4
        self.first_ns = OPENS_NS + first_s * S

    def made(self, n_events: int) -> list[ShareEvent]:
        """That many events, with an opening among them."""
        self._open()
        self.now_ns = max(self.now_ns, self.first_ns)
        last_ns = self.frame.session.closes_ns + 400 * S
        while len(self.events) < n_events and self.now_ns < last_ns:
            self._step()
        return self.events

    def _emit(self, event: ShareEvent) -> None:
        self.state = luld_after(self.state, self.frame, event)
        self.events.append(event)
        self.now_ns = event.at_ns

    def _open(self) -> None:
        rng = self.rng
        self._emit(Quote(self.now_ns, self.price_e4 - 100, self.price_e4 + 100))
        if rng.random() < 0.1:
            self._emit(Halted(self.now_ns + S, "T1"))
        at_ns = OPENS_NS + int(rng.choice([0, 1, 10 * S, 299 * S, 300 * S, 301 * S]))
        if rng.random() < 0.3:
            self._emit(Trade(OPENS_NS + int(rng.choice([0, 1])), self.price_e4 + 100))
        price_e4 = None if rng.random() < 0.2 else self.price_e4
        self._emit(Opening(max(at_ns, self.now_ns), price_e4))

    def _step(self) -> None:
        phase = luld_at(self.state, self.frame, self.now_ns).phase
        at_ns = self.now_ns + self._wait_ns(phase)
        ahead = luld_at(self.state, self.frame, at_ns)
        if ahead.phase is Phase.PAUSED:
            self._paused(ahead, at_ns)
        elif ahead.phase is Phase.HALTED:
            self._emit(Released(at_ns) if self.rng.random() < 0.3 else Opening(at_ns, self._drift()))
        else:
            self._trading(ahead, at_ns)

    def _wait_ns(self, phase: Phase) -> int:
        rng = self.rng
        if phase is Phase.LIMIT:
            return int(self.state.since_ns + 15 * S + rng.choice(EDGES_NS) - self.now_ns) if rng.random() < 0.6 else S
        edges = [30 * S, 300 * S, 15 * S]
        if rng.random() < 0.3:
            return int(rng.choice(edges) + rng.choice(EDGES_NS))
        return int(rng.choice([0, 1, S // 2, 3 * S, 20 * S, 90 * S]))

    def _paused(self, ahead: LuldState, at_ns: int) -> None:
        first_ns = ahead.since_ns + 300 * S
        last_ns = self.frame.session.closes_ns - 600 * S
        at_ns = max(at_ns, first_ns)
        if at_ns >= last_ns:
            at_ns = max(at_ns, self.frame.session.closes_ns + int(self.rng.choice([0, S, 299 * S, 300 * S])))
        if self.rng.random() < 0.1:
            self._emit(Halted(max(self.now_ns, ahead.now_ns), "T1"))
        elif self.rng.random() < 0.1:
            self._emit(Quote(max(self.now_ns, ahead.now_ns), None, self.price_e4 + 100))
        else:
            self._emit(Opening(at_ns, None if self.rng.random() < 0.2 else self._drift()))

    def _trading(self, ahead: LuldState, at_ns: int) -> None:
        rng = self.rng
        if ahead.is_straddled and rng.random() < 0.2:
            self._emit(PauseDeclared(at_ns))
        elif rng.random() < 0.02:
            self._emit(Halted(at_ns, "T1"))
        elif rng.random() < 0.45:
            self._emit(Trade(at_ns, self._drift()))
        else:
            self._emit(self._quote(ahead, at_ns))

    def _quote(self, ahead: LuldState, at_ns: int) -> Quote:
        rng, tick = self.rng, 100
        if ahead.bands is None or rng.random() < 0.3:
            return Quote(at_ns, max(self.price_e4 - tick, 1), self.price_e4 + tick)
        lower_e4, upper_e4 = ahead.bands
        beside = int(rng.choice([-tick, 0, 0, 0, tick]))
        other = int(rng.choice([-tick, 0, tick, 5 * tick]))
        if rng.random() < 0.5:
            ask_e4 = max(lower_e4 + beside, 1)
            return Quote(at_ns, None if rng.random() < 0.1 else max(ask_e4 - other, 1), ask_e4)
        bid_e4 = max(upper_e4 + beside, 1)
        return Quote(at_ns, bid_e4, None if rng.random() < 0.1 else max(bid_e4 + other, 1))

    def _drift(self) -> int:
        """A new price: within a cent or up to two per cent away, often by exactly one per cent of the reference."""
        rng = self.rng
        reference = self.state.reference
        if reference is not None and rng.random() < 0.2:
            moved = reference.sum_e4 * (100 + int(rng.choice([-1, 1]))) // (100 * reference.n_prices)
            self.price_e4 = max(moved + int(rng.choice([-1, 0, 1])), 1)
        else:
            self.price_e4 = max(int(self.price_e4 * (1 + rng.normal(0, 0.01))), 200)
        return self.price_e4


def status_of(events: list[ShareEvent], frame: LuldFrame) -> MarketStatus:
    """The status after all events."""
    status = MarketStatus(first_luld_state(frame, events[0].at_ns), None)
    for event in events:
        status = market_status_after(status, frame, event, None)
    return status
