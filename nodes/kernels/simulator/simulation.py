"""Replays market events against a strategy: the loop, its clock, and messages on their way.

The order of things:

 1. Everything due before an event's instant comes first: views and reports that reach the strategy, requests that reach
    a venue, ends of orders. At one instant the market's events come before ours, and an order's end before both.
 2. The event changes its book; orders of ours that rest there may fill.
 3. Stops that the trade woke enter; our impact moves prices; pegged orders follow the middle.
 4. When the top of the book changed or a trade happened, a view leaves for the strategy.

The strategy's answers pass the guard, then travel to the venue. What is still on its way when the recording ends never
arrives. Nothing but the arguments decides what comes out: the same ones give the same result.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeAlias

from nodes.kernels.simulator.events import MarketEvents
from nodes.kernels.simulator.exchange import Trade, VenueBook
from nodes.kernels.simulator.impact import Footprint
from nodes.kernels.simulator.latency import delays
from nodes.kernels.simulator.orders import Stage, Working
from nodes.kernels.simulator.results import Denial, Report, SentOrder, SimulationResult, View
from nodes.kernels.simulator.terms import (
    Cancel,
    Guard,
    Replace,
    Request,
    Send,
    SimulationTerms,
    Standing,
    Strategy,
    VenueTerms,
    Wake,
)
from nodes.vocabulary.executions import ExecType
from nodes.vocabulary.trading import TimeInForce, order_fault

_NEVER = 1 << 62
_FEED, _OUT, _BACK = 1, 2, 3
"""Streams of draws: the feed, to venues, back from venues; those to and from venues are numbered on by venue."""
_DAY = frozenset(TimeInForce) - {TimeInForce.GTD, TimeInForce.CLS, TimeInForce.OPG}
_tuple = tuple.__new__
"""Makes a View without going through its arguments one by one: it is made for every change of a top."""


def simulated(
    events: MarketEvents, strategy: Strategy, guard: Guard, terms: SimulationTerms, seed: int
) -> SimulationResult:
    """What becomes of a strategy's orders in a recorded market.

    Args:
        events: the market, screened (`nodes.kernels.simulator.events.screened`).
        strategy: what decides; it is told of views, reports and wakes, and answers with requests.
        guard: judges every order before it leaves.
        terms: how the simulated market treats orders.
        seed: of all delays that are drawn.
    """
    return _Simulation(events, strategy, guard, terms, seed).result()


_Action: TypeAlias = Callable[[Any], None]


class _Messages:
    """What is due when, and the delays of each way. Messages of one way never overtake each other."""

    def __init__(self, terms: SimulationTerms, venues: list[str], seed: int) -> None:
        self.due: list[tuple[int, int, _Action, Any]] = []
        self.views: deque[View] = deque()
        self._numbers = count()
        self._newest: dict[tuple[int, str], int] = {}
        self.feed = delays(terms.feed_latency, seed, _FEED)
        self._ways = {}
        for at, name in enumerate(venues):
            venue = terms.venues.get(name, VenueTerms())
            self._ways[_OUT, name] = delays(venue.order_latency, seed, _OUT + 2 * at)
            self._ways[_BACK, name] = delays(venue.report_latency, seed, _BACK + 2 * at)
        self.seen_ns = 0
        self.next_ns = _NEVER

    def put(self, due_ns: int, action: _Action, what: object) -> None:
        """Have something done at an instant."""
        heappush(self.due, (due_ns, next(self._numbers), action, what))
        self.next_ns = min(self.next_ns, due_ns)

    def arrival_ns(self, way: int, venue: str, now_ns: int) -> int:
        """When a message that leaves now arrives."""
        road = way, venue
        arrival = max(self._newest.get(road, 0), now_ns + next(self._ways[road]))
        self._newest[road] = arrival
        return arrival

    def ahead(self) -> None:
        """Look up what is due next."""
        first = self.due[0][0] if self.due else _NEVER
        self.next_ns = min(first, self.views[0][2]) if self.views else first


class _Simulation:
    """One run."""

    def __init__(
        self, events: MarketEvents, strategy: Strategy, guard: Guard, terms: SimulationTerms, seed: int
    ) -> None:
        self._events, self._strategy, self._guard, self._terms = events, strategy, guard, terms
        self._counts: Counter[str] = Counter()
        prints = {name.symbol: Footprint() for name in events.books}
        self._desks = [VenueBook(name, terms, self, self._counts, prints[name.symbol]) for name in events.books]
        self._of_symbol = {
            name.symbol: [desk for desk in self._desks if desk.name.symbol == name.symbol] for name in events.books
        }
        self._elsewhere = [
            [other for other, each in enumerate(events.books) if each.symbol == name.symbol and each != name]
            for name in events.books
        ]
        self._places = {(name.venue, name.symbol): place for place, name in enumerate(events.books)}
        self._messages = _Messages(terms, sorted({name.venue for name in events.books}), seed)
        self._views: dict[int, View] = {}
        self._standing = Standing()
        self._orders: dict[str, Working] = {}
        self._reports: list[Report] = []
        self._denials: list[Denial] = []
        self._quotes: list[tuple[int, int, int, int]] = []
        self._tops: dict[int, tuple[int, int]] = {}
        self._n_decisions = 0
        self._n_pegs = 0
        self.now_ns = 0
        self.is_touched = False

    def result(self) -> SimulationResult:
        """Run, and say what came of it."""
        if len(self._events):
            self._start(int(self._events.at_ns[0]))
            self._replay()
        end_ns = int(self._events.at_ns[-1]) if len(self._events) else 0
        self._catch_up(end_ns + 1)
        return SimulationResult(
            books=self._events.books,
            reports=tuple(self._reports),
            orders={name: _sent(working) for name, working in self._orders.items()},
            denials=tuple(self._denials),
            quotes=tuple(self._quotes),
            n_events=len(self._events),
            n_decisions=self._n_decisions,
            counts=dict(sorted(self._counts.items())),
            end_ns=end_ns,
        )

    def _start(self, first_ns: int) -> None:
        self.now_ns = first_ns
        for name, venue in self._terms.venues.items():
            for from_ns, until_ns in venue.outages_ns:
                self._messages.put(from_ns - 1, self._outage, (name, from_ns, True))
                self._messages.put(until_ns - 1, self._outage, (name, until_ns, False))
            if venue.session is not None:
                for at_ns, lives in (
                    (venue.session.close_ns, _DAY | {TimeInForce.OPG}),
                    (venue.session.end_ns, frozenset(TimeInForce)),
                ):
                    self._messages.put(at_ns - 1, self._session_end, (name, at_ns, lives))
        for desk in self._desks:
            desk.set_session(first_ns)
        self._ask(self._strategy.started(first_ns), first_ns)

    def _replay(self) -> None:
        applies = [desk.book.apply for desk in self._desks]
        messages = self._messages
        columns = self._events.columns()
        for at_ns, kind, place, order_id, side, price, shares, ask, ask_shares in zip(*columns, strict=True):
            if messages.next_ns < at_ns:
                self._catch_up(at_ns)
            self.now_ns = at_ns
            if applies[place][kind](order_id, side, price, shares, ask, ask_shares):
                self._publish(place)
            if self.is_touched:
                self._settle(place)

    def _publish(self, place: int) -> None:
        """Send what is to be seen of a book; pegs follow it first."""
        desk = self._desks[place]
        book, messages, now_ns = desk.book, self._messages, self.now_ns
        shown, shift = book.shown, desk.own.shift_e4
        bid = book.bids[-1] if book.bids else 0
        ask = book.asks[-1] if book.asks else 0
        bid_shares, ask_shares = shown[bid] if bid else 0, shown[ask] if ask else 0
        bid, ask = bid and bid + shift, ask and shift - ask
        if self._n_pegs:
            self._peg(desk.name.symbol)
        seen_ns = now_ns + next(messages.feed)
        if seen_ns < messages.seen_ns:  # noqa: PLR1730  # on the hot path a call costs more than it says
            seen_ns = messages.seen_ns
        messages.seen_ns = seen_ns
        last = (book.last_e4, book.last_shares, book.last_side)
        messages.views.append(_tuple(View, (place, now_ns, seen_ns, bid, bid_shares, ask, ask_shares, *last)))
        if seen_ns < messages.next_ns:  # noqa: PLR1730  # likewise
            messages.next_ns = seen_ns
        if self._terms.records_quotes and self._tops.get(place) != (bid, ask):
            self._tops[place] = (bid, ask)
            self._quotes.append((place, now_ns, bid, ask))

    def _catch_up(self, until_ns: int) -> None:
        """Do all that is due before an instant."""
        messages = self._messages
        views, seen, known = messages.views, self._strategy.seen, self._views
        while (now_ns := messages.next_ns) < until_ns:
            self.now_ns = now_ns
            if views and views[0][2] == now_ns:
                view = views.popleft()
                messages.ahead()
                known[view[0]] = view
                answers = seen(view)
                if answers:
                    self._ask(answers, now_ns)
            else:
                _, _, action, what = heappop(messages.due)
                messages.ahead()
                action(what)

    def _settle(self, place: int) -> None:
        """After trades of ours and woken stops: let stops enter, move prices by our impact."""
        desk = self._desks[place]
        while self.is_touched:
            self.is_touched = False
            desk.wake_stops()
            self._shift(place)
            for other in self._elsewhere[place] if desk.impact is not None else ():
                self._shift(other)

    def _shift(self, place: int) -> None:
        desk = self._desks[place]
        if desk.shifted():
            self._publish(place)
        impact = desk.impact
        if impact is not None and impact.is_fading and not desk.is_fading:
            desk.is_fading = True
            self._messages.put(self.now_ns + impact.step_ns, self._fade, place)

    def _fade(self, place: int) -> None:
        self._desks[place].is_fading = False
        self._shift(place)
        self._settle(place)

    def _peg(self, symbol: str) -> None:
        """Put the pegged orders of a symbol at the middle of the best prices of all venues."""
        desks = self._of_symbol[symbol]
        bid = max(desk.bid_e4 for desk in desks)
        asks = [desk.ask_e4 for desk in desks if desk.ask_e4]
        for desk in desks:
            if desk.own.pegs:
                desk.peg(bid, min(asks, default=0))

    # ---- what the strategy asks for

    def _ask(self, requests: Iterable[Request], now_ns: int) -> None:
        for request in requests:
            match request:
                case Send():
                    self._send(request, now_ns)
                case Cancel():
                    self._change(request.cl_ord_id, request, now_ns)
                case Replace():
                    self._change(request.cl_ord_id, request, now_ns)
                case Wake():
                    self._messages.put(max(request.at_ns, now_ns), self._wake, max(request.at_ns, now_ns))

    def _send(self, request: Send, now_ns: int) -> None:
        order, place = request.order, self._places.get((request.venue, request.order.symbol))
        fault = _local_fault(request, place, self._orders)
        if place is None or fault:
            self._counts["order-not-sent"] += 1
            self._denials.append(Denial(now_ns, order.cl_ord_id, order.shares, 0, fault))
            return
        view = self._views.get(place)
        self._n_decisions += 1
        allowed, reason = self._guard(order, view, self._standing, now_ns)
        if allowed != order.shares:
            allowed = max(0, min(allowed, order.shares))
            self._denials.append(Denial(now_ns, order.cl_ord_id, order.shares, allowed, reason))
            if not allowed:
                return
            order = replace(order, shares=allowed)
        middle = (view.bid_e4 + view.ask_e4) // 2 if view is not None and view.bid_e4 and view.ask_e4 else None
        working = Working(order, place, now_ns, middle)
        self._orders[order.cl_ord_id] = working
        self._pend(working, order.shares)
        self._messages.put(self._messages.arrival_ns(_OUT, request.venue, now_ns), self._arrive, working)

    def _change(self, cl_ord_id: str, request: Cancel | Replace, now_ns: int) -> None:
        working = self._orders.get(cl_ord_id)
        if working is None:
            self._counts["change-of-unknown-order"] += 1
            return
        if isinstance(request, Replace) and not self._allows(working, request, now_ns):
            return
        venue = self._desks[working.place].name.venue
        due_ns = self._messages.arrival_ns(_OUT, venue, now_ns)
        self._messages.put(due_ns, self._arrive_change, (working, request))

    def _allows(self, working: Working, request: Replace, now_ns: int) -> bool:
        """Whether the guard lets an order be changed: it judges what shares come on top, or one at a bolder limit.

        What is bolder in nothing, or is no order, which the venue refuses, needs no judgement.
        """
        order = working.order
        more = request.shares - order.shares
        is_bolder = order.limit_e4 is not None and working.sign * (request.limit_e4 - order.limit_e4) > 0
        asked = replace(order, shares=max(more, 1), limit_e4=request.limit_e4)
        if (more <= 0 and not is_bolder) or order_fault(asked):
            return True
        self._n_decisions += 1
        allowed, reason = self._guard(asked, self._views.get(working.place), self._standing, now_ns)
        if allowed >= asked.shares:
            return True
        self._denials.append(Denial(now_ns, order.cl_ord_id, asked.shares, 0, reason))
        return False

    def _wake(self, at_ns: int) -> None:
        self._ask(self._strategy.woken(at_ns), at_ns)

    # ---- what reaches a venue

    def _arrive(self, working: Working) -> None:
        desk = self._desks[working.place]
        desk.arrive(working)
        if working.stage is not Stage.DONE and working.order.expires_ns is not None:
            self._messages.put(working.order.expires_ns - 1, self._expire, working)
        if desk.own.pegs:
            self._peg(desk.name.symbol)
        self._n_pegs = sum(len(one.own.pegs) for one in self._desks)
        self._settle(working.place)

    def _arrive_change(self, what: tuple[Working, Cancel | Replace]) -> None:
        working, request = what
        desk = self._desks[working.place]
        if isinstance(request, Cancel):
            desk.cancel(working)
        else:
            desk.replace(working, request.shares, request.limit_e4)
        self._settle(working.place)

    def _expire(self, working: Working) -> None:
        self.now_ns += 1
        self._desks[working.place].expire(working)

    def _outage(self, what: tuple[str, int, bool]) -> None:
        venue, self.now_ns, is_out = what
        for desk in self._desks:
            if desk.name.venue == venue:
                desk.is_out = is_out
                if is_out:
                    desk.end_all(frozenset(TimeInForce), ExecType.CANCELED, "the venue has an outage")

    def _session_end(self, what: tuple[str, int, frozenset[TimeInForce]]) -> None:
        venue, self.now_ns, lives = what
        for desk in self._desks:
            if desk.name.venue == venue:
                desk.set_session(self.now_ns)
                desk.end_all(lives, ExecType.EXPIRED, "the session is over")

    # ---- what venues say

    def tell(self, working: Working, exec_type: ExecType, trade: Trade, pending: int, text: str) -> None:
        """A venue has said something of an order: note it, and send it back to the strategy."""
        shares, price_e4, fee_e6, liquidity = trade
        told_ns = self._messages.arrival_ns(_BACK, self._desks[working.place].name.venue, self.now_ns)
        row = (
            self.now_ns,
            told_ns,
            working.place,
            working.order.cl_ord_id,
            exec_type,
            working.status,
            shares,
            price_e4,
        )
        report = Report(*row, working.leaves, working.filled, fee_e6, liquidity, text)
        self._reports.append(report)
        self._messages.put(told_ns, self._told, (working, report, pending))

    def _told(self, what: tuple[Working, Report, int]) -> None:
        working, report, pending = what
        symbol, standing = working.order.symbol, self._standing
        if report.exec_type is ExecType.TRADE:
            held = standing.position_shares
            held[symbol] = held.get(symbol, 0) + working.sign * report.last_shares
            standing.cash_e6 -= working.sign * report.last_shares * report.last_e4 * 100 + report.fee_e6
        self._pend(working, pending)
        answers = self._strategy.told(report)
        if answers:
            self._ask(answers, report.told_ns)

    def _pend(self, working: Working, shares: int) -> None:
        standing = self._standing
        pending = standing.pending_buy_shares if working.sign > 0 else standing.pending_sell_shares
        pending[working.order.symbol] = pending.get(working.order.symbol, 0) + shares


def _local_fault(request: Send, place: int | None, known: dict[str, Working]) -> str:
    """Why an order never leaves, whatever the guard would say."""
    if place is None:
        return f"there is no book of {request.order.symbol} at {request.venue}"
    if request.order.cl_ord_id in known:
        return f"ClOrdID {request.order.cl_ord_id} was used before"
    return order_fault(request.order)


def _sent(working: Working) -> SentOrder:
    return SentOrder(
        order=working.order,
        place=working.place,
        decided_ns=working.decided_ns,
        arrived_ns=working.arrived_ns,
        mid_e4=working.mid_e4,
        filled_shares=working.filled,
        cost_e4=working.cost_e4,
        fee_e6=working.fee_e6,
        leaves_shares=working.leaves,
        ord_status=working.status,
        ahead_shares=working.first_ahead,
    )
