"""What a router knows of venues: their terms, and what they quote.

Both have a text form of one line a venue. A trace keeps the text: whoever reads it sees the numbers, and it costs a
decision next to nothing. Prices are 1/10,000 USD, fees 1/1,000,000 USD a share, negative when paid to the order.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from nodes.vocabulary.errors import DataError

_KEPT_TEXTS = 64
_N_TERMS = 8
_PROTECTED = {"protected": True, "unprotected": False}


class VenueTerms(NamedTuple):
    """One venue's terms in force.

    Attributes:
        venue: its name.
        is_protected: whether its displayed quotes are protected by rule 611 (automated quotations of an exchange).
        take_fee_e6: fee of a share of a dollar and more that takes.
        make_fee_e6: fee of a share of a dollar and more that was posted.
        latency_ns: from the decision until an order can match there.
        fade_hz: how often a second what it shows is gone.
        share_frac: its part of all volume.
        adverse_frac: how far the price goes on against a posted share once it is filled, in half spreads.
    """

    venue: str
    is_protected: bool
    take_fee_e6: int
    make_fee_e6: int
    latency_ns: int
    fade_hz: float
    share_frac: float
    adverse_frac: float


class Level(NamedTuple):
    """What is shown at one price."""

    price_e4: int
    shares: int


class VenueBook(NamedTuple):
    """What a venue shows, best price first on either side."""

    venue: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


def terms_text(terms: Iterable[VenueTerms]) -> str:
    """The terms as text."""
    return "\n".join(
        f"{each.venue} {'protected' if each.is_protected else 'unprotected'} take {each.take_fee_e6} "
        f"make {each.make_fee_e6} latency_ns {each.latency_ns} fade_hz {each.fade_hz!r} share {each.share_frac!r} "
        f"adverse {each.adverse_frac!r}"
        for each in terms
    )


@lru_cache(maxsize=_KEPT_TEXTS)
def terms_of_text(text: str) -> tuple[VenueTerms, ...]:
    """The terms that a text says, by venue. Raises DataError for another text than `terms_text` writes."""
    try:
        terms = tuple(_terms(line) for line in text.split("\n")) if text else ()
    except (ValueError, KeyError) as error:
        message = f"text {text[:80]!r} holds no terms of venues: {error}; write it with terms_text"
        raise DataError(message) from error
    if terms_text(terms) != text or len({each.venue for each in terms}) < len(terms):
        message = f"text {text[:80]!r} is not the one form of terms of venues; write it with terms_text"
        raise DataError(message)
    return terms


def _terms(line: str) -> VenueTerms:
    venue, kind, *pairs = line.split(" ")
    _, take, _, make, _, latency, _, fade, _, share, _, adverse = pairs
    whole = (int(take), int(make), int(latency))
    return VenueTerms(venue, _PROTECTED[kind], *whole, float(fade), float(share), float(adverse))


def books_text(books: Iterable[VenueBook]) -> str:
    """What venues show as text: `NAME bids | asks`, each level as price x shares."""
    return "\n".join(f"{book.venue} {_levels_text(book.bids)} | {_levels_text(book.asks)}" for book in books)


def _levels_text(levels: tuple[Level, ...]) -> str:
    return ",".join(f"{level.price_e4}x{level.shares}" for level in levels) or "-"


@lru_cache(maxsize=_KEPT_TEXTS)
def books_of_text(text: str) -> tuple[VenueBook, ...]:
    """The books that a text says; none of an empty one. Raises DataError for books that no market shows."""
    if not text:
        return ()
    try:
        books = tuple([checked_book(_book(line)) for line in text.split("\n")])
    except ValueError as error:
        message = f"text {text[:80]!r} holds no books of venues: {error}; write it with books_text"
        raise DataError(message) from error
    return distinct_books(books)


def distinct_books(books: tuple[VenueBook, ...]) -> tuple[VenueBook, ...]:
    """The books themselves. Raises DataError where one venue has two."""
    names = [book.venue for book in books]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"{', '.join(twice)} has more than one book; give one book a venue"
        raise DataError(message, reason="impossible-quote")
    return books


def _book(line: str) -> VenueBook:
    venue, bids, _, asks = line.split(" ")
    return VenueBook(venue, _levels(bids), _levels(asks))


def _levels(text: str) -> tuple[Level, ...]:
    if text == "-":
        return ()
    numbers = list(map(int, text.replace("x", ",").split(",")))
    return tuple(map(Level, numbers[::2], numbers[1::2]))


def checked_book(book: VenueBook) -> VenueBook:
    """The book itself. Raises DataError for one that no venue can show.

    Prices and sizes are positive, each side goes from its best price on, and a venue's own bid is below its own offer:
    a venue matches what crosses. Bids of one venue above offers of another are a market that one may meet.
    """
    for word, levels, sign in (("bid", book.bids, -1), ("ask", book.asks, 1)):
        before = None
        for price_e4, shares in levels:
            if price_e4 <= 0 or shares <= 0:
                message = f"{word} of {book.venue} was {shares} shares at {price_e4}; give positive numbers"
                raise DataError(message, reason="impossible-quote")
            if before is not None and sign * (price_e4 - before) <= 0:
                message = f"{word}s of {book.venue} are not from the best price on; sort them, one level a price"
                raise DataError(message, reason="impossible-quote")
            before = price_e4
    if book.bids and book.asks and book.bids[0].price_e4 >= book.asks[0].price_e4:
        message = (
            f"{book.venue} bids {book.bids[0].price_e4} and offers at {book.asks[0].price_e4}: its own quotes lock or "
            "cross, which a venue would have matched; ask for its quotes again"
        )
        raise DataError(message, reason="impossible-quote")
    return book


def estimated_books(
    terms: Iterable[VenueTerms], bid_e4: int, ask_e4: int, depth_shares: float
) -> tuple[VenueBook, ...]:
    """Books as they may be where nobody quotes them to us: one price for all, sizes by their part of the volume.

    Args:
        terms: of the venues.
        bid_e4: best bid.
        ask_e4: best offer.
        depth_shares: shares shown on one side at the best price, over all venues.
    """
    found = []
    for each in terms:
        shares = max(int(depth_shares * each.share_frac), 1)
        found.append(VenueBook(each.venue, (Level(bid_e4, shares),), (Level(ask_e4, shares),)))
    return tuple(found)
