"""The one price at which what has gathered on both sides trades when a book opens again.

    volume      as many shares as can trade
    imbalance   of the prices that trade as many, those that leave the fewest shares over
    reference   of these, the one nearest the last trade; without one, or of two as near, the one nearer the pressure:
                the highest where buyers are left over, else the lowest

Source: Nasdaq rule 4753(b)(2), price of the halt cross; ties beyond it are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Level = tuple[int, int]
"""A limit in 1/10,000 USD, and shares."""


class Uncrossing(NamedTuple):
    """What trades.

    Attributes:
        price_e4: at one price, in 1/10,000 USD.
        shares: how many.
        imbalance_shares: what is left over at it; positive where buyers are.
    """

    price_e4: int
    shares: int
    imbalance_shares: int


def uncrossing(bids: Sequence[Level], asks: Sequence[Level], reference_e4: int, tick_e4: int = 1) -> Uncrossing | None:
    """What trades of bids and offers that meet; None where none does.

    Formula: argmax over prices p on the tick of min(D(p), S(p)), then of -|D(p) - S(p)|, then of -|p - reference|,
    where D(p) are shares bid at p or higher and S(p) shares offered at p or lower
    Unit: 1/10,000 USD, shares. Missing: None where no bid reaches an offer; a reference of 0 is none.
    Source: Nasdaq rule 4753(b)(2).

    Args:
        bids: limits and shares of buyers.
        asks: of sellers.
        reference_e4: the last trade.
        tick_e4: smallest step of the price.
    """
    if not bids or not asks or max(bids)[0] < min(asks)[0]:
        return None
    low, high = min(asks)[0], max(bids)[0]
    found = [
        _at(bids, asks, price) for price in sorted(_prices(bids, asks, reference_e4, tick_e4)) if low <= price <= high
    ]
    most = max(each.shares for each in found)
    full = [each for each in found if each.shares == most]
    least = min(abs(each.imbalance_shares) for each in full)
    best = [each for each in full if abs(each.imbalance_shares) == least]
    ordered = best[::-1] if best[0].imbalance_shares > 0 else best
    return min(ordered, key=lambda each: abs(each.price_e4 - reference_e4) if reference_e4 else 0)


def _prices(bids: Sequence[Level], asks: Sequence[Level], reference_e4: int, tick_e4: int) -> set[int]:
    """Where the most or the least can change: limits, a tick beyond each, and the ticks around the reference."""
    below = reference_e4 // tick_e4 * tick_e4
    limits = {price for price, _ in (*bids, *asks)}
    beyond = {price + tick_e4 for price, _ in bids} | {price - tick_e4 for price, _ in asks}
    return limits | beyond | {below, -(-reference_e4 // tick_e4) * tick_e4}


def _at(bids: Sequence[Level], asks: Sequence[Level], price_e4: int) -> Uncrossing:
    demand = sum([shares for limit, shares in bids if limit >= price_e4])
    supply = sum([shares for limit, shares in asks if limit <= price_e4])
    return Uncrossing(price_e4, min(demand, supply), demand - supply)
