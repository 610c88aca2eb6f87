"""How far a queue model is from the truth: the same orders in a recording that names orders, and in its levels alone.

The recording by order knows the place of each order to the share. Seen by level it does not, and a queue model stands
in. Orders are put at the best prices at regular instants in both; what fills is compared order by order.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from nodes.kernels.simulator.book import Book
from nodes.kernels.simulator.events import EventKind, MarketEvents, events_of_rows
from nodes.kernels.simulator.matching import OwnOrders
from nodes.kernels.simulator.orders import Working
from nodes.kernels.simulator.queue import QueueModel, risk_averse
from nodes.kernels.simulator.simulation import simulated
from nodes.kernels.simulator.strategies import Scheduled
from nodes.kernels.simulator.terms import SimulationTerms, allow_all
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.trading import OrdType, Side, TimeInForce, VenueOrder


@dataclass(frozen=True)
class Probing:
    """Which orders are put into both.

    Attributes:
        every_ns: time from one to the next; sides alternate.
        life_ns: how long each works.
        shares: its size.
    """

    every_ns: int
    life_ns: int
    shares: int


@dataclass(frozen=True)
class QueueError:
    """What a model made of the orders, against the truth.

    Attributes:
        n_orders: orders compared.
        same_frac: part of them that filled the same shares.
        exact_filled_frac: part of all shares that filled in truth.
        modelled_filled_frac: part that filled by the model.
        mean_error_frac: mean absolute difference of an order's filled shares, over its size.
    """

    n_orders: int
    same_frac: float
    exact_filled_frac: float
    modelled_filled_frac: float
    mean_error_frac: float


class _Deaf:
    """Hears of orders that are not there."""

    def filled(self, working: Working, shares: int, price_e4: int, liquidity: int) -> None:
        """No order is there to fill."""

    def own_e4(self, shares: int, price_e4: int) -> int:  # noqa: ARG002  # nothing trades here
        """Nothing."""
        return 0

    def woke(self) -> None:
        """Nor to wake."""

    def auction_over(self) -> None:
        """Nor to end."""


def by_level(events: MarketEvents) -> MarketEvents:
    """A recording by order of one book as a feed of levels and prints would have shown it."""
    if len(events.books) != 1:
        raise DataError(f"the recording has {len(events.books)} books, expected 1; take them one by one")
    own = OwnOrders(risk_averse, 0.0, 1.0, _Deaf())
    book = Book(own, Counter())
    own.at(book)
    rows: list[tuple[int, ...]] = []
    for at_ns, kind, place, order_id, side, price, shares, ask, ask_shares in zip(*events.columns(), strict=True):
        rest = book.orders.get(order_id)
        book.apply[kind](order_id, side, price, shares, ask, ask_shares)
        if kind in (EventKind.HIDDEN, EventKind.CROSS, EventKind.STATUS):
            shown_as = EventKind.TRADE if kind == EventKind.HIDDEN else kind
            rows.append((at_ns, shown_as, place, 0, side, price, shares, 0, 0))
            continue
        key = rest[0] if rest is not None else (price if side > 0 else -price)
        sign = 1 if key > 0 else -1
        if kind == EventKind.EXECUTE:
            rows.append((at_ns, EventKind.TRADE, place, 0, sign, abs(key), shares, 0, 0))
        rows.append((at_ns, EventKind.LEVEL, place, 0, sign, abs(key), book.shown.get(key, 0), 0, 0))
    return events_of_rows(events.books, rows)


def probes(events: MarketEvents, probing: Probing) -> list[tuple[int, str, VenueOrder]]:
    """Orders at the best price of one side at regular instants, as a recording of one book shows it then."""
    quiet = simulated(events, Scheduled([]), allow_all, SimulationTerms(records_quotes=True), 0)
    book = events.books[0]
    found: list[tuple[int, str, VenueOrder]] = []
    due_ns = int(events.at_ns[0]) + probing.every_ns
    bid = ask = 0
    for _, at_ns, next_bid, next_ask in quiet.quotes:
        while at_ns > due_ns:
            side = (Side.BUY, Side.SELL)[len(found) % 2]
            price = bid if side is Side.BUY else ask
            if bid and ask:
                found.append((due_ns, book.venue, _probe(book.symbol, side, price, len(found), due_ns, probing)))
            due_ns += probing.every_ns
        bid, ask = next_bid, next_ask
    return found


def queue_error(events: MarketEvents, probing: Probing, queue: QueueModel) -> QueueError:
    """How far a model is from the truth over a recording by order. Raises DataError when no order could be put."""
    plan = probes(events, probing)
    if not plan:
        raise DataError(
            f"no order could be put every {probing.every_ns} ns; give a longer recording, or a shorter time"
        )
    n_parts = 2 * -(-probing.life_ns // (2 * probing.every_ns))
    exact = _filled(events, plan, n_parts, risk_averse)
    modelled = _filled(by_level(events), plan, n_parts, queue)
    errors = [abs(exact[name] - modelled[name]) for name in exact]
    wanted = probing.shares * len(plan)
    return QueueError(
        n_orders=len(plan),
        same_frac=sum(error == 0 for error in errors) / len(plan),
        exact_filled_frac=sum(exact.values()) / wanted,
        modelled_filled_frac=sum(modelled.values()) / wanted,
        mean_error_frac=sum(errors) / wanted,
    )


def _filled(
    events: MarketEvents, plan: list[tuple[int, str, VenueOrder]], n_parts: int, queue: QueueModel
) -> dict[str, int]:
    """Shares filled of each order; in one replay are only orders of one side whose lives do not overlap."""
    terms = SimulationTerms(queue=queue)
    found: dict[str, int] = {}
    for part in range(n_parts):
        mine = plan[part::n_parts]
        result = simulated(events, Scheduled(mine), allow_all, terms, 0)
        found |= {name: sent.filled_shares for name, sent in result.orders.items()}
    return found


def _probe(symbol: str, side: Side, price: int, number: int, at_ns: int, probing: Probing) -> VenueOrder:
    return VenueOrder(
        cl_ord_id=f"probe-{number}",
        symbol=symbol,
        side=side,
        shares=probing.shares,
        ord_type=OrdType.LIMIT,
        time_in_force=TimeInForce.GTD,
        limit_e4=price,
        stop_e4=None,
        is_post_only=False,
        expires_ns=at_ns + probing.life_ns,
    )
