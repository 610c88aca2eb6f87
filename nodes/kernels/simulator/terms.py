"""On which terms a simulation runs: venues, latencies, queues, impact. Whatever is not said does not happen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias

from nodes.kernels.simulator.impact import ImpactTerms
from nodes.kernels.simulator.latency import AT_ONCE, Latency
from nodes.kernels.simulator.queue import QueueModel, risk_averse
from nodes.kernels.simulator.results import Report, View
from nodes.vocabulary.trading import VenueOrder


@dataclass(frozen=True, slots=True)
class Session:
    """When a venue trades; instants in ns UTC.

    Attributes:
        open_ns: first instant of continuous trading.
        close_ns: first instant after it: DAY orders end here.
        opg_from_ns: from when orders for the opening auction are taken; they end at the opening auction.
        cls_until_ns: until when orders for the closing auction are taken.
        end_ns: until when the closing auction may come; CLS orders that it did not fill end here.
    """

    open_ns: int
    close_ns: int
    opg_from_ns: int
    cls_until_ns: int
    end_ns: int


@dataclass(frozen=True)
class VenueTerms:
    """One venue.

    Attributes:
        maker_fee_e6: fee of a share that rested, in 1/1,000,000 USD; negative when the venue pays a rebate.
        taker_fee_e6: fee of a share that traded on arrival; both as for a dollar and more, see `fees_at_e6`.
        auction_fee_e6: fee of a share that traded in an auction.
        order_latency: from a decision to the venue, drawn anew for each message; messages never overtake each other.
        report_latency: from the venue back to the strategy.
        hidden_frac: shares that wait unseen behind those shown at a price, as a fraction of them.
        outages_ns: spans (from, until) in which the venue refuses everything; orders that rest when one starts are
            canceled.
        session: when it trades; None for a recording that says so itself, or is all of one session.
        max_participation_frac: largest part of any one trade, shown size or auction that our orders can have had.
    """

    maker_fee_e6: int = 0
    taker_fee_e6: int = 0
    auction_fee_e6: int = 0
    order_latency: Latency = AT_ONCE
    report_latency: Latency = AT_ONCE
    hidden_frac: float = 0.0
    outages_ns: tuple[tuple[int, int], ...] = ()
    session: Session | None = None
    max_participation_frac: float = 1.0


@dataclass(frozen=True)
class SimulationTerms:
    """How the simulated market treats orders.

    Attributes:
        venues: terms of each venue by name; a venue of the events that is not here has `VenueTerms()`.
        feed_latency: from the venue to the strategy's eyes.
        queue: how a queue moves where the feed shows levels only; order-by-order feeds need none.
        impact: what our own trading does to prices, by symbol; a symbol without has none.
        walks_past_best: whether an L1 book, which knows one level, has as much again at each next tick; without, what
            the best price cannot fill is canceled.
        records_quotes: whether the result holds every change of a best price, as markouts need them.
    """

    venues: Mapping[str, VenueTerms] = field(default_factory=dict)
    feed_latency: Latency = AT_ONCE
    queue: QueueModel = risk_averse
    impact: Mapping[str, ImpactTerms] = field(default_factory=dict)
    walks_past_best: bool = True
    records_quotes: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """Ask to send an order to a venue."""

    venue: str
    order: VenueOrder


@dataclass(frozen=True, slots=True)
class Cancel:
    """Ask a venue to take an order back."""

    cl_ord_id: str


@dataclass(frozen=True, slots=True)
class Replace:
    """Ask a venue to change an order: fewer shares at the same limit keep its place, all else goes to the back.

    Attributes:
        cl_ord_id: the order.
        shares: shares of the whole order from now on, what is filled included.
        limit_e4: its limit from now on.
    """

    cl_ord_id: str
    shares: int
    limit_e4: int


@dataclass(frozen=True, slots=True)
class Wake:
    """Ask to be woken at an instant."""

    at_ns: int


Request: TypeAlias = Send | Cancel | Replace | Wake


class Strategy(Protocol):
    """What decides. Each method is told something at an instant and answers with what it asks for, () for nothing."""

    def started(self, now_ns: int) -> Iterable[Request]:
        """The recording is about to start."""
        ...

    def seen(self, view: View) -> Iterable[Request]:
        """A book changed at its top, or traded, one feed latency ago; now is `view.seen_ns`."""
        ...

    def told(self, report: Report) -> Iterable[Request]:
        """A venue said something of an order; now is `report.told_ns`."""
        ...

    def woken(self, now_ns: int) -> Iterable[Request]:
        """The instant that a Wake asked for has come."""
        ...


@dataclass(slots=True)
class Standing:
    """What the strategy's side knows of itself: reports that have come back count, what is on its way does not.

    Attributes:
        position_shares: by symbol.
        pending_buy_shares: shares of orders sent and not known to be done, by symbol.
        pending_sell_shares: the same for sales, as positive numbers.
        cash_e6: proceeds less payments and fees since the start, in 1/1,000,000 USD.
    """

    position_shares: dict[str, int] = field(default_factory=dict)
    pending_buy_shares: dict[str, int] = field(default_factory=dict)
    pending_sell_shares: dict[str, int] = field(default_factory=dict)
    cash_e6: int = 0


class GuardAnswer(NamedTuple):
    """What a guard says of an order.

    Attributes:
        shares: shares that may leave: as asked, fewer, or 0 when the order is denied.
        reason: why fewer or none, in words.
    """

    shares: int
    reason: str = ""


Guard: TypeAlias = Callable[[VenueOrder, View | None, Standing, int], GuardAnswer]
"""Judges an order before it leaves: of the order, the newest view of its book that the strategy has seen (None before
the first), the standing and the instant."""


def allow_all(order: VenueOrder, view: View | None, standing: Standing, now_ns: int) -> GuardAnswer:  # noqa: ARG001  # takes what guards take
    """The guard that lets every order through."""
    return GuardAnswer(order.shares)
