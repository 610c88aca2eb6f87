"""What an account held at each close, read back from its log, and what such a book would have made of history."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from adapters.lake.lake import Lake
from governance.entries import EntryKind
from governance.ports import LogReader
from nodes.kernels.arrays import Array


@dataclass(frozen=True)
class Book:
    """An account at a close.

    Attributes:
        session_on: the session.
        equity_usd: what it was worth.
        shares: what it held, by symbol.
    """

    session_on: date
    equity_usd: float
    shares: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    """Total returns of a lake's shares, session by session.

    Attributes:
        days: the sessions, ascending.
        symbols: the shares, a column each.
        returns: one row a session; NaN where a share has no return.
        closes: raw closes; NaN where a share has no bar.
    """

    days: tuple[date, ...]
    symbols: tuple[str, ...]
    returns: Array
    closes: Array

    @cached_property
    def places(self) -> dict[str, int]:
        """The column of each share."""
        return {symbol: place for place, symbol in enumerate(self.symbols)}

    def row(self, day: date) -> int | None:
        """The row of a session; None for a day without."""
        at = bisect_left(self.days, day)
        return at if at < len(self.days) and self.days[at] == day else None

    def is_next(self, day: date, before: date) -> bool:
        """Whether a day is the first session after another."""
        at = bisect_right(self.days, before)
        return at < len(self.days) and self.days[at] == day

    def weights(self, book: Book) -> Array:
        """The part of its equity that a book has in each share; NaN where a share held has no close that day."""
        found = np.zeros(len(self.symbols))
        row = self.row(book.session_on)
        for symbol, shares in book.shares.items():
            place = self.places.get(symbol)
            price = np.nan if place is None or row is None else self.closes[row, place]
            if place is None:
                return np.full(len(self.symbols), np.nan)
            found[place] = shares * price / book.equity_usd
        return found

    def gains(self, weights: Array, until: date, n_sessions: int) -> Array:
        """What such weights would have gained in each share over the sessions up to a day; one row a session."""
        end = bisect_right(self.days, until)
        rows = self.returns[max(0, end - n_sessions) : end]
        held = weights != 0.0
        gains = np.zeros(rows.shape)
        gains[:, held] = rows[:, held] * weights[held]
        return gains


def history(lake: Lake) -> History:
    """The returns of a lake's bars."""
    days = tuple(sorted(set(lake.panel["session_on"].to_list())))
    places = {day: place for place, day in enumerate(days)}
    closes = np.full((len(days), len(lake.universe)), np.nan)
    returns = closes.copy()
    for place, symbol in enumerate(lake.universe):
        part = lake.panel.filter(pl.col("symbol") == symbol)
        rows = [places[day] for day in part["session_on"].to_list()]
        levels = part["close_usd"].to_numpy()
        closes[rows, place] = levels
        returns[rows[1:], place] = levels[1:] * part["adjustment_ratio"].to_numpy()[1:] / levels[:-1] - 1.0
    return History(days, lake.universe, returns, closes)


def _moves(reader: LogReader, account_id: str) -> list[tuple[int, str, int]]:
    """Place in the log, symbol and shares of all that changed what an account held, oldest first."""
    found = [
        (record.sequence, record.entry.facts["symbol"], _changed_shares(kind, record.entry.facts))
        for kind in (EntryKind.FILL, EntryKind.CORPORATE_ACTION, EntryKind.CORRECTION)
        for record in reader.of_kind(kind)
        if record.entry.facts.get("account_id") == account_id and "symbol" in record.entry.facts
    ]
    return sorted(found)


def _changed_shares(kind: EntryKind, facts: Mapping[str, Any]) -> int:
    """By how many shares an entry changes what is held; a correction by what an execution should have said more."""
    if kind is EntryKind.CORPORATE_ACTION:
        return int(facts["new_position_shares"] - facts["position_shares"])
    if kind is EntryKind.CORRECTION and "exec_ref_id" not in facts:
        return 0
    return int(facts["fill_shares"] - facts.get("old_fill_shares", 0))


def books(reader: LogReader, account_id: str) -> tuple[Book, ...]:
    """What an account held at each close at which it was planned, oldest first."""
    moves = deque(_moves(reader, account_id))
    found: list[Book] = []
    held: dict[str, int] = {}
    for record in reader.of_kind(EntryKind.PLAN):
        facts = record.entry.facts
        if facts["account_id"] != account_id:
            continue
        while moves and moves[0][0] < record.sequence:
            _, symbol, shares = moves.popleft()
            held[symbol] = held.get(symbol, 0) + shares
        standing = {symbol: shares for symbol, shares in held.items() if shares}
        if found and found[-1].session_on == facts["session_on"]:
            found.pop()
        found.append(Book(facts["session_on"], float(facts["equity_usd"]), standing))
    return tuple(found)
