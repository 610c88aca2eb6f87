"""A venue's side of our orders at one book: what it takes and refuses, and what each kind of order does on arrival.

MARKET       walks the book from the best price on; what nobody offers is canceled
LIMIT        walks the book up to its limit; the rest rests
IOC          the same, and the rest is canceled in the same event
FOK          all at once or nothing
POST_ONLY    refused when it would trade on arrival
PEGGED       rests unseen at the middle of the best bid and offer of all venues, within its limit, and follows it;
             where they lock, cross or are not both there it waits without a price; so it never takes
STOP         waits until a trade at its price or worse, then is a MARKET order; STOP_LIMIT a LIMIT order
OPG, CLS     wait for the auction; what it leaves is canceled when the venue's session says that it is over
GTD          ends before anything else happens at its instant
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import NamedTuple, Protocol

from nodes.kernels.market_rules.access_fees import fees_at_e6
from nodes.kernels.simulator.book import Book
from nodes.kernels.simulator.events import BookName
from nodes.kernels.simulator.impact import Footprint, Impact
from nodes.kernels.simulator.matching import OwnOrders
from nodes.kernels.simulator.orders import CROSSES, NO_PRICE, PASSING, STOPS, Stage, Working, refusal
from nodes.kernels.simulator.results import LIQUIDITY
from nodes.kernels.simulator.terms import SimulationTerms, VenueTerms
from nodes.vocabulary.executions import ExecType, OrdStatus
from nodes.vocabulary.trading import OrdType, TimeInForce

_DONE = {
    ExecType.CANCELED: OrdStatus.CANCELED,
    ExecType.EXPIRED: OrdStatus.EXPIRED,
    ExecType.REJECTED: OrdStatus.REJECTED,
}


class Trade(NamedTuple):
    """What an order traded.

    Attributes:
        shares: how many; 0 for none.
        price_e4: at which price.
        fee_e6: its fee.
        liquidity: one of LIQUIDITY.
    """

    shares: int = 0
    price_e4: int = 0
    fee_e6: int = 0
    liquidity: int = 0


class Teller(Protocol):
    """Who hears what a venue says of orders, and keeps the time.

    Attributes:
        now_ns: the instant.
        is_touched: whether a trade of ours or a woken stop is to be settled.
    """

    now_ns: int
    is_touched: bool

    def tell(self, working: Working, exec_type: ExecType, trade: Trade, pending: int, text: str) -> None:
        """Something happened to an order, which changed the shares that are pending by so many."""
        ...


_NO_TRADE = Trade()
_CLOSING = frozenset({TimeInForce.CLS})


class VenueBook:
    """Our orders at one book of one venue.

    Attributes:
        name: which book.
        terms: the venue's terms.
        book: the market.
        own: our orders.
        impact: what our trading does to its prices; None without.
        is_out: whether the venue has an outage.
        is_fading: whether the fading of its impact is being followed.
    """

    __slots__ = (
        "_counts",
        "_past_best",
        "_teller",
        "book",
        "impact",
        "is_fading",
        "is_out",
        "name",
        "own",
        "terms",
    )

    def __init__(
        self, name: BookName, terms: SimulationTerms, teller: Teller, counts: Counter[str], footprint: Footprint
    ) -> None:
        self.name = name
        self.terms = terms.venues.get(name.venue, VenueTerms())
        own = OwnOrders(terms.queue, self.terms.hidden_frac, self.terms.max_participation_frac, self)
        self.book = Book(own, counts)
        self.own = own.at(self.book)
        self.own.tick_e4 = name.tick_e4
        impact = terms.impact.get(name.symbol)
        self.impact = None if impact is None else Impact(impact, name.tick_e4, footprint)
        self.is_out = self.is_fading = False
        self._teller = teller
        self._counts = counts
        self._past_best = terms.walks_past_best

    @property
    def bid_e4(self) -> int:
        """Best bid, our impact included; 0 when there is none."""
        return self.book.bids[-1] + self.own.shift_e4 if self.book.bids else 0

    @property
    def ask_e4(self) -> int:
        """Best offer, likewise."""
        return self.own.shift_e4 - self.book.asks[-1] if self.book.asks else 0

    def arrive(self, working: Working) -> None:
        """An order has come."""
        order, name = working.order, self.name
        working.arrived_ns = self._teller.now_ns
        text = "the venue has an outage" if self.is_out else ""
        text = text or refusal(order, name.symbol, self.book, name.tick_e4, self.terms.session, self._teller.now_ns)
        if text:
            self.end(working, ExecType.REJECTED, text)
        elif order.time_in_force in CROSSES:
            self._accept(working, Stage.AUCTION)
            self.own.auction.append(working)
        elif order.ord_type in STOPS:
            self._accept(working, Stage.STOPPED)
            self.own.stops.append(working)
            self.own.listen()
        elif order.ord_type is OrdType.PEGGED:
            self._accept(working, Stage.PARKED)
            self.own.pegs.append(working)
        else:
            self._enter(working)

    def wake_stops(self) -> None:
        """Turn stops that a trade woke into what they are from then on."""
        while self.own.woken:
            working = self.own.woken.pop(0)
            working.stage = Stage.ON_ITS_WAY
            self._enter(working)
        self.own.listen()

    def set_session(self, at_ns: int) -> None:
        """Have the next auction be that of an instant: the opening one, or one that reopens, until the close."""
        session = self.terms.session
        if session is not None:
            self.own.called = _CLOSING if at_ns >= session.close_ns else frozenset(TimeInForce) - _CLOSING

    def peg(self, bid_e4: int, ask_e4: int) -> None:
        """Put pegged orders at the middle of the best prices of all venues; 0 for a side that nobody quotes."""
        has_middle = 0 < bid_e4 < ask_e4 and self.book.status > 0
        for working in tuple(self.own.pegs):
            key = (working.sign * (bid_e4 + ask_e4)) // 2 - working.sign * self.own.shift_e4
            key = min(key, self.own.recorded_key(working))
            if working.stage is Stage.RESTING and (not has_middle or key != working.key):
                self.own.withdraw(working)
            if working.stage is Stage.PARKED and has_middle:
                self.own.rest(working, key)

    def cancel(self, working: Working) -> None:
        """Take an order back; one that is done is not."""
        if working.stage is Stage.DONE or self.is_out:
            self._counts["cancel-in-outage" if self.is_out else "cancel-too-late"] += 1
            return
        self.end(working, ExecType.CANCELED, "")

    def replace(self, working: Working, shares: int, limit_e4: int) -> None:
        """Change an order. Fewer shares at the same limit keep its place; refused where it can no longer be changed."""
        is_limit = working.order.ord_type is OrdType.LIMIT and working.stage is Stage.RESTING
        if not is_limit or self.is_out or shares <= working.filled or limit_e4 <= 0 or limit_e4 % self.name.tick_e4:
            self._counts["replace-refused"] += 1
            return
        before = working.limit_key
        more = shares - working.filled - working.leaves
        working.limit_key = working.sign * limit_e4
        working.leaves += more
        working.order = replace(working.order, shares=shares, limit_e4=limit_e4)
        self._teller.tell(working, ExecType.NEW, _NO_TRADE, more, f"replaced: {shares} shares at {limit_e4}")
        if more > 0 or working.limit_key != before:
            self.own.withdraw(working)
            self._enter(working)

    def expire(self, working: Working) -> None:
        """End an order whose time has come."""
        if working.stage is not Stage.DONE:
            self.end(working, ExecType.EXPIRED, "")

    def end_all(self, lives: frozenset[TimeInForce], exec_type: ExecType, text: str) -> None:
        """End every order here with one of some times in force."""
        for working in self.own.all():
            if working.order.time_in_force in lives:
                self.end(working, exec_type, text)

    def end(self, working: Working, exec_type: ExecType, text: str) -> None:
        """End an order."""
        if working.stage not in {Stage.ON_ITS_WAY, Stage.DONE}:
            self.own.withdraw(working)
        if working in self.own.pegs:
            self.own.pegs.remove(working)
        if exec_type is ExecType.REJECTED:
            self._counts["order-refused"] += 1
        working.stage, working.status = Stage.DONE, _DONE[exec_type]
        left, working.leaves = working.leaves, 0
        self._teller.tell(working, exec_type, _NO_TRADE, -left, text)

    def shifted(self) -> bool:
        """Whether our impact moves the prices now; orders that rest go to the back of the level they then stand at."""
        impact, bid, ask = self.impact, self.book.bid_e4, self.book.ask_e4
        if impact is None or not impact.moved(self._teller.now_ns, bid, ask):
            return False
        self.own.shift_e4 = impact.shift_e4
        for working in [one for waiting in self.own.resting.values() for one in waiting]:
            if working.order.ord_type is not OrdType.PEGGED:
                self.own.withdraw(working)
                self.own.rest(working, self.own.recorded_key(working))
        self.own.heard_open()
        return True

    def filled(self, working: Working, shares: int, price_e4: int, liquidity: int) -> None:
        """Shares of an order have traded."""
        terms = self.terms
        working.leaves -= shares
        working.filled += shares
        working.cost_e4 += shares * price_e4
        each_e6 = terms.maker_fee_e6 if liquidity == LIQUIDITY.ADDED else terms.taker_fee_e6
        is_auction = liquidity == LIQUIDITY.AUCTION
        fee_e6 = shares * terms.auction_fee_e6 if is_auction else fees_at_e6(each_e6, price_e4, shares)
        working.fee_e6 += fee_e6
        working.status = OrdStatus.PARTIALLY_FILLED if working.leaves else OrdStatus.FILLED
        if not working.leaves:
            working.stage = Stage.DONE
            if working in self.own.pegs:
                self.own.pegs.remove(working)
        if self.impact is not None:
            self.impact.traded(working.sign * shares, self._teller.now_ns)
        self._teller.is_touched = True
        self._teller.tell(working, ExecType.TRADE, Trade(shares, price_e4, fee_e6, liquidity), -shares, "")

    def own_e4(self, shares: int, price_e4: int) -> int:
        """What a trade of shares adds to its own price; nothing sells for less than a tick."""
        if self.impact is None:
            return 0
        least_e4 = self.name.tick_e4 - price_e4 - self.own.shift_e4
        return max(self.impact.own_e4(shares, self._teller.now_ns, price_e4), least_e4)

    def woke(self) -> None:
        """Stops have woken."""
        self._teller.is_touched = True

    def auction_over(self) -> None:
        """What an auction left of the orders that waited for it ends."""
        for working in tuple(self.own.auction):
            if working.order.time_in_force in self.own.called:
                self.end(working, ExecType.CANCELED, f"the auction left {working.leaves} shares")

    def _accept(self, working: Working, stage: Stage) -> None:
        working.stage, working.status = stage, OrdStatus.NEW
        self._teller.tell(working, ExecType.NEW, _NO_TRADE, 0, "")

    def _enter(self, working: Working) -> None:
        """Let an order take what it can and wait with the rest, as its kind does."""
        order, own = working.order, self.own
        is_open = self.book.status > 0
        found = own.taking(working, self.name.tick_e4, past_best=self._past_best) if is_open else []
        if own.meets_own(working, found):
            self.end(working, ExecType.CANCELED if working.filled else ExecType.REJECTED, "it would trade with our own")
            return
        there = sum(shares for _, _, shares in found)
        if order.is_post_only and found:
            self.end(working, ExecType.REJECTED, "it would trade on arrival and is post-only")
            return
        if working.status is OrdStatus.PENDING_NEW:
            self._accept(working, Stage.ON_ITS_WAY)
        if order.time_in_force is TimeInForce.FOK and there < working.leaves:
            self.end(working, ExecType.CANCELED, f"only {there} of {working.leaves} shares were there at once")
            return
        own.take(working, found)
        if working.leaves:
            self._wait(working)

    def _wait(self, working: Working) -> None:
        order = working.order
        if working.limit_key == NO_PRICE or order.time_in_force in PASSING:
            self.end(working, ExecType.CANCELED, f"{working.leaves} shares were not there")
        else:
            self.own.rest(working, self.own.recorded_key(working))
