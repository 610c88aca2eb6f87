"""Small markets and strategies for the tests of the simulator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nodes.kernels.simulator.events import BookName, EventKind, MarketEvents, events_of_rows
from nodes.kernels.simulator.results import Report, SimulationResult, View
from nodes.kernels.simulator.simulation import simulated
from nodes.kernels.simulator.terms import Request, Send, SimulationTerms, Wake, allow_all
from nodes.vocabulary.trading import OrdType, Side, TimeInForce, VenueOrder

BOOK = BookName("XNAS", "AAPL")


_PLAIN = VenueOrder(
    cl_ord_id="o",
    symbol="AAPL",
    side=Side.BUY,
    shares=50,
    ord_type=OrdType.LIMIT,
    time_in_force=TimeInForce.DAY,
    limit_e4=100_000,
    stop_e4=None,
    is_post_only=False,
    expires_ns=None,
)


def order(name: str = "o", **terms: Any) -> VenueOrder:
    """An order to buy 50 shares at 10 dollars for the day, unless said otherwise; MARKET when the limit is None."""
    if terms.get("limit_e4", 0) is None and "ord_type" not in terms:
        terms["ord_type"] = OrdType.MARKET
    return replace(_PLAIN, cl_ord_id=name, **terms)


def level(at_ns: int, side: int, price_e4: int, shares: int, place: int = 0) -> tuple[int, ...]:
    """A level that shows so many shares."""
    return at_ns, EventKind.LEVEL, place, 0, side, price_e4, shares, 0, 0


def quote(at_ns: int, bid: tuple[int, int], ask: tuple[int, int], place: int = 0) -> tuple[int, ...]:
    """Best prices, each with its shares."""
    return at_ns, EventKind.QUOTE, place, 0, 0, *bid, *ask


def trade(at_ns: int, side: int, price_e4: int, shares: int, place: int = 0) -> tuple[int, ...]:
    """A print; the side is the one that rested."""
    return at_ns, EventKind.TRADE, place, 0, side, price_e4, shares, 0, 0


def named(at_ns: int, kind: EventKind, order_id: int, key: int, shares: int) -> tuple[int, ...]:
    """An event of an order-by-order feed; the key is the price, negative for the offer."""
    return at_ns, kind, 0, order_id, 1 if key > 0 else -1, abs(key), shares, 0, 0


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

    asks: Mapping[int, Sequence[Request]]
    views: list[View] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)

    def started(self, _now_ns: int) -> Iterable[Request]:
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
    market: MarketEvents, asks: Mapping[int, Sequence[Request]], terms: SimulationTerms | None = None, seed: int = 0
) -> SimulationResult:
    """What becomes of what is asked for, by instant."""
    return simulated(market, Script(asks), allow_all, terms or SimulationTerms(), seed)


def fills(result: SimulationResult) -> list[tuple[str, int, int]]:
    """ClOrdID, shares and price of each fill."""
    return [(fill.cl_ord_id, fill.last_shares, fill.last_e4) for fill in result.fills]
