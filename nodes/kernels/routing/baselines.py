"""What a router is compared with: all of an order to one venue, and parts by what the venues show or trade."""

from __future__ import annotations

from collections.abc import Mapping

from nodes.kernels.routing.expected_cost import Order, far_level
from nodes.kernels.routing.protected import Offer, offers_of
from nodes.kernels.routing.split import Part
from nodes.kernels.routing.venues import VenueBook, VenueTerms


def single_venue(order: Order, book: VenueBook, post_e4: int | None) -> tuple[Part, ...]:
    """All to one venue: what it shows within the limit is taken, the rest waits there."""
    levels = book.asks if order.side > 0 else book.bids
    parts, left = [], order.shares
    for level in levels:
        shares = min(left, level.shares)
        if shares and order.accepts(level.price_e4):
            parts.append(Part(book.venue, shares, level.price_e4, is_post=False))
            left -= shares
    return (*parts, *_rest(order, [(book.venue, 1.0)], left, post_e4))


def pro_rata(
    order: Order, books: tuple[VenueBook, ...], terms: Mapping[str, VenueTerms], post_e4: int | None
) -> tuple[Part, ...]:
    """Taken price by price in parts of what each venue shows there; the rest waits in parts of their volume."""
    parts, left = [], order.shares
    offers = offers_of(order, books, terms)
    for price in dict.fromkeys(offer.price_e4 for offer in offers):
        here = [offer for offer in offers if offer.price_e4 == price]
        for offer, shares in zip(here, _shared(left, here), strict=True):
            if shares:
                parts.append(Part(offer.venue, shares, price, is_post=False))
        left -= min(left, sum(offer.shares for offer in here))
    shares_of = [(book.venue, terms[book.venue].share_frac) for book in books if far_level(book, -order.side)]
    return (*parts, *_rest(order, shares_of, left, post_e4))


def _shared(wanted: int, offers: list[Offer]) -> list[int]:
    """So many shares in parts of what is shown, whole ones; what rounding leaves goes to the first that have room."""
    shown = [offer.shares for offer in offers]
    total = sum(shown)
    if wanted >= total:
        return shown
    parts = [wanted * each // total for each in shown]
    left = wanted - sum(parts)
    for place, each in enumerate(shown):
        more = min(left, each - parts[place], 1)
        parts[place] += more
        left -= more
    return parts


def _rest(order: Order, shares_of: list[tuple[str, float]], left: int, post_e4: int | None) -> list[Part]:
    """What is left over, posted in parts; the last venue takes what rounding leaves."""
    if not (left and order.may_post and shares_of) or post_e4 is None:
        return []
    total = sum(share for _, share in shares_of)
    sizes = [int(left * share / total) for _, share in shares_of]
    sizes[-1] += left - sum(sizes)
    return [Part(venue, size, post_e4, is_post=True) for (venue, _), size in zip(shares_of, sizes, strict=True) if size]
