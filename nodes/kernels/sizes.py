"""The largest order size for which a rule still holds, exactly as the rule computes it."""

from __future__ import annotations

import math
from collections.abc import Callable

_MOST = 2**53
"""Sizes above this are not exact as floats; no order comes near it."""

_SLACK = 1e-12
"""Thousands of roundings to double precision."""


def largest_size(guess: float, holds: Callable[[int], bool], below: float = math.inf, above: float = math.inf) -> int:
    """The largest whole size, from 0 on, for which `holds` is true; 0 when none is.

    `holds` must be true up to some size and false beyond it, at least from `guess` on. The guess (the quotient that
    algebra gives) only sets where the search starts: rounding of the rule's own arithmetic decides the answer.

    `below` and `above` bound how far that rounding, and whatever else algebra leaves out, can put the boundary from the
    guess: what they settle is not asked. Without them every answer is.
    """
    start = min(max(math.floor(guess), 0), _MOST) if math.isfinite(guess) else 0
    is_last = start + 1 > guess + above
    if start <= guess - below or holds(start):
        if is_last:
            return start
        low, high = _first_failure(start, holds)
    else:
        low, high = _last_hold(start, holds)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return min(max(low, 0), _MOST)


def rounding(*terms: float) -> float:
    """A bound on what rounding makes of a sum of terms in a few steps of floating point: far more than it can be."""
    return _SLACK * math.fsum(map(abs, terms))


def _first_failure(start: int, holds: Callable[[int], bool]) -> tuple[int, int]:
    """Two sizes around the boundary, from a size that holds."""
    low, step = start, 1
    while low < _MOST and holds(low + step):
        low, step = low + step, step * 2
    return low, min(low + step, _MOST + 1)


def _last_hold(start: int, holds: Callable[[int], bool]) -> tuple[int, int]:
    """Two sizes around the boundary, from a size that fails; (-1, 0) or near it when none holds."""
    high, step = start, 1
    while high - step >= 0 and not holds(high - step):
        high, step = high - step, step * 2
    return max(high - step, -1), high


def side(order_shares: int) -> int:
    """1 for a buy, -1 for a sale, 0 for nothing."""
    return (order_shares > 0) - (order_shares < 0)
