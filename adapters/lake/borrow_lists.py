"""What brokers had to lend of a universe, list by list, as it was known at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from adapters.lake.domains.market_events import BORROW
from adapters.lake.facts.store import FactStore

_COLUMNS = ("symbol", "day_on", "available_shares", "fee_rate_frac", "event_at", "known_at", "sequence", "is_retracted")


@dataclass(frozen=True, slots=True)
class BorrowLine:
    """A share's line of a list.

    Attributes:
        available_shares: what it shows.
        fee_frac: of a year; None where it tells none.
        stamped_at: when the list was made.
    """

    available_shares: int
    fee_frac: float | None
    stamped_at: datetime


@dataclass(frozen=True)
class BorrowLists:
    """Lists of shares to borrow.

    Attributes:
        rows: lines about the universe, all revisions, in the columns of the domain.
        days: the day of every list, whoever is on it, and when the first line of it was known: day_on, known_at.
    """

    rows: pl.DataFrame
    days: pl.DataFrame

    def line(self, symbol: str, as_of: datetime) -> BorrowLine | None:
        """A share's line of the newest list that was known; None where it is on none.

        What an older list said of a share that the newest one leaves out no longer holds.
        """
        newest_on = self.days.filter(pl.col("known_at") <= as_of)["day_on"].max()
        if newest_on is None:
            return None
        own = (pl.col("symbol") == symbol) & (pl.col("day_on") == newest_on) & (pl.col("known_at") <= as_of)
        found = self.rows.filter(own).sort("known_at", "sequence").to_dicts()
        if not found or found[-1]["is_retracted"]:
            return None
        row: dict[str, Any] = found[-1]
        return BorrowLine(row["available_shares"], row["fee_rate_frac"], row["event_at"])


def borrow_lists(store: FactStore, symbols: tuple[str, ...], known_at: datetime) -> BorrowLists | None:
    """The lists of a lake about some shares; None where it holds no list at all."""
    if BORROW.name not in store.domains():
        return None
    history = store.history(BORROW, known_at)
    days = history.group_by("day_on").agg(pl.col("known_at").min()).collect()
    return BorrowLists(history.filter(pl.col("symbol").is_in(list(symbols))).select(_COLUMNS).collect(), days)
