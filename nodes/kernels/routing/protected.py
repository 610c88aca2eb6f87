"""Rule 611, the order protection rule: no share trades at a price while a protected quote stands at a better one.

What may be taken comes in stages. In a stage all protected quotes at better prices are taken in full, by orders that go
out together (intermarket sweep orders, rule 611(b)(6)); what else is taken is shared among the protected quotes at the
stage's own price and the unprotected ones at that price or better. Quotes of equal price are told apart by their cost.

Source: 17 CFR 242.611.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from nodes.kernels.routing.expected_cost import Order
from nodes.kernels.routing.venues import VenueBook, VenueTerms

_PRICE = attrgetter("price_e4")


class Offer(NamedTuple):
    """What an order can take of one venue at one price.

    Attributes:
        venue: where.
        price_e4: at which price.
        shares: how many are shown.
        is_protected: whether nobody may trade at a worse price before it is taken.
    """

    venue: str
    price_e4: int
    shares: int
    is_protected: bool


class Stage(NamedTuple):
    """A price that an order may trade at.

    Attributes:
        price_e4: the price.
        forced: offers that are taken in full before.
        open: offers that may be taken in any part.
    """

    price_e4: int
    forced: tuple[Offer, ...]
    open: tuple[Offer, ...]


def offers_of(order: Order, books: Iterable[VenueBook], terms: Mapping[str, VenueTerms]) -> list[Offer]:
    """What an order can take within its limit, best price first."""
    found = [
        Offer(book.venue, price_e4, shares, terms[book.venue].is_protected)
        for book in books
        for price_e4, shares in (book.asks if order.side > 0 else book.bids)
        if order.accepts(price_e4)
    ]
    return sorted(found, key=_PRICE, reverse=order.side < 0)


def stages_of(order: Order, offers: list[Offer]) -> list[Stage]:
    """The stages of an order, best price first, up to the one in which all of it can be taken."""
    stages: list[Stage] = []
    forced: list[Offer] = []
    free: list[Offer] = []
    n_forced = 0
    for price, group in groupby(offers, key=_PRICE):
        here = list(group)
        free += [offer for offer in here if not offer.is_protected]
        held = [offer for offer in here if offer.is_protected]
        if n_forced >= order.shares and stages:
            break
        stages.append(Stage(price, tuple(forced), (*held, *free)))
        forced += held
        n_forced += sum([offer.shares for offer in held])
    return stages


def is_protecting(order: Order, offers: list[Offer], taken: Mapping[tuple[str, int], int]) -> bool:
    """Whether what is taken, by venue and price, trades through no protected quote."""
    worst = [price for (_, price), shares in taken.items() if shares]
    if not worst:
        return True
    last = max(worst) if order.side > 0 else min(worst)
    return all(
        taken.get((offer.venue, offer.price_e4), 0) == offer.shares
        for offer in offers
        if offer.is_protected and order.side * (last - offer.price_e4) > 0
    )


def swept(
    order: Order, books: Iterable[VenueBook], terms: Mapping[str, VenueTerms]
) -> tuple[tuple[str, int, int], ...]:
    """Price first, then the lower net fee: venue, price and shares of each part of a plain sweep."""
    offers = offers_of(order, books, terms)
    offers.sort(key=lambda offer: (order.side * offer.price_e4, terms[offer.venue].take_fee_e6))
    parts, left = [], order.shares
    for offer in offers:
        shares = min(left, offer.shares)
        if shares:
            parts.append((offer.venue, offer.price_e4, shares))
            left -= shares
    return tuple(parts)
