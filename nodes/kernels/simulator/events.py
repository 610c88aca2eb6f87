"""Market events as columns of whole numbers: order by order (L3), level by level (L2), best quotes and prints (L1).

A column each for what an event can say; a kind uses those it needs and leaves 0 in the others. Kinds 1 to 7 have the
codes of LOBSTER. `screened` refuses or drops what cannot be true of any one event; what only a book can know to be
wrong (an order twice, an unknown one, a cross) is counted by `nodes.kernels.simulator.book`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from nodes.kernels.arrays import Index
from nodes.vocabulary.errors import DataError


class EventKind(IntEnum):
    """What an event says. Source of 1 to 7: LOBSTER, message files, https://lobsterdata.com/info/DataStructure.php."""

    ADD = 1
    REDUCE = 2
    DELETE = 3
    EXECUTE = 4
    HIDDEN = 5
    CROSS = 6
    STATUS = 7
    LEVEL = 8
    QUOTE = 9
    TRADE = 10


N_KINDS = 11
_SIZED = (EventKind.ADD, EventKind.REDUCE, EventKind.EXECUTE, EventKind.HIDDEN, EventKind.CROSS, EventKind.TRADE)
_PRICED = (EventKind.ADD, EventKind.EXECUTE, EventKind.HIDDEN, EventKind.CROSS, EventKind.LEVEL, EventKind.TRADE)
_ON_TICK = (EventKind.ADD, EventKind.LEVEL)
_SIDED = (EventKind.ADD, EventKind.LEVEL)


@dataclass(frozen=True, slots=True)
class BookName:
    """One symbol at one venue.

    Attributes:
        venue: the venue, e.g. "XNAS".
        symbol: the share.
        tick_e4: smallest step of displayed prices, in 1/10,000 USD.
    """

    venue: str
    symbol: str
    tick_e4: int = 100


@dataclass(frozen=True, slots=True)
class MarketEvents:
    """Events of some books in the order in which the venues made them.

    Attributes:
        books: the books; `place` counts in this tuple.
        at_ns: when it happened at the venue, ns UTC.
        kind: an EventKind.
        place: which book.
        order_id: the order of ADD, REDUCE, DELETE and EXECUTE.
        side: 1 for the bid, -1 for the offer. Of TRADE and HIDDEN the side that rested, 0 where nobody says.
        price_e4: price in 1/10,000 USD; of QUOTE the bid, 0 when there is none; of STATUS -1 halted, 0 quoting only,
            1 trading.
        shares: size; of QUOTE that of the bid; of LEVEL all that is shown at the price now, 0 when it is gone.
        ask_e4: offer of QUOTE, 0 when there is none.
        ask_shares: size of the offer of QUOTE.
        sequence: number of the message in its book's feed, counted up by one; 0 throughout where the feed has none.
    """

    books: tuple[BookName, ...]
    at_ns: Index
    kind: Index
    place: Index
    order_id: Index
    side: Index
    price_e4: Index
    shares: Index
    ask_e4: Index
    ask_shares: Index
    sequence: Index

    def __len__(self) -> int:
        return len(self.at_ns)

    def columns(self) -> tuple[list[int], ...]:
        """The columns that a replay reads, as lists, in the order of the fields."""
        return tuple(getattr(self, name).tolist() for name in _COLUMNS[:-1])

    def chosen(self, rows: npt.NDArray[np.bool_] | Index | slice) -> MarketEvents:
        """Some of the rows."""
        return replace(self, **{name: getattr(self, name)[rows] for name in _COLUMNS})


_COLUMNS = tuple(item.name for item in fields(MarketEvents))[1:]


def market_events(
    books: Sequence[BookName], columns: Mapping[str, Sequence[int] | npt.NDArray[np.integer]]
) -> MarketEvents:
    """Events of columns by name; a column that is not given is 0. Raises DataError for a strange column or length."""
    strange = sorted(set(columns) - set(_COLUMNS))
    n_rows = len(columns.get("at_ns", ()))
    uneven = sorted(name for name, column in columns.items() if len(column) != n_rows)
    if strange or uneven:
        message = (
            f"columns {strange} are none of {', '.join(_COLUMNS)}" if strange else f"{uneven} are not {n_rows} long"
        )
        raise DataError(f"market events: {message}; give each column under its name, all of one length")
    given = {name: np.asarray(columns.get(name, np.zeros(n_rows)), np.int64) for name in _COLUMNS}
    return MarketEvents(tuple(books), **given)


def events_of_rows(books: Sequence[BookName], rows: Sequence[tuple[int, ...]]) -> MarketEvents:
    """Events of rows (at_ns, kind, place, order_id, side, price_e4, shares, ask_e4, ask_shares)."""
    columns = list(zip(*rows, strict=True)) or [()] * (len(_COLUMNS) - 1)
    return market_events(books, dict(zip(_COLUMNS[:-1], columns, strict=True)))


def merged(parts: Sequence[MarketEvents]) -> MarketEvents:
    """The events of several recordings in one stream by time, earlier parts first where times are equal."""
    books = tuple(dict.fromkeys(book for part in parts for book in part.books))
    if len({(book.venue, book.symbol) for book in books}) < len(books):
        raise DataError(f"market events: {books} name one book with two ticks; give each book one tick")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS if name != "place"}
    placed = [np.array([books.index(book) for book in part.books], np.int64)[part.place] for part in parts]
    whole = market_events(books, {**columns, "place": np.concatenate(placed)})
    return whole.chosen(np.argsort(whole.at_ns, kind="stable"))


@dataclass(frozen=True)
class Screened:
    """Events that can be true, and how many were not.

    Attributes:
        events: what is left.
        counts: rows left out by fault; "sequence-gap" counts messages that never came and leaves nothing out.
    """

    events: MarketEvents
    counts: Mapping[str, int]

    @property
    def n_dropped(self) -> int:
        """Rows left out."""
        return sum(count for fault, count in self.counts.items() if fault != "sequence-gap")


def screened(events: MarketEvents) -> Screened:
    """The events without those that cannot be true; each left-out row counts under the first fault it has.

    The faults, in order: "unknown-book", "unknown-kind", "size", "price", "side", "off-tick", "crossed-quote",
    "duplicate" (a sequence number seen before), "out-of-order" (a time before one that came earlier). A locked quote is
    no fault: it happens, and is counted in the replay.
    """
    is_left = np.ones(len(events), np.bool_)
    counts: dict[str, int] = {}
    for fault, is_bad in _row_faults(events).items():
        found = is_bad & is_left
        counts[fault] = int(found.sum())
        is_left &= ~found
    left = events.chosen(is_left)
    is_new, counts["duplicate"], counts["sequence-gap"] = _sequence_faults(left)
    left = left.chosen(is_new)
    newest_ns = np.maximum.accumulate(left.at_ns) if len(left) else left.at_ns
    is_late = left.at_ns < newest_ns
    counts["out-of-order"] = int(is_late.sum())
    return Screened(left.chosen(~is_late), counts)


def refused_faults(events: MarketEvents) -> MarketEvents:
    """The events themselves. Raises DataError when `screened` would leave one out."""
    found = screened(events)
    if found.n_dropped:
        faults = ", ".join(f"{count} {fault}" for fault, count in found.counts.items() if count)
        message = f"market events: {found.n_dropped} of {len(events)} cannot be true ({faults})"
        raise DataError(f"{message}; mend the recording, or screen it and keep the counts", reason="bad-market-events")
    return events


def _row_faults(events: MarketEvents) -> dict[str, npt.NDArray[np.bool_]]:
    kind, price, shares = events.kind, events.price_e4, events.shares
    is_quote, is_level = kind == EventKind.QUOTE, kind == EventKind.LEVEL
    is_strange = (events.place < 0) | (events.place >= len(events.books))
    ticks = np.array([book.tick_e4 for book in events.books] or [1], np.int64)[np.where(is_strange, 0, events.place)]
    has_bid, has_ask = is_quote & (price != 0), is_quote & (events.ask_e4 != 0)
    bad_bid, bad_ask = has_bid & (shares <= 0), has_ask & (events.ask_shares <= 0)
    bad_size = (np.isin(kind, _SIZED) & (shares <= 0)) | (is_level & (shares < 0)) | bad_bid | bad_ask
    bad_price = (np.isin(kind, _PRICED) & (price <= 0)) | (is_quote & ((price < 0) | (events.ask_e4 < 0)))
    off_quote = is_quote & ((price % ticks != 0) | (events.ask_e4 % ticks != 0))
    return {
        "unknown-book": is_strange,
        "unknown-kind": (kind < 1) | (kind >= N_KINDS),
        "size": bad_size,
        "price": bad_price,
        "side": np.where(np.isin(kind, _SIDED), np.abs(events.side) != 1, np.abs(events.side) > 1),
        "off-tick": (np.isin(kind, _ON_TICK) & (price % ticks != 0)) | off_quote,
        "crossed-quote": has_bid & has_ask & (price > events.ask_e4),
    }


def _sequence_faults(events: MarketEvents) -> tuple[npt.NDArray[np.bool_], int, int]:
    """Which rows have a number that is newer than all before them in their book; how many have not; numbers skipped."""
    is_new = np.ones(len(events), np.bool_)
    n_gaps = 0
    for place in range(len(events.books)):
        rows = np.flatnonzero((events.place == place) & (events.sequence > 0))
        if not len(rows):
            continue
        numbers = events.sequence[rows]
        newest = np.concatenate([[numbers[0] - 1], np.maximum.accumulate(numbers)[:-1]])
        fresh = numbers > newest
        is_new[rows] = fresh
        n_gaps += int((numbers[fresh] - newest[fresh] - 1).sum())
    return is_new, int((~is_new).sum()), n_gaps
