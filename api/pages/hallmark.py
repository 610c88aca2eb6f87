"""The hallmark of a decision: its id as a small figure, so that an eye can tell two sheets of paper apart.

It proves nothing; the digits beside it do.
"""

from __future__ import annotations

SIZE = 8


def hallmark(decision_id: str) -> tuple[tuple[int, int], ...]:
    """The filled cells of an 8 by 8 figure, mirrored left to right: (column, row) pairs.

    Args:
        decision_id: hexadecimal digits; the first 32 bits are drawn, so that a prefix shows the same figure.
    """
    bits = int(decision_id[:8].ljust(8, "0"), 16)
    half = [(i % (SIZE // 2), i // (SIZE // 2)) for i in range(32) if bits >> (31 - i) & 1]
    return tuple(sorted({*half, *((SIZE - 1 - column, row) for column, row in half)}))
