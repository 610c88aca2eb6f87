"""Order-by-order recordings as market events: what the lake calls book_events and book_levels, or LOBSTER's two files.

The events of such a recording cover the levels that its book shows, ten of each side say, and begin with a book that is
already there. So the book before the first event is set level by level; and a level that comes into view from below is
set to what the recording shows of it, because nothing was told of it while it was out of view.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from adapters.feeds.files.lobster import lobster_day
from nodes.kernels.arrays import Index
from nodes.kernels.simulator.events import BookName, EventKind, MarketEvents, market_events
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.trading import E4_PER_USD

KINDS = {
    "add": EventKind.ADD,
    "reduce": EventKind.REDUCE,
    "delete": EventKind.DELETE,
    "execute": EventKind.EXECUTE,
    "execute_hidden": EventKind.HIDDEN,
    "cross": EventKind.CROSS,
    "halt": EventKind.STATUS,
}
_SIDES = {"bid": 1, "ask": -1}
_NO_KEY = np.iinfo(np.int64).min
_TAKES = (EventKind.REDUCE, EventKind.DELETE, EventKind.EXECUTE)


@dataclass(frozen=True)
class BookRecording:
    """A recording, ready to be replayed.

    Attributes:
        events: its events, with the levels that the book must be told of.
        n_learnt: levels that came into view from below and were set, or cleared.
        n_rejected: rows of the files that could not be read.
    """

    events: MarketEvents
    n_learnt: int
    n_rejected: int = 0


def lobster_recording(message: Path, book: BookName) -> BookRecording:
    """LOBSTER's message file with the book file beside it. Raises DataError when they are not that."""
    events, levels = lobster_day(message)
    if events.facts.is_empty():
        raise DataError(f"{message.name}: no event could be read; give a LOBSTER message file")
    n_rejected = events.rejected.height + levels.rejected.height
    found = order_events(book, events.facts, levels.facts)
    return BookRecording(found.events, found.n_learnt, n_rejected)


def order_events(book: BookName, events: pl.DataFrame, levels: pl.DataFrame) -> BookRecording:
    """Events and levels of one session as market events.

    Args:
        book: which book they are of.
        events: book_events by tick_no.
        levels: book_levels of the same session.
    """
    told = events.sort("tick_no")
    columns = {
        "at_ns": told["event_at"].dt.epoch("ns").to_numpy(),
        "kind": _numbers(told["kind"].replace_strict(KINDS, default=0, return_dtype=pl.Int64)),
        "order_id": _numbers(told["order_id"]),
        "side": _numbers(told["side"].replace_strict(_SIDES, default=0, return_dtype=pl.Int64)),
        "price_e4": _e4(told["price_usd"]),
        "shares": _numbers(told["size_shares"]),
    }
    keys = {side: _wide(levels, side) for side in _SIDES}
    first = [_before(*keys[side], sign, columns) for side, sign in _SIDES.items()]
    learnt = [_learnt(*keys[side], sign) for side, sign in _SIDES.items()]
    at_ns = columns["at_ns"]
    parts = [(np.zeros(len(one), np.int64), -1, one) for one in first]
    parts += [(one[:, 0], 1, one[:, 1:]) for one in learnt]
    whole = {name: [column] for name, column in columns.items()}
    order = [np.arange(len(at_ns)) * 3 + 1]
    for rows, offset, part in parts:
        order.append(rows * 3 + 1 + offset)
        whole["at_ns"].append(at_ns[rows])
        for at, name in enumerate(("side", "price_e4", "shares")):
            whole[name].append(part[:, at])
        whole["kind"].append(np.full(len(part), EventKind.LEVEL))
        whole["order_id"].append(np.zeros(len(part), np.int64))
    joined = market_events((book,), {name: np.concatenate(column) for name, column in whole.items()})
    return BookRecording(joined.chosen(np.argsort(np.concatenate(order), kind="stable")), sum(map(len, learnt)))


def _wide(levels: pl.DataFrame, side: str) -> tuple[Index, Index]:
    """Prices and shares of a side, rows by levels, best first; 0 where a level is empty."""
    ordered = levels.sort("tick_no", "level")
    n_levels = ordered["level"].n_unique()
    shape = (-1, max(1, n_levels))
    return _e4(ordered[f"{side}_usd"]).reshape(shape), _numbers(ordered[f"{side}_shares"]).reshape(shape)


def _before(prices: Index, shares: Index, sign: int, columns: dict[str, Index]) -> Index:
    """Side, price and shares of the levels before the first event: those after it, with the event undone."""
    held = {int(price): int(size) for price, size in zip(prices[0], shares[0], strict=True) if size}
    kind, side, price, size = (int(columns[name][0]) for name in ("kind", "side", "price_e4", "shares"))
    if side == sign and kind == EventKind.ADD:
        held[price] = held.get(price, 0) - size
    elif side == sign and kind in _TAKES:
        held[price] = held.get(price, 0) + size
    rows = [(sign, at, left) for at, left in held.items() if left > 0]
    return np.array(rows, np.int64).reshape(-1, 3)


def _learnt(prices: Index, shares: Index, sign: int) -> Index:
    """Row, side, price and shares of levels that came into view from below; 0 shares of one that is gone by then."""
    found: list[tuple[int, int, int, int]] = []
    out_of_view: set[int] = set()
    keys, is_there = prices * sign, shares > 0
    lowest = np.where(is_there[:, -1], keys[:, -1], _NO_KEY)
    before, deepest = set(keys[0][is_there[0]].tolist()), int(lowest[0])
    for row in (np.flatnonzero((prices[1:] != prices[:-1]).any(axis=1)) + 1).tolist():
        held = dict(zip(keys[row].tolist(), shares[row].tolist(), strict=True))
        held = {key: size for key, size in held.items() if size}
        found += [(row, sign, abs(key), size) for key, size in held.items() if key < deepest]
        deepest = int(lowest[row])
        out_of_view |= {key for key in before if key < deepest}
        back = {key for key in out_of_view if key >= deepest}
        out_of_view -= back
        found += [(row, sign, abs(key), 0) for key in sorted(back - held.keys())]
        before = set(held)
    return np.array(found, np.int64).reshape(-1, 4)


def _e4(usd: pl.Series) -> Index:
    return _numbers((usd * E4_PER_USD).round(0))


def _numbers(column: pl.Series) -> Index:
    return column.fill_null(0).cast(pl.Int64).to_numpy()
