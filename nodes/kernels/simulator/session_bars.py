"""One session's bar as the market that an order meets: its opening auction, and a book at each venue of the session.

A bar does not say when a price was there, nor who quoted it. What stands in for that:

 1. The auction that an order goes to trades a given part of the volume at the bar's open, or its close, moved against
    the order by a given part of half the spread: an auction has one price, and what it costs to come to it is an
    estimate.
 2. The session is four quarters, and the open, the nearer extreme, the farther one and the close stand for one each, in
    the middle of it. There each venue quotes, and then prints its part of a quarter of the volume. At the low what
    traded was a bid, and the offer stands a spread above it; at the high an offer; else the price is in the middle.
 3. At each best price a given part of the day's volume waits in sight, before whoever comes later; unseen behind it is
    as much as the venue trades in a quarter.
 4. While an order is on its way the price goes on by a given drift, and the venues quote anew just before it comes.
 5. On its way from one of the four prices to the next it passes those between. Where it comes to a stop on that way, a
    share prints there, at the offer for a purchase and at the bid for a sale, and the venues quote around it.
 6. Who follows the middle does so all the way, and nobody meets him where it was: on the way nobody quotes to him.

Source: nautilus_trader, docs/concepts/backtesting.md, "Bar execution", for the order of a bar's extremes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from nodes.kernels.simulator.events import BookName, EventKind, MarketEvents, events_of_rows
from nodes.vocabulary.trading import E4_PER_USD

N_QUARTERS = 4
_BEFORE_NS = 3_600_000_000_000
"""Orders for the auction are on their way an hour before it."""
Row = tuple[int, ...]
Level = tuple[int, int]
_NOBODY: Level = (0, 0)
_OPEN: Level = (1, 0)
"""What a STATUS event says of a venue that trades."""


class BarPrices(NamedTuple):
    """A bar's prices in 1/10,000 USD.

    Attributes:
        open_e4: the first.
        high_e4: the highest.
        low_e4: the lowest.
        close_e4: the last.
    """

    open_e4: int
    high_e4: int
    low_e4: int
    close_e4: int

    @property
    def path(self) -> tuple[tuple[int, int], ...]:
        """The four in the order in which they are taken to have come: the extreme nearer to the open first.

        With each the side that rested there: 1 the bid, -1 the offer, 0 where nobody knows.
        """
        extremes = ((self.high_e4, -1), (self.low_e4, 1))
        falls = self.high_e4 - self.open_e4 > self.open_e4 - self.low_e4
        return ((self.open_e4, 0), *(extremes[::-1] if falls else extremes), (self.close_e4, 0))


class Moment(NamedTuple):
    """An instant at which the venues quote.

    Attributes:
        at_ns: when.
        price_e4: what trades then.
        rested: side that rested there: 1 the bid, -1 the offer, 0 where nobody knows.
        is_quarter: whether it is the middle of a quarter, and a quarter of the volume prints; one share else.
    """

    at_ns: int
    price_e4: int
    rested: int
    is_quarter: bool = True


class BookPart(NamedTuple):
    """What a venue has of a session.

    Attributes:
        venue: its name.
        quarter_shares: what it trades in a quarter.
        shown_shares: what it shows at a best price.
    """

    venue: str
    quarter_shares: int
    shown_shares: int


@dataclass(frozen=True)
class SessionBook:
    """What a session's events are made of.

    Attributes:
        symbol: of which share.
        open_ns: first instant.
        close_ns: first instant after it.
        prices: of the bar.
        half_spread_e4: half the spread, in 1/10,000 USD.
        auction_venue: where the auction is.
        auction_shares: what it trades; 0 for none.
        auction_e4: its price.
        auction_is_closing: whether it is the closing one.
        parts: the venues of the session.
        away_ns: how long an order is on its way.
        drift_frac: what the price does meanwhile, as a fraction of it.
        stop: side of an order that waits for a price, and that price; None where none does.
        is_followed: whether the order follows the middle.
    """

    symbol: str
    open_ns: int
    close_ns: int
    prices: BarPrices
    half_spread_e4: float
    auction_venue: str
    auction_shares: int
    auction_e4: int
    parts: tuple[BookPart, ...]
    away_ns: int
    drift_frac: float
    auction_is_closing: bool = False
    stop: tuple[int, int] | None = None
    is_followed: bool = False

    @property
    def auction_ns(self) -> int:
        """When the auction trades."""
        return self.close_ns if self.auction_is_closing else self.open_ns

    @property
    def auction_base_e4(self) -> int:
        """The bar's price that stands for it."""
        return self.prices.close_e4 if self.auction_is_closing else self.prices.open_e4

    @property
    def tick_e4(self) -> int:
        """The tick of the session: a cent, a hundredth of one where the share trades under a dollar."""
        return 100 if self.prices.low_e4 >= E4_PER_USD else 1

    def quarter_ns(self, quarter: int) -> int:
        """The middle of a quarter."""
        return self.open_ns + (self.close_ns - self.open_ns) * (2 * quarter + 1) // (2 * N_QUARTERS)

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """When the venues quote, in order."""
        path = [Moment(self.quarter_ns(place), *point) for place, point in enumerate(self.prices.path)]
        crossing = None if self.stop is None else _crossing(path, *self.stop)
        return tuple(path if crossing is None else sorted([*path, crossing]))

    def middle_e4(self, moment: Moment) -> float:
        """The middle between the best prices at a moment, before anybody is on his way."""
        return moment.price_e4 + moment.rested * self.half_spread_e4

    def on_tick_e4(self, price_e4: float, side: int) -> int:
        """A price on tick, rounded against an order: up for a purchase (side 1), down for a sale (side -1)."""
        found, tick = round(price_e4, _DIGITS), self.tick_e4
        return -int(-found // tick) * tick if side > 0 else max(int(found // tick) * tick, tick)

    def quote_e4(self, moment: Moment, side: int, drift_frac: float = 0.0) -> int:
        """The best price at a moment that a purchase (side 1) or a sale (side -1) meets."""
        middle_e4 = self.middle_e4(moment) * (1.0 + drift_frac)
        return self.on_tick_e4(middle_e4 + side * self.half_spread_e4, side)

    @property
    def books(self) -> tuple[BookName, ...]:
        """The auction's book, then the venues'."""
        venues = dict.fromkeys((self.auction_venue, *(part.venue for part in self.parts)))
        return tuple(BookName(venue, self.symbol, self.tick_e4) for venue in venues)


_DIGITS = 6


def session_events(session: SessionBook) -> MarketEvents:
    """The session as market events."""
    books = session.books
    places = {book.venue: place for place, book in enumerate(books)}
    auction = places[session.auction_venue]
    rows = [_row(session.open_ns - _BEFORE_NS, EventKind.STATUS, auction, _OPEN)]
    if session.auction_shares:
        rows.append(_row(session.auction_ns, EventKind.CROSS, auction, (session.auction_e4, session.auction_shares)))
    for moment in session.moments:
        if session.is_followed:
            rows += [_row(moment.at_ns, EventKind.QUOTE, places[part.venue], _NOBODY) for part in session.parts]
        rows += [row for part in session.parts for row in _met(session, part, places[part.venue], moment)]
        if session.drift_frac and moment.is_quarter:
            rows += [_quote(session, part, places[part.venue], moment, is_late=True) for part in session.parts]
    rows.append(_row(session.close_ns, EventKind.STATUS, auction, _OPEN))
    return events_of_rows(books, sorted(rows, key=itemgetter(0)))


def _crossing(path: Sequence[Moment], side: int, stop_e4: int) -> Moment | None:
    """Where the way from one price to the next comes to a stop between them; None where one of them is the first."""
    for before, after in pairwise(path):
        if side * (before.price_e4 - stop_e4) >= 0:
            return None
        if side * (after.price_e4 - stop_e4) > 0:
            gone = (after.at_ns - before.at_ns) * (stop_e4 - before.price_e4) // (after.price_e4 - before.price_e4)
            return Moment(before.at_ns + gone, stop_e4, -side, is_quarter=False)
    return None


def _met(session: SessionBook, part: BookPart, place: int, moment: Moment) -> list[Row]:
    """A venue's quote and print at a moment."""
    quote = _quote(session, part, place, moment, is_late=False)
    if not part.quarter_shares:
        return [quote]
    shares = part.quarter_shares if moment.is_quarter else 1
    return [quote, _row(moment.at_ns, EventKind.TRADE, place, (moment.price_e4, shares), side=moment.rested)]


def _quote(session: SessionBook, part: BookPart, place: int, moment: Moment, *, is_late: bool) -> Row:
    drift = session.drift_frac if is_late else 0.0
    return _row(
        moment.at_ns + (session.away_ns if is_late else 0),
        EventKind.QUOTE,
        place,
        (session.quote_e4(moment, -1, drift), part.shown_shares),
        (session.quote_e4(moment, 1, drift), part.shown_shares),
    )


def _row(at_ns: int, kind: EventKind, place: int, here: Level, ask: Level = (0, 0), side: int = 0) -> Row:
    """An event: what it says of a price, and of the offer beside it."""
    return (at_ns, int(kind), place, 0, side, *here, *ask)
