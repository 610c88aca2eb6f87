"""Order protection, rule 611 of Regulation NMS: no execution at a worse price than a protected quote shows.

A quote is protected when it is the best automated one of its venue. What may pass it by is a closed list of exceptions.
Where several venues show the same price, the cheapest comes first: fee less rebate, then the venue's name.

Prices are in 1/10,000 USD, fees in 1/1,000,000 USD a share, negative for a rebate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from nodes.vocabulary.trading import Side, VenueQuote


class Exempt(Enum):
    """The exceptions of 17 CFR 242.611(b), by paragraph."""

    SELF_HELP = "1"
    NON_REGULAR_WAY = "2"
    SINGLE_PRICED_AUCTION = "3"
    CROSSED_MARKET = "4"
    SWEEP_RECEIVED = "5"
    SWEEP_SENT = "6"
    BENCHMARK = "7"
    FLICKERING = "8"
    STOPPED = "9"


_WHOLLY_EXEMPT = frozenset(
    {
        Exempt.NON_REGULAR_WAY,
        Exempt.SINGLE_PRICED_AUCTION,
        Exempt.SWEEP_RECEIVED,
        Exempt.SWEEP_SENT,
        Exempt.BENCHMARK,
        Exempt.STOPPED,
    }
)


@dataclass(frozen=True, slots=True)
class ProtectionTerms:
    """The numbers of the rule.

    Attributes:
        flicker_ns: a quote that was no better than the execution within this time may be traded through.
    """

    flicker_ns: int


class Level(NamedTuple):
    """What one venue shows at one price on the side that an order would take."""

    venue: str
    price_e4: int
    shares: int
    fee_e6: int


class Slice(NamedTuple):
    """A part of an order at one venue."""

    venue: str
    price_e4: int
    shares: int


def levels_of(quotes: Iterable[VenueQuote], side: Side, fees_e6: Mapping[str, int]) -> tuple[Level, ...]:
    """The levels that an order of a side would take from the venues' best quotes, with each venue's taking fee."""
    is_buy = side is Side.BUY
    found = (
        (quote.venue, quote.ask_e4, quote.ask_shares) if is_buy else (quote.venue, quote.bid_e4, quote.bid_shares)
        for quote in quotes
    )
    return tuple(
        Level(venue, price_e4, shares, fees_e6[venue]) for venue, price_e4, shares in found if price_e4 and shares > 0
    )


def protected_route(levels: Iterable[Level], side: Side, shares: int, limit_e4: int | None) -> tuple[Slice, ...]:
    """Where an order goes when it takes the best price first, up to its limit.

    Formula: levels within the limit by price, then fee, then venue; each taken whole until the order is done
    Unit: shares a venue. Missing: an order without a limit takes every level.
    Source: 17 CFR 242.611(a); ties by net fee are a choice that the rule leaves.
    """
    sign = side.sign
    left, route = shares, []
    for level in sorted(levels, key=lambda each: (sign * each.price_e4, each.fee_e6, each.venue)):
        if left <= 0 or (limit_e4 is not None and sign * (level.price_e4 - limit_e4) > 0):
            break
        taken = min(left, level.shares)
        if taken > 0:
            route.append(Slice(level.venue, level.price_e4, taken))
            left -= taken
    return tuple(route)


def best_protected_e4(quotes: Iterable[VenueQuote], side: Side) -> int | None:
    """The best price that an order of a side can take: the lowest offer for a purchase, the highest bid for a sale."""
    prices = [price for quote in quotes if (price := _taken_e4(quote, side)) is not None]
    if not prices:
        return None
    return min(prices) if side is Side.BUY else max(prices)


def traded_through(
    price_e4: int,
    side: Side,
    quotes: Sequence[VenueQuote],
    *,
    exempt: frozenset[Exempt] = frozenset(),
    self_help: frozenset[str] = frozenset(),
    recent_e4: Mapping[str, tuple[int, ...]] | None = None,
) -> tuple[str, ...]:
    """The venues whose protected quotes an execution would pass by; empty when it may happen.

    Formula: venues whose offer is under the price of a purchase, or whose bid is over that of a sale, unless exempt
    Unit: names, in the order of the quotes. Missing: a venue without a quote on that side protects nothing.
    Source: 17 CFR 242.611(a) and (b).

    Args:
        price_e4: price of the execution.
        side: side of the order that takes.
        quotes: the protected quotes at that instant, of other venues.
        exempt: exceptions that hold for the execution as a whole.
        self_help: venues against which self-help was declared, (b)(1).
        recent_e4: prices that each venue showed on this side within the flicker time before, (b)(8).
    """
    if exempt & _WHOLLY_EXEMPT or is_crossed(quotes):
        return ()
    sign = side.sign
    recent = recent_e4 or {}
    return tuple(
        quote.venue
        for quote in quotes
        if (shown_e4 := _taken_e4(quote, side)) is not None
        and sign * (price_e4 - shown_e4) > 0
        and quote.venue not in self_help
        and not any(sign * (before_e4 - price_e4) >= 0 for before_e4 in recent.get(quote.venue, ()))
    )


def is_crossed(quotes: Iterable[VenueQuote]) -> bool:
    """Whether a protected bid is above a protected offer: nothing is then a trade-through, 17 CFR 242.611(b)(4)."""
    held = tuple(quotes)
    bid_e4, ask_e4 = best_protected_e4(held, Side.SELL), best_protected_e4(held, Side.BUY)
    return bid_e4 is not None and ask_e4 is not None and bid_e4 > ask_e4


def sweep_slices(levels: Iterable[Level], side: Side, price_e4: int) -> tuple[Slice, ...]:
    """The sweep orders that must go out with an execution at a price: the full size of every better protected quote.

    Source: 17 CFR 242.600(b), intermarket sweep order; 242.611(b)(5) and (6).
    """
    sign = side.sign
    better = (level for level in levels if sign * (price_e4 - level.price_e4) > 0 and level.shares > 0)
    ranked = sorted(better, key=lambda each: (sign * each.price_e4, each.fee_e6, each.venue))
    return tuple(Slice(level.venue, level.price_e4, level.shares) for level in ranked)


def _taken_e4(quote: VenueQuote, side: Side) -> int | None:
    price_e4, shares = (quote.ask_e4, quote.ask_shares) if side is Side.BUY else (quote.bid_e4, quote.bid_shares)
    return price_e4 if shares > 0 else None
