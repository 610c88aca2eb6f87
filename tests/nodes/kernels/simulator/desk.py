"""Small markets and strategies for the tests of the simulator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nodes.kernels.simulator.events import BookName, EventKind, MarketEvents, events_of_rows
from nodes.kernels.simulator.results import Report, SimulationResult, View
from nodes.kernels.simulator.simulation import simulated
from nodes.kernels.simulator.terms import Request, Send, SimulationTerms, Wake, allow_all
from nodes.vocabulary.trading import OrdType, Side, TimeInForce, VenueOrder

BOOK = BookName("XNAS", "AAPL")


def order(
    name: str = "o", side: Side = Side.BUY, shares: int = 50, limit_e4: int | None = 100_000, **terms: Any
) -> VenueOrder:
    """An order: a DAY limit order unless said otherwise."""
    life = terms.get("time_in_force", TimeInForce.DAY)
    kind = terms.get("ord_type", OrdType.MARKET if limit_e4 is None else OrdType.LIMIT)
    stop_e4, expires_ns = terms.get("stop_e4"), terms.get("expires_ns")
    is_post_only = terms.get("is_post_only", False)
    return VenueOrder(
        name, terms.get("symbol", "AAPL"), side, shares, kind, life, limit_e4, stop_e4, is_post_only, expires_ns
    )


def level(at_ns: int, side: int, price_e4: int, shares: int, place: int = 0) -> tuple[int, ...]:
    """A level that shows so many shares."""
    return at_ns, EventKind.LEVEL, place, 0, side, price_e4, shares, 0, 0


def quote(at_ns: int, bid_e4: int, bid_shares: int, ask_e4: int, ask_shares: int, place: int = 0) -> tuple[int, ...]:
    """Best prices."""
    return at_ns, EventKind.QUOTE, place, 0, 0, bid_e4, bid_shares, ask_e4, ask_shares


def trade(at_ns: int, side: int, price_e4: int, shares: int, place: int = 0) -> tuple[int, ...]:
    """A print; the side is the one that rested."""
    return at_ns, EventKind.TRADE, place, 0, side, price_e4, shares, 0, 0


def named(at_ns: int, kind: EventKind, order_id: int, side: int, price_e4: int, shares: int) -> tuple[int, ...]:
    """An event of an order-by-order feed."""
    return at_ns, kind, 0, order_id, side, price_e4, shares, 0, 0


def events(*rows: tuple[int, ...], books: Sequence[BookName] = (BOOK,)) -> MarketEvents:
    """Events of rows."""
    return events_of_rows(books, rows)


@dataclass
class Script:
    """A strategy that asks for things at instants, whatever it sees.

    Attributes:
        asks: what to ask for, by instant.
        views: what it saw.
        reports: what it was told.
    """

    asks: dict[int, Sequence[Request]]
    views: list[View] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)

    def started(self, now_ns: int) -> Iterable[Request]:
        return [Wake(at_ns) for at_ns in sorted(self.asks)]

    def seen(self, view: View) -> Iterable[Request]:
        self.views.append(view)
        return ()

    def told(self, report: Report) -> Iterable[Request]:
        self.reports.append(report)
        return ()

    def woken(self, now_ns: int) -> Iterable[Request]:
        return self.asks[now_ns]


def sent(*orders: VenueOrder, venue: str = "XNAS") -> list[Request]:
    """Requests to send orders."""
    return [Send(venue, one) for one in orders]


def run(
    market: MarketEvents, asks: dict[int, Sequence[Request]], terms: SimulationTerms | None = None, seed: int = 0
) -> SimulationResult:
    """What becomes of what is asked for."""
    return simulated(market, Script(asks), allow_all, terms or SimulationTerms(), seed)


def fills(result: SimulationResult) -> list[tuple[str, int, int]]:
    """ClOrdID, shares and price of each fill."""
    return [(fill.cl_ord_id, fill.last_shares, fill.last_e4) for fill in result.fills]
