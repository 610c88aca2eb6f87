"""How many shares stand before an order in its queue, where the feed shows levels and not orders.

A model says what of a fall of the level's size that no trade explains stood before the order. Order-by-order feeds need
no model: there the book knows who stood where.

Source: Moallemi and Yuan (2016), A Model for Queue Position Valuation in a Limit Order Book; Rigtorp (2013), Estimating
order queue position; hftbacktest, Probability Queue Models, for the shape f.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

UNKNOWN_SHARES = 1 << 60
"""Shares before an order whose level the feed does not show: more than will ever trade."""

QueueModel: TypeAlias = Callable[[int, int, int], int]
"""Shares before the order after a fall of its level: of shares before it, shares behind it, and the fall."""


def risk_averse(ahead_shares: int, behind_shares: int, fall_shares: int) -> int:
    """Whoever cancels stood behind: the order moves up only when nothing else is left to have fallen."""
    return ahead_shares - max(0, fall_shares - behind_shares)


@dataclass(frozen=True)
class PowerQueue:
    """Cancellations fall before and behind the order in the ratio of f(ahead) to f(behind), f(x) = x^exponent.

    Attributes:
        exponent: 1 spreads cancellations evenly over all shares; more puts them where more shares stand.
    """

    exponent: float = 1.0

    def __call__(self, ahead_shares: int, behind_shares: int, fall_shares: int) -> int:
        """Shares before the order, rounded against it."""
        return _split(ahead_shares, behind_shares, fall_shares, self._weight)

    def _weight(self, shares: int) -> float:
        return float(shares**self.exponent)


def logarithmic_queue(ahead_shares: int, behind_shares: int, fall_shares: int) -> int:
    """As PowerQueue with f(x) = log(1 + x)."""
    return _split(ahead_shares, behind_shares, fall_shares, math.log1p)


def _split(ahead: int, behind: int, fall: int, weight: Callable[[int], float]) -> int:
    before, after = weight(ahead), weight(behind)
    from_ahead = math.floor(fall * before / (before + after)) if before + after > 0.0 else 0
    from_ahead = max(from_ahead, fall - behind)
    return max(0, ahead - min(from_ahead, ahead))


def free_shares(ahead_shares: int, traded_shares: int) -> tuple[int, int]:
    """What a trade at the order's price leaves for it, and the shares before it afterwards."""
    left = traded_shares - ahead_shares
    return (left, 0) if left > 0 else (0, ahead_shares - traded_shares)
