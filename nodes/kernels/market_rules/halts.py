"""Halts of a share, found in its market events or published, and what an order may do while one is in force.

`detected_halts` runs the limit up-limit down machine and, where values of the index are among the events, the
market-wide breakers over a session. A published halt and a detected one are the same kind of fact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeAlias

from nodes.kernels.market_rules.breakers import BreakerState, BreakerTerms, MarketHalt, breaker_state_after_index
from nodes.kernels.market_rules.luld import (
    luld_after_declared_pause,
    luld_after_halt,
    luld_after_opening,
    luld_after_quote,
    luld_after_release,
    luld_after_trade,
    luld_at,
)
from nodes.kernels.market_rules.luld_state import LuldFrame, LuldState, first_luld_state
from nodes.vocabulary.trading import VenueOrder

DETECTED = "assay"
"""Source of a halt that was found in market events rather than published."""
_MARKET_CODES = {1: "MWC1", 2: "MWC2", 3: "MWC3"}


class Trade(NamedTuple):
    """A trade that counts for the last sale."""

    at_ns: int
    price_e4: int


class Quote(NamedTuple):
    """A national best bid and offer; None for a side that nobody quotes."""

    at_ns: int
    bid_e4: int | None
    ask_e4: int | None


class Opening(NamedTuple):
    """An auction of the listing exchange that opened, reopened or closed the share; None when on quotations only."""

    at_ns: int
    price_e4: int | None


class Halted(NamedTuple):
    """A regulatory halt, by its code."""

    at_ns: int
    code: str


class Released(NamedTuple):
    """The end of a regulatory halt without an auction yet."""

    at_ns: int


class PauseDeclared(NamedTuple):
    """A pause that the listing exchange declared in a straddle state."""

    at_ns: int


class IndexValue(NamedTuple):
    """A value of the index that the market-wide breakers watch."""

    at_ns: int
    index_e4: int


ShareEvent: TypeAlias = Trade | Quote | Opening | Halted | Released | PauseDeclared
MarketEvent: TypeAlias = ShareEvent | IndexValue


@dataclass(frozen=True, slots=True)
class Halt:
    """A halt or pause of one share.

    Attributes:
        symbol: the share.
        source: who says so.
        code: reason code: LUDP, LUDS, MWC1 to MWC3, T1 and so on.
        started_ns: since when.
        ended_ns: when it ended; None while nobody knows.
    """

    symbol: str
    source: str
    code: str
    started_ns: int
    ended_ns: int | None

    def is_in_force(self, at_ns: int) -> bool:
        """Whether it is in force at an instant: at its start it is, at its end not any more."""
        return self.started_ns <= at_ns and (self.ended_ns is None or at_ns < self.ended_ns)


class MarketStatus(NamedTuple):
    """A share and the market around it.

    Attributes:
        luld: the share.
        breakers: the market; None where no index is watched.
    """

    luld: LuldState
    breakers: BreakerState | None


def market_status_after(
    status: MarketStatus, frame: LuldFrame, event: MarketEvent, terms: BreakerTerms | None
) -> MarketStatus:
    """The status after an event. A market-wide halt halts the share, with its code."""
    if isinstance(event, IndexValue):
        return _after_index(status, frame, event.at_ns, event.index_e4, terms)
    return MarketStatus(luld_after(status.luld, frame, event), status.breakers)


def luld_after(state: LuldState, frame: LuldFrame, event: ShareEvent) -> LuldState:
    """The state of the share's machine after an event of the share."""
    match event:
        case Trade(at_ns, price_e4):
            after = luld_after_trade(state, frame, at_ns, price_e4)
        case Quote(at_ns, bid_e4, ask_e4):
            after = luld_after_quote(state, frame, at_ns, bid_e4, ask_e4)
        case Opening(at_ns, price_e4):
            after = luld_after_opening(state, frame, at_ns, price_e4)
        case Halted(at_ns, code):
            after = luld_after_halt(state, frame, at_ns, code)
        case Released(at_ns):
            after = luld_after_release(state, frame, at_ns)
        case PauseDeclared(at_ns):
            after = luld_after_declared_pause(state, frame, at_ns)
    return after


def detected_halts(
    symbol: str,
    events: Iterable[MarketEvent],
    frame: LuldFrame,
    until_ns: int,
    breakers: tuple[BreakerState, BreakerTerms] | None = None,
) -> tuple[Halt, ...]:
    """The halts and pauses that follow from a session's events, in the order of their beginnings.

    Args:
        symbol: the share.
        events: its market events in the order of their instants.
        frame: the share, the session and the plan's numbers.
        until_ns: instant up to which timers run after the last event.
        breakers: the market-wide breakers at the start of the session, and their numbers; None to watch no index.

    Raises:
        DataError: when an event is out of order, or could not happen.
    """
    state, terms = breakers or (None, None)
    held = list(events)
    start_ns = min(frame.session.opens_ns, held[0].at_ns if held else until_ns)
    status = MarketStatus(first_luld_state(frame, start_ns), state)
    for event in held:
        status = market_status_after(status, frame, event, terms)
    end = luld_at(status.luld, frame, max(until_ns, status.luld.now_ns))
    return tuple(Halt(symbol, DETECTED, stop.code, stop.started_ns, stop.ended_ns) for stop in end.stops)


class DuringHalt(Enum):
    """What happens to the open orders of a share that halts: they are held until it reopens, or cancelled at once."""

    HOLD = "hold"
    CANCEL = "cancel"


class AtReopening(Enum):
    """When held and new orders leave: into the reopening auction once a pause may end, or only after it has traded."""

    JOIN_AUCTION = "join-auction"
    AFTER_AUCTION = "after-auction"


@dataclass(frozen=True, slots=True)
class HaltPolicy:
    """What a desk does about halts.

    Attributes:
        during: what happens to open orders.
        at_reopening: when orders leave again.
    """

    during: DuringHalt
    at_reopening: AtReopening


class OrdersAtHalt(NamedTuple):
    """Open orders of a share that has halted: which stay, which are cancelled."""

    held: tuple[VenueOrder, ...]
    cancelled: tuple[VenueOrder, ...]


def halts_in_force(halts: Iterable[Halt], at_ns: int) -> tuple[Halt, ...]:
    """The halts in force at an instant, the earliest first, then by code and source."""
    found = [halt for halt in halts if halt.is_in_force(at_ns)]
    return tuple(sorted(found, key=lambda halt: (halt.started_ns, halt.code, halt.source)))


def orders_at_halt(orders: Sequence[VenueOrder], symbol: str, policy: HaltPolicy) -> OrdersAtHalt:
    """What becomes of open orders when a share halts; orders of other shares are held, that is left alone."""
    if policy.during is DuringHalt.HOLD:
        return OrdersAtHalt(tuple(orders), ())
    held = tuple(order for order in orders if order.symbol != symbol)
    return OrdersAtHalt(held, tuple(order for order in orders if order.symbol == symbol))


def halt_fault(halts: Iterable[Halt], at_ns: int, policy: HaltPolicy, reopens_ns: int | None = None) -> str:
    """Why no order in a share may leave at an instant, in words; "" when one may.

    Formula: any halt in force, unless orders may join the reopening auction and its call has begun
    Unit: words. Missing: reopens_ns None says that no call is known: nothing leaves.
    Source: plan, section VI.A.1 (no trading in a pause); exchange rules on entry during a halt.

    Args:
        halts: the halts of the share.
        at_ns: the instant.
        policy: what the desk does about halts.
        reopens_ns: when the call of the reopening auction begins; None when unknown or not any more.
    """
    found = halts_in_force(halts, at_ns)
    if not found:
        return ""
    is_called = reopens_ns is not None and at_ns >= reopens_ns
    if policy.at_reopening is AtReopening.JOIN_AUCTION and is_called:
        return ""
    first = found[0]
    return f"{first.symbol} is halted by {first.source} since {first.started_ns} ns ({first.code})"


def market_code(halt: MarketHalt) -> str:
    """The reason code of a market-wide halt."""
    return _MARKET_CODES[halt.level]


def _after_index(
    status: MarketStatus, frame: LuldFrame, at_ns: int, index_e4: int, terms: BreakerTerms | None
) -> MarketStatus:
    if status.breakers is None or terms is None:
        return MarketStatus(luld_at(status.luld, frame, at_ns), status.breakers)
    after = breaker_state_after_index(status.breakers, at_ns, index_e4, terms)
    if after is status.breakers:
        return MarketStatus(luld_at(status.luld, frame, at_ns), after)
    return MarketStatus(luld_after_halt(status.luld, frame, at_ns, market_code(after.halts[-1])), after)
