"""Works an order the way its route says: each part at its venue, the auction first, the session in slices.

auction   a limit order for the auction; what the opening one leaves is worked through the session elsewhere
take      slices through the session, each a limit order at the order's own limit: what it cannot take rests there
post      the same, but each slice first joins the best price of its own side; what has not traded there by the next
          slice is canceled and takes, as does the last slice at once

A part has a slice a quarter of the session, as far as each is a round lot. What the last slice leaves ends with the
session. What a client asks of the order as a whole goes before:

IOC, FOK   one slice, which takes what it can, or all of it or nothing
OPG, CLS   ends with the opening or the closing auction
GTD        ends at its instant
stop       each part waits at its venue whole, since before the session, and is a limit order once its price has traded
pegged     each part rests whole at the middle of the best prices
post-only  each part is sent whole at the limit, and refused where it would trade on arrival
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from nodes.kernels.simulator.results import Report, View
from nodes.kernels.simulator.terms import Cancel, Request, Send, Wake
from nodes.vocabulary.executions import ExecType
from nodes.vocabulary.instructions import AT_ONCE, AUCTIONS
from nodes.vocabulary.trading import OrdType, Side, TimeInForce, VenueOrder

ROUND_LOT_SHARES = 100
AUCTION, TAKE, POST = "auction", "take", "post"
_BACK = frozenset({ExecType.CANCELED, ExecType.REJECTED, ExecType.EXPIRED})


class ChildOrder(NamedTuple):
    """A part of a routed order.

    Attributes:
        cl_ord_id: its ClOrdID (11).
        venue: where it goes.
        shares: how many, always positive.
        how: auction, take or post.
    """

    cl_ord_id: str
    venue: str
    shares: int
    how: str


class RoutedTerms(NamedTuple):
    """What all parts of an order have in common.

    Attributes:
        symbol: of which share.
        side: purchase or sale.
        limit_e4: the worst price that it accepts.
        rest_cl_ord_id: ClOrdID of the part that works what an auction left.
        rest_venue: where it does.
        wakes_ns: when slices are due.
        life: how long what is sent works.
        expires_ns: when a GTD order ends; None of others.
        stop_e4: price that wakes a stop, in 1/10,000 USD; None of others.
        is_pegged: whether it follows the middle of the best prices.
        is_post_only: whether it is refused rather than trading on arrival.
    """

    symbol: str
    side: Side
    limit_e4: int
    rest_cl_ord_id: str
    rest_venue: str
    wakes_ns: tuple[int, ...]
    life: TimeInForce = TimeInForce.DAY
    expires_ns: int | None = None
    stop_e4: int | None = None
    is_pegged: bool = False
    is_post_only: bool = False

    @property
    def ord_type(self) -> OrdType:
        """What sets the price of what is sent."""
        if self.is_pegged:
            return OrdType.PEGGED
        return OrdType.LIMIT if self.stop_e4 is None else OrdType.STOP_LIMIT


@dataclass(slots=True)
class _Slice:
    """An order at a venue: for which part it was sent, for how many shares, and whether it only waits."""

    child: ChildOrder
    shares: int
    is_posted: bool


class RoutedOrder:
    """A routed order as a strategy of the simulator.

    Args:
        children: its parts.
        terms: what they have in common.
        places: of each venue in the events.
    """

    def __init__(self, children: Sequence[ChildOrder], terms: RoutedTerms, places: Mapping[str, int]) -> None:
        self._terms = terms
        self._places = places
        self._auctioned = [child for child in children if child.how == AUCTION]
        self._worked = [child for child in children if child.how != AUCTION]
        self._views: dict[int, View] = {}
        self._slices: dict[str, _Slice] = {}

    def child(self, cl_ord_id: str) -> ChildOrder:
        """The part that an order at a venue was sent for."""
        return self._slices[cl_ord_id].child

    def started(self, now_ns: int) -> Iterable[Request]:  # noqa: ARG002  # whenever that is
        """Orders for the auction, stops, and the times at which slices are due."""
        terms = self._terms
        life = terms.life if terms.life in AUCTIONS else TimeInForce.OPG
        sends = [self._sent(child, child.shares, life) for child in self._auctioned]
        if terms.stop_e4 is not None:
            return [*sends, *(self._sent(child, child.shares) for child in self._worked)]
        return [*sends, *(Wake(at_ns) for at_ns in terms.wakes_ns)]

    def seen(self, view: View) -> Iterable[Request]:
        """Nothing; but the best prices are noted."""
        self._views[view.place] = view
        return ()

    def told(self, report: Report) -> Iterable[Request]:
        """What was posted in vain takes; what an auction left becomes a part of the session."""
        found = self._slices[report.cl_ord_id]
        left = found.shares - report.cum_shares
        if report.exec_type not in _BACK or not left:
            return ()
        if found.child.how == AUCTION and self._terms.life not in AUCTIONS:
            self._worked.append(ChildOrder(self._terms.rest_cl_ord_id, self._terms.rest_venue, left, TAKE))
        return (self._sent(found.child, left),) if found.is_posted else ()

    def woken(self, now_ns: int) -> Iterable[Request]:
        """What is due now: an end to slices that were posted in vain, and the next ones."""
        quarter = self._terms.wakes_ns.index(now_ns)
        ends = [Cancel(name) for name, each in self._slices.items() if each.is_posted]
        return [*ends, *(send for child in self._worked for send in self._due(child, quarter))]

    def _due(self, child: ChildOrder, quarter: int) -> Iterable[Request]:
        """A part's slice of a quarter, if it has one."""
        terms = self._terms
        is_whole, is_once = terms.is_pegged or terms.is_post_only, terms.life in AT_ONCE
        if terms.expires_ns is not None and terms.expires_ns <= terms.wakes_ns[quarter]:
            return ()
        n_slices = 1 if is_once or is_whole else min(len(terms.wakes_ns), max(1, child.shares // ROUND_LOT_SHARES))
        shares = child.shares * (quarter + 1) // n_slices - child.shares * quarter // n_slices
        if quarter >= n_slices or not shares:
            return ()
        waits = child.how == POST and not (is_once or is_whole) and quarter < len(terms.wakes_ns) - 1
        return (self._posted(child, shares) if waits else self._sent(child, shares),)

    def _posted(self, child: ChildOrder, shares: int) -> Send:
        """A slice at the best price of its own side, within the limit."""
        view, sign = self._views[self._places[child.venue]], self._terms.side.sign
        best_e4 = view.bid_e4 if sign > 0 else view.ask_e4
        limit_e4 = min(best_e4, self._terms.limit_e4) if sign > 0 else max(best_e4, self._terms.limit_e4)
        send = self._sent(child, shares)
        self._slices[send.order.cl_ord_id].is_posted = True
        return replace(send, order=replace(send.order, limit_e4=limit_e4, is_post_only=True))

    def _sent(self, child: ChildOrder, shares: int, life: TimeInForce | None = None) -> Send:
        terms, life = self._terms, life or self._terms.life
        name = f"{child.cl_ord_id}/{len(self._slices)}"
        self._slices[name] = _Slice(child, shares, is_posted=False)
        return Send(
            child.venue,
            VenueOrder(
                cl_ord_id=name,
                symbol=terms.symbol,
                side=terms.side,
                shares=shares,
                ord_type=terms.ord_type if life not in AUCTIONS else OrdType.LIMIT,
                time_in_force=life,
                limit_e4=terms.limit_e4,
                stop_e4=terms.stop_e4,
                is_post_only=terms.is_post_only,
                expires_ns=terms.expires_ns if life is TimeInForce.GTD else None,
            ),
        )
