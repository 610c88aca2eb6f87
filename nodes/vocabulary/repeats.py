"""Orders in a row: how many of one symbol and side were accepted session after session, without one in between.

A row is a symbol with its buys and its sales. What the running session accepts is counted by the account itself; here
is what the sessions before it left.
"""

from __future__ import annotations

from typing import TypeAlias

Counts: TypeAlias = tuple[tuple[str, int, int], ...]
"""Buys and sales by symbol, symbols sorted."""


def repeats_after(repeats: Counts, today_counts: Counts) -> Counts:
    """What a session leaves to the next: each row goes on with what the session added, or ends where it added none."""
    before = {symbol: (n_buys, n_sales) for symbol, n_buys, n_sales in repeats}
    rows = []
    for symbol, n_buys, n_sales in today_counts:
        buys, sales = before.get(symbol, (0, 0))
        rows.append((symbol, buys + n_buys if n_buys else 0, sales + n_sales if n_sales else 0))
    return tuple(row for row in rows if row[1] or row[2])


def repeats_from_here(today_counts: Counts) -> Counts:
    """What makes every row zero in the middle of a session: what it has accepted so far, taken off."""
    return tuple((symbol, -n_buys, -n_sales) for symbol, n_buys, n_sales in today_counts)


def repeated_count(repeats: Counts, symbol: str, order_shares: int) -> int:
    """How many orders of a symbol and side the sessions before the running one left in a row."""
    for other, n_buys, n_sales in repeats:
        if other == symbol:
            return (n_buys if order_shares > 0 else n_sales) if order_shares else 0
    return 0
