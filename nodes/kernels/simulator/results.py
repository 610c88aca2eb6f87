"""What a simulation says: to the strategy while it runs, and to whoever asks afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from nodes.kernels.simulator.events import BookName
from nodes.vocabulary.executions import ExecType, OrdStatus
from nodes.vocabulary.trading import VenueOrder


class Liquidity(NamedTuple):
    """Codes of LastLiquidityInd (tag 851), and one of ours for auctions."""

    ADDED: int = 1
    REMOVED: int = 2
    AUCTION: int = 4


LIQUIDITY = Liquidity()


class View(NamedTuple):
    """The top of one book and its last trade, as the strategy comes to see it.

    Attributes:
        place: which book of the events.
        at_ns: when the venue made it so.
        seen_ns: when the strategy sees it: later by the latency of the feed.
        bid_e4: best bid; 0 when there is none.
        bid_shares: shares shown at it.
        ask_e4: best offer; 0 when there is none.
        ask_shares: shares shown at it.
        last_e4: price of the last trade; 0 before the first.
        last_shares: its size.
        last_side: side that rested in it: 1 the bid, -1 the offer, 0 unknown.
    """

    place: int
    at_ns: int
    seen_ns: int
    bid_e4: int
    bid_shares: int
    ask_e4: int
    ask_shares: int
    last_e4: int
    last_shares: int
    last_side: int


class Report(NamedTuple):
    """An execution report: what a venue says of an order, in the words of FIX.

    Attributes:
        at_ns: when the venue did it.
        told_ns: when the strategy hears of it.
        place: at which book.
        cl_ord_id: ClOrdID (11).
        exec_type: ExecType (150).
        ord_status: OrdStatus (39).
        last_shares: LastQty (32), 0 unless it is a trade.
        last_e4: LastPx (31), 0 unless it is a trade.
        leaves_shares: LeavesQty (151).
        cum_shares: CumQty (14).
        fee_e6: fee of this trade in 1/1,000,000 USD, negative when it is a rebate.
        liquidity: of a trade, one of LIQUIDITY; else 0.
        text: why, in words, where there is a why.
    """

    at_ns: int
    told_ns: int
    place: int
    cl_ord_id: str
    exec_type: ExecType
    ord_status: OrdStatus
    last_shares: int
    last_e4: int
    leaves_shares: int
    cum_shares: int
    fee_e6: int
    liquidity: int
    text: str


@dataclass(frozen=True, slots=True)
class SentOrder:
    """What became of one order.

    Attributes:
        order: as it left.
        place: at which book it was to trade.
        decided_ns: when it was decided.
        arrived_ns: when the venue had it; None when the recording ended before.
        mid_e4: middle of the book that the decision saw; None when a side was missing.
        filled_shares: shares traded.
        cost_e4: sum of price times shares traded.
        fee_e6: fees of all its trades.
        leaves_shares: shares that still worked at the end.
        ord_status: how it stood at the end.
        ahead_shares: shares before it in its queue when it came to rest; None when it did not.
    """

    order: VenueOrder
    place: int
    decided_ns: int
    arrived_ns: int | None
    mid_e4: int | None
    filled_shares: int
    cost_e4: int
    fee_e6: int
    leaves_shares: int
    ord_status: OrdStatus
    ahead_shares: int | None

    @property
    def average_price_e4(self) -> float | None:
        """Average price of what traded; None when nothing did."""
        return self.cost_e4 / self.filled_shares if self.filled_shares else None

    @property
    def shortfall_e4(self) -> int | None:
        """What trading cost against the middle at the decision, fees apart, in 1/10,000 USD; negative is a gain."""
        if self.mid_e4 is None:
            return None
        return self.order.side.sign * (self.cost_e4 - self.mid_e4 * self.filled_shares)


@dataclass(frozen=True, slots=True)
class Denial:
    """An order that the guard kept from leaving, or cut.

    Attributes:
        at_ns: when.
        cl_ord_id: ClOrdID (11).
        asked_shares: shares that the strategy wanted.
        allowed_shares: shares that left; 0 when none did.
        reason: the guard's words.
    """

    at_ns: int
    cl_ord_id: str
    asked_shares: int
    allowed_shares: int
    reason: str


@dataclass(frozen=True)
class SimulationResult:
    """All that a simulation found. Two runs with the same arguments have equal results.

    Attributes:
        books: the books that `place` counts.
        reports: execution reports in the order in which the venues made them.
        orders: what became of each order, by ClOrdID.
        denials: what the guard kept back or cut.
        quotes: (place, at_ns, bid_e4, ask_e4) whenever a best price changed, where the terms ask for them.
        n_events: market events replayed.
        n_decisions: orders that the guard judged.
        counts: events and requests that were not as they should be, by fault.
        end_ns: time of the last event.
    """

    books: tuple[BookName, ...]
    reports: tuple[Report, ...]
    orders: Mapping[str, SentOrder]
    denials: tuple[Denial, ...]
    quotes: tuple[tuple[int, int, int, int], ...]
    n_events: int
    n_decisions: int
    counts: Mapping[str, int]
    end_ns: int

    @property
    def fills(self) -> tuple[Report, ...]:
        """The reports of trades."""
        return tuple(report for report in self.reports if report.exec_type is ExecType.TRADE)

    @property
    def position_shares(self) -> dict[str, int]:
        """Shares bought less shares sold, by symbol."""
        held: dict[str, int] = {}
        for sent in self.orders.values():
            symbol = sent.order.symbol
            held[symbol] = held.get(symbol, 0) + sent.order.side.sign * sent.filled_shares
        return held

    @property
    def cash_e6(self) -> int:
        """Proceeds less payments and fees, in 1/1,000,000 USD."""
        traded_e4 = sum(sent.order.side.sign * sent.cost_e4 for sent in self.orders.values())
        return -100 * traded_e4 - sum(sent.fee_e6 for sent in self.orders.values())
