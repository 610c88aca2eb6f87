"""Our own orders at one book: price, then time; what they take from it, and what trades in it give to them.

The recording does not answer us, so what we take is remembered: shares of a level that we have had are not there a
second time, until the feed says that the level shows fewer. The rules for an order that rests:

 1. Shares that trade at a worse price than ours would have met us first.
 2. Shares that trade at our price go first to who stood before us. Where the feed names orders, that is known to the
    share; where it shows levels, the queue model says so (`nodes.kernels.simulator.queue`).
 3. Shares of the other side that come to rest at our price or a better one for us would have met us.
 4. A trade of which nobody knows which side rested fills only orders at better prices than its own.
 5. Where a halt ends, what has gathered on both sides trades at one price (`nodes.kernels.simulator.uncrossing`).
 6. No trade, and no shares that come to rest, fill more of our orders than its own shares, times the largest part that
    the venue's terms allow.

Our own orders never trade with each other: one that would is refused.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from typing import Protocol

from nodes.kernels.simulator.book import BEHIND_ALL, Book
from nodes.kernels.simulator.orders import NO_PRICE, Stage, Working
from nodes.kernels.simulator.queue import UNKNOWN_SHARES, QueueModel, free_shares
from nodes.kernels.simulator.results import LIQUIDITY
from nodes.kernels.simulator.uncrossing import Uncrossing, uncrossing
from nodes.vocabulary.trading import TimeInForce


class Owner(Protocol):
    """Who is told what becomes of orders at a book."""

    def filled(self, working: Working, shares: int, price_e4: int, liquidity: int) -> None:
        """Shares of an order have traded."""
        ...

    def own_e4(self, shares: int, price_e4: int) -> int:
        """What a trade of shares, negative when sold, adds to its own price."""
        ...

    def woke(self) -> None:
        """Stops have woken."""
        ...

    def auction_over(self) -> None:
        """An auction has traded, and ours have had their part of it."""
        ...


class OwnOrders:
    """Our orders at one book. The book must be given to `at` before anything else happens.

    Attributes:
        is_listening: whether anything of ours is at the book.
        resting: orders by key, in the order in which they came.
        bids: keys of our bids, best last.
        asks: keys of our offers, best last.
        stops: orders that wait for a price.
        auction: orders that wait for an auction.
        pegs: orders that follow the middle; parked while there is none.
        taken: shares that we have had of a level that still shows them, by key.
        shift_e4: how far our impact has moved the recording's prices.
        woken: stops that the last trades have woken.
        called: for which times in force the next auction is.
        tick_e4: the book's tick.
    """

    __slots__ = (
        "_book",
        "_hidden_frac",
        "_max_frac",
        "_owner",
        "_queue",
        "asks",
        "auction",
        "bids",
        "called",
        "is_listening",
        "pegs",
        "resting",
        "shift_e4",
        "stops",
        "taken",
        "tick_e4",
        "woken",
    )

    def __init__(self, queue: QueueModel, hidden_frac: float, max_frac: float, owner: Owner) -> None:
        self._queue = queue
        self._hidden_frac = hidden_frac
        self._max_frac = max_frac
        self._owner = owner
        self._book: Book
        self.is_listening = False
        self.resting: dict[int, list[Working]] = {}
        self.bids: list[int] = []
        self.asks: list[int] = []
        self.stops: list[Working] = []
        self.auction: list[Working] = []
        self.pegs: list[Working] = []
        self.taken: dict[int, int] = {}
        self.shift_e4 = 0
        self.woken: list[Working] = []
        self.called: frozenset[TimeInForce] = frozenset(TimeInForce)
        self.tick_e4 = 1

    def at(self, book: Book) -> OwnOrders:
        """These orders at a book."""
        self._book = book
        return self

    # ---- what is there to take

    def offers(self, sign: int, limit_key: int, tick_e4: int, *, past_best: bool) -> Iterator[tuple[int, int, int]]:
        """Price, key and shares that an order of a sign and a limit can have, best first.

        Args:
            sign: 1 for a purchase.
            limit_key: sign times limit, in the recording's prices.
            tick_e4: the book's tick.
            past_best: whether an L1 book goes on past its only level, with the same size a tick further each time.
        """
        book = self._book
        ladder = book.asks if sign > 0 else book.bids
        key = 0
        for key in reversed(ladder):
            if key + limit_key < 0 or abs(key) + self.shift_e4 <= 0:
                return
            yield abs(key), key, self._free(key, book.shown[key])
        if not past_best or book.knows_levels or not key:
            return
        shares = book.shown[key]
        if not self._part(self._there(shares)):  # of a level so thin nothing can be had, a tick further neither
            return
        least_e4 = tick_e4 - min(self.shift_e4, 0)
        while (key := key - tick_e4) + limit_key >= 0 and abs(key) >= least_e4 and key * sign < 0:
            yield abs(key), key, self._free(key, shares)

    def taking(self, working: Working, tick_e4: int, *, past_best: bool) -> list[tuple[int, int, int]]:
        """What an order takes of the book, not yet taken: price, key, shares; no more than its limit bears."""
        found: list[tuple[int, int, int]] = []
        wanted = working.leaves
        for price, key, free in self.offers(working.sign, self.recorded_key(working), tick_e4, past_best=past_best):
            there = min(wanted, free)
            shares, own_e4 = self._bearable(working, price, working.leaves - wanted, there)
            if shares:
                found.append((price + own_e4, key, shares))
                wanted -= shares
            if not wanted or shares < there:
                break
        return found

    def take(self, working: Working, found: list[tuple[int, int, int]]) -> None:
        """Fill an order with what `taking` found."""
        for price, key, shares in found:
            self.taken[key] = self.taken.get(key, 0) + shares
            self._owner.filled(working, shares, price + self.shift_e4, LIQUIDITY.REMOVED)
        self.listen()

    def recorded_key(self, working: Working) -> int:
        """An order's limit as a key of the recording's prices; the least there is where our impact goes beyond it."""
        if working.limit_key == NO_PRICE:
            return NO_PRICE
        return working.sign * max(working.sign * working.limit_key - self.shift_e4, 1)

    def meets_own(self, working: Working, found: list[tuple[int, int, int]]) -> bool:
        """Whether an order that can take what was found would come to a price at which one of ours waits for it."""
        others = self.asks if working.sign > 0 else self.bids
        if not others:
            return False
        if sum(shares for _, _, shares in found) < working.leaves:
            return self.recorded_key(working) + others[-1] >= 0
        return others[-1] > found[-1][1]

    # ---- where orders wait

    def rest(self, working: Working, key: int) -> None:
        """Put an order at the back of a key."""
        book = self._book
        shown = book.shown.get(key, 0)
        ladder = book.bids if key > 0 else book.asks
        is_shown = book.knows_levels or not ladder or key >= ladder[-1]
        working.key, working.arrival, working.explained = key, book.n_arrivals, 0
        working.ahead = max(0, shown - self.taken.get(key, 0)) if is_shown else UNKNOWN_SHARES
        if working.first_ahead is None:
            working.first_ahead = working.ahead
        working.stage = Stage.RESTING
        mine = self.bids if key > 0 else self.asks
        if key not in self.resting:
            self.resting[key] = []
            insort(mine, key)
        self.resting[key].append(working)
        self.is_listening = True

    def withdraw(self, working: Working) -> None:
        """Take an order from where it waits."""
        if working.stage is Stage.RESTING:
            waiting = self.resting[working.key]
            waiting.remove(working)
            if not waiting:
                del self.resting[working.key]
                (self.bids if working.key > 0 else self.asks).remove(working.key)
        elif working.stage is Stage.STOPPED:
            self.stops.remove(working)
        elif working.stage is Stage.AUCTION:
            self.auction.remove(working)
        working.stage = Stage.PARKED
        self.listen()

    def listen(self) -> None:
        """Listen while anything of ours is at the book."""
        self.is_listening = bool(self.resting or self.stops or self.taken)

    def all(self) -> list[Working]:
        """Every order at the book, resting ones first, in the order in which they came to their prices."""
        parked = [peg for peg in self.pegs if peg.stage is Stage.PARKED]
        return [one for waiting in self.resting.values() for one in waiting] + self.stops + self.auction + parked

    # ---- what the book says

    def heard_trade(self, key: int, shares: int, arrival: int) -> None:
        """A trade: fill what would have met it first, move queues up, wake stops."""
        mine = self.bids if key > 0 else self.asks
        if mine and mine[-1] >= key:
            self._met(mine, key, self._part(shares), shares, arrival)
        if self.stops:
            self._wake(abs(key) + self.shift_e4)

    def heard_inside(self, price_e4: int, shares: int) -> None:
        """A trade between the best prices: only orders at better prices than its own are sure to have met it."""
        budget = self._part(shares)
        for mine, key in ((self.bids, price_e4), (self.asks, -price_e4)):
            while mine and mine[-1] > key and budget:
                budget = self._fill_at(mine[-1], budget)
        if self.stops:
            self._wake(price_e4 + self.shift_e4)

    def heard_fall(self, key: int, shares: int, arrival: int) -> None:
        """Named shares have left: those before us bring us forward."""
        if key in self.resting:
            for working in self.resting[key]:
                if arrival <= working.arrival:
                    working.ahead = max(0, working.ahead - shares)
        if self.taken:
            self._give_back(key, shares)

    def heard_rise(self, key: int, shares: int) -> None:
        """Named shares have come: on the other side, those that would have met us fill us."""
        others = self.asks if key > 0 else self.bids
        if others and key + others[-1] >= 0 and self._book.status > 0:
            self._cross(key, shares)

    def heard_level(self, key: int, before_shares: int, shares: int) -> None:
        """A level shows another size: the queue model moves orders there; a rise can meet orders of the other side."""
        for working in self.resting.get(key, ()):
            self._restate(working, before_shares, shares)
        if shares < before_shares:
            self._give_back(key, before_shares - shares)
        else:
            self.heard_rise(key, shares - before_shares)

    def heard_open(self) -> None:
        """Prices that stood apart now meet: what rests on the other side fills what it crosses, unless in a halt."""
        if self._book.status <= 0:
            return
        for ladder in (self._book.bids, self._book.asks):
            for key in tuple(reversed(ladder)):
                others = self.asks if key > 0 else self.bids
                if not others or key + others[-1] < 0:
                    break
                self._cross(key, max(0, self._book.shown[key] - self.taken.get(key, 0)))

    def heard_reopening(self) -> None:
        """A halt is over: what of ours meets what rests on the other side trades with it at one price.

        An auction that the feed tells of trades before this, and what it leaves no longer meets.
        """
        for ladder, mine in ((self._book.asks, self.bids), (self._book.bids, self.asks)):
            met = [key for key in reversed(ladder) if mine and key + mine[-1] >= 0]
            theirs = [(abs(key), self._part(max(0, self._book.shown[key] - self.taken.get(key, 0)))) for key in met]
            gathered = [one for key in reversed(mine) for one in self.resting[key]]
            ours = [(abs(one.key), one.leaves) for one in gathered]
            sides = (ours, theirs) if mine is self.bids else (theirs, ours)
            found = uncrossing(*sides, self._book.last_e4, self.tick_e4)
            if found is not None:
                self._reopened(gathered, found)
                self._taken_of(met, found.shares)

    def _reopened(self, gathered: list[Working], found: Uncrossing) -> None:
        """Fill orders, the best first, at the one price of a reopening."""
        budget = found.shares
        for working in gathered:
            filled = min(budget, working.leaves)
            if filled and working.key >= working.sign * found.price_e4:
                budget -= filled
                if filled == working.leaves:
                    self.withdraw(working)
                self._owner.filled(working, filled, found.price_e4 + self.shift_e4, LIQUIDITY.AUCTION)

    def _taken_of(self, keys: list[int], shares: int) -> None:
        """Remember whose shares these were: of the best levels first."""
        for key in keys:
            part = min(shares, max(0, self._book.shown[key] - self.taken.get(key, 0)))
            if part:
                self.taken[key] = self.taken.get(key, 0) + part
                shares -= part
        self.listen()

    def lost_sight(self, key: int) -> None:
        """A level is out of sight: queues there stay as they are, and what we took of it may be there again."""
        if self.taken.pop(key, None) is not None:
            self.listen()

    def heard_cross(self, price_e4: int, shares: int) -> None:
        """An auction: orders that wait for one, then orders that rest, at its price, when theirs is better.

        An order at the very price of the auction shares it with others of unknown place: it gets nothing.
        """
        budget = self._part(shares)
        for working in [*self.auction, *(one for waiting in self.resting.values() for one in waiting)]:
            filled, own_e4 = min(budget, working.leaves), 0
            is_better = self.recorded_key(working) > working.sign * price_e4
            if filled and is_better and working.order.time_in_force in self.called:
                filled, own_e4 = self._bearable(working, price_e4, 0, filled)
                budget -= filled
                if filled == working.leaves:
                    self.withdraw(working)
                if filled:
                    self._owner.filled(working, filled, price_e4 + own_e4 + self.shift_e4, LIQUIDITY.AUCTION)
        self._owner.auction_over()

    # ---- how

    def _bearable(self, working: Working, price_e4: int, had_shares: int, shares: int) -> tuple[int, int]:
        """How many shares at a price an order can have, and what they add to it: no more than its limit bears."""
        room_e4 = self.recorded_key(working) - working.sign * price_e4
        own_e4 = self._owner.own_e4(working.sign * (had_shares + shares), price_e4)
        if working.sign * own_e4 <= room_e4:
            return shares, own_e4
        least, most = 0, shares
        while most - least > 1:
            middle = (least + most) // 2
            own_e4 = self._owner.own_e4(working.sign * (had_shares + middle), price_e4)
            least, most = (middle, most) if working.sign * own_e4 <= room_e4 else (least, middle)
        return least, self._owner.own_e4(working.sign * (had_shares + least), price_e4) if least else 0

    def _free(self, key: int, shown: int) -> int:
        return max(0, self._part(self._there(shown)) - self.taken.get(key, 0))

    def _there(self, shown: int) -> int:
        return shown + int(shown * self._hidden_frac) if self._hidden_frac else shown

    def _part(self, shares: int) -> int:
        return shares if self._max_frac >= 1.0 else int(shares * self._max_frac)

    def _met(self, mine: list[int], key: int, budget: int, shares: int, arrival: int) -> None:
        """Fill our orders of a side that a trade at a key would have met."""
        while mine and mine[-1] > key and budget:
            budget = self._fill_at(mine[-1], budget)
        waiting = self.resting.get(key)
        if waiting is None:
            return
        used, best = 0, (self._book.bids if key > 0 else self._book.asks)[-1:]
        for working in tuple(waiting):
            if working.ahead == UNKNOWN_SHARES and best < [key]:
                working.ahead = 0
            if arrival != BEHIND_ALL:
                free = shares if arrival > working.arrival else 0
            elif self._book.knows_orders:
                free = 0 if working.ahead else shares
            else:
                free, left = free_shares(working.ahead, shares)
                working.explained += min(working.ahead, shares)
                working.ahead = left
            filled = max(0, min(free - used, budget, working.leaves))
            if filled:
                used += filled
                budget -= filled
                self._fill(working, filled)

    def _fill_at(self, key: int, budget: int) -> int:
        """Fill orders at a key in turn; what is left of the budget."""
        for working in tuple(self.resting[key]):
            filled = min(budget, working.leaves)
            if filled:
                budget -= filled
                self._fill(working, filled)
        return budget

    def _fill(self, working: Working, shares: int) -> None:
        price = abs(working.key) + self.shift_e4
        if working.leaves == shares:
            self.withdraw(working)
        self._owner.filled(working, shares, price, LIQUIDITY.ADDED)

    def _cross(self, key: int, shares: int) -> None:
        """Shares have come to rest that would have met our orders of the other side."""
        mine = self.asks if key > 0 else self.bids
        budget = self._part(shares)
        while mine and key + mine[-1] >= 0 and budget:
            left = self._fill_at(mine[-1], budget)
            self.taken[key] = self.taken.get(key, 0) + budget - left
            budget = left
        self.listen()

    def _restate(self, working: Working, before: int, shares: int) -> None:
        if working.ahead == UNKNOWN_SHARES:
            working.ahead = shares
            return
        fall = before - shares
        if fall > 0:
            unexplained = max(0, fall - working.explained)
            working.explained = max(0, working.explained - fall)
            behind = max(0, before - (fall - unexplained) - working.ahead)
            if unexplained:
                working.ahead = self._queue(working.ahead, behind, unexplained)
        working.ahead = max(0, min(working.ahead, shares))

    def _give_back(self, key: int, shares: int) -> None:
        """Shares that left a level are first those that we have had."""
        taken = self.taken.get(key)
        if taken is None:
            return
        if taken > shares:
            self.taken[key] = taken - shares
        else:
            del self.taken[key]
            self.listen()

    def _wake(self, price_e4: int) -> None:
        """Stops whose price has traded."""
        for working in tuple(self.stops):
            stop_e4 = working.order.stop_e4
            if stop_e4 is not None and working.sign * (price_e4 - stop_e4) >= 0:
                self.stops.remove(working)
                self.woken.append(working)
        if self.woken:
            self._owner.woke()
