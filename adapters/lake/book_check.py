"""An order book rebuilt from its events, and compared with what the source says the book was after each of them.

The book is carried forward event by event. Of a source that shows ten levels nothing is known below the tenth, so a
level that comes into view from below is learnt; every other level must be what the events made of it. Orders are
followed too: none may be reduced, executed or deleted for more than is left of it. After a disagreement the source's
book is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

FINDINGS = {"tick_no": pl.Int64, "what": pl.String}
_TICK = 10_000
_TAKING = frozenset({"reduce", "delete", "execute"})


@dataclass
class _Side:
    """One side of a book: whole price ticks to shares, and the deepest price that is in view (None: all is)."""

    sign: int
    shares: dict[int, int] = field(default_factory=dict)
    deepest: int | None = None

    def apply(self, price: int, change: int) -> None:
        """Adds to a level, or takes from it."""
        left = self.shares.get(price, 0) + change
        self.shares.pop(price, None)
        if left:
            self.shares[price] = left

    def is_in_view(self, price: int) -> bool:
        """Whether a price is at or above the deepest that was in view."""
        return self.deepest is None or (price - self.deepest) * self.sign >= 0

    def top(self, n_levels: int) -> list[tuple[int, int]]:
        """The best levels that are in view, best first."""
        inside = [(price, size) for price, size in self.shares.items() if self.is_in_view(price)]
        return sorted(inside, key=lambda level: -level[0] * self.sign)[:n_levels]

    def take(self, levels: list[tuple[int, int]], n_levels: int) -> None:
        """The source's levels as they are."""
        self.shares = dict(levels)
        self.deepest = levels[-1][0] if len(levels) == n_levels else None


def book_findings(events: pl.DataFrame, levels: pl.DataFrame) -> pl.DataFrame:
    """Where the events of a session and the book beside them disagree, in order; no row when they agree.

    Args:
        events: book_events of one session, by tick_no.
        levels: book_levels of the same session.
    """
    found = [
        *_level_findings(events, levels),
        *_order_findings(events),
    ]
    return pl.DataFrame(found, schema=FINDINGS, orient="row").sort("tick_no", maintain_order=True)


def _level_findings(events: pl.DataFrame, levels: pl.DataFrame) -> Iterator[tuple[int, str]]:
    n_levels = max(levels["level"].to_list(), default=0)
    shown = _snapshots(levels)
    sides = {"bid": _Side(1), "ask": _Side(-1)}
    is_begun = False
    for event in events.iter_rows(named=True):
        snapshot = shown.get(event["tick_no"])
        if snapshot is None:
            yield event["tick_no"], "the source shows no book after it; download the book file again"
            is_begun = False
            continue
        if is_begun:
            _apply(sides, event)
        for name, side in sides.items():
            if is_begun:
                yield from _disagreements(event["tick_no"], name, side, snapshot[name], n_levels)
            side.take(snapshot[name], n_levels)
        is_begun = True


def _disagreements(
    tick_no: int, name: str, side: _Side, shown: list[tuple[int, int]], n_levels: int
) -> Iterator[tuple[int, str]]:
    ours = side.top(n_levels)
    theirs = [level for level in shown if side.is_in_view(level[0])]
    if ours != theirs:
        mine, source = next(
            (pair for pair in zip(ours, theirs, strict=False) if pair[0] != pair[1]), (ours[-1:], theirs[-1:])
        )
        said = f"{name} is {_text(mine)} by the events and {_text(source)} by the source; one of the files is damaged"
        yield tick_no, said


def _text(level: Any) -> str:  # noqa: ANN401  # a level, or the last of a list of them
    flat = level[0] if isinstance(level, list) and level else level
    return f"{flat[1]} at {flat[0] / _TICK}" if isinstance(flat, tuple) else "absent"


def _apply(sides: Mapping[str, _Side], event: Mapping[str, Any]) -> None:
    if event["kind"] == "add":
        sides[event["side"]].apply(_ticks(event["price_usd"]), event["size_shares"])
    elif event["kind"] in _TAKING:
        sides[event["side"]].apply(_ticks(event["price_usd"]), -event["size_shares"])


def _snapshots(levels: pl.DataFrame) -> dict[int, dict[str, list[tuple[int, int]]]]:
    """By event, each side's levels, best first; empty ones are left out."""
    shown: dict[int, dict[str, list[tuple[int, int]]]] = {}
    columns = ("tick_no", "bid_usd", "bid_shares", "ask_usd", "ask_shares")
    for tick_no, bid, bid_shares, ask, ask_shares in levels.sort("tick_no", "level").select(columns).iter_rows():
        sides = shown.setdefault(tick_no, {"bid": [], "ask": []})
        if bid is not None:
            sides["bid"].append((_ticks(bid), bid_shares))
        if ask is not None:
            sides["ask"].append((_ticks(ask), ask_shares))
    return shown


def _order_findings(events: pl.DataFrame) -> Iterator[tuple[int, str]]:
    """Orders that lose more than they have. One that was there before the file began is not known and not judged."""
    left: dict[int, int] = {}
    for event in events.iter_rows(named=True):
        order_id, size = event["order_id"], event["size_shares"]
        if event["kind"] == "add":
            left[order_id] = size
        elif event["kind"] in _TAKING and order_id in left:
            is_whole = event["kind"] == "delete"
            if size > left[order_id] or (is_whole and size != left[order_id]):
                yield (
                    event["tick_no"],
                    f"order {order_id} has {left[order_id]} shares left and loses {size}; check the file",
                )
            left[order_id] -= size
            if left[order_id] <= 0:
                del left[order_id]


def _ticks(price_usd: float) -> int:
    return round(price_usd * _TICK)
