"""Two-sided quotes of a chain: middle and spread, and which contracts belong together.

A side that nobody quoted is NaN: there is then no middle. A bid of zero is a side that nobody quoted, too; an ask of
zero is no price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array, Index, positive
from nodes.kernels.options.pricing import Flags


@dataclass(frozen=True)
class Quotes:
    """Quotes of options on one underlying, one entry a contract.

    Attributes:
        expiry: day of expiry, as a number that orders days.
        strike_usd: strike.
        is_call: whether the contract is a call.
        bid_usd: best bid; NaN without one.
        ask_usd: best ask; NaN without one.
    """

    expiry: Index
    strike_usd: Array
    is_call: Flags
    bid_usd: Array
    ask_usd: Array

    @property
    def sides(self) -> tuple[Array, Array]:
        """Bid and ask, NaN where they are no price."""
        return positive(self.bid_usd), positive(self.ask_usd)

    @property
    def is_crossed(self) -> Flags:
        """Whether the bid is over the ask."""
        bid, ask = self.sides
        with np.errstate(invalid="ignore"):
            crossed: Flags = bid > ask
        return crossed

    @property
    def middle_usd(self) -> Array:
        """Mean of bid and ask; NaN where a side is missing or the two are crossed."""
        bid, ask = self.sides
        with np.errstate(invalid="ignore", over="ignore"):
            return np.where(self.is_crossed, np.nan, bid + 0.5 * (ask - bid))


def groups(*keys: Array | Index | Flags) -> list[Index]:
    """The rows that share all keys, each group in the order of the last key, groups in the order of the others.

    The last key orders and does not divide.
    """
    order = np.lexsort(tuple(reversed(keys)))
    if not len(order):
        return []
    changes = np.zeros(len(order) - 1, dtype=np.bool_)
    for key in keys[:-1]:
        changes |= key[order][1:] != key[order][:-1]
    return np.split(order, np.flatnonzero(changes) + 1)


def pairs(quotes: Quotes) -> tuple[Index, Index]:
    """Rows of the call and of the put of every expiry and strike that has both, by expiry and strike."""
    order = np.lexsort((~quotes.is_call, quotes.strike_usd, quotes.expiry)).astype(np.int64)
    first, second = order[:-1], order[1:]
    same = (quotes.expiry[first] == quotes.expiry[second]) & (quotes.strike_usd[first] == quotes.strike_usd[second])
    both = same & quotes.is_call[first] & ~quotes.is_call[second]
    return first[both], second[both]
