"""Whole shares near the best weights that keep every cap exactly, and are no worse than their neighbours.

Each share alone has a range of whole lots that its own caps leave. Within those ranges lots are moved one at a time:
first while a cap on the whole book is exceeded, by the move that mends most; then while a move is worth something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.portfolio.caps import (
    Book,
    Cap,
    Measure,
    Row,
    deviations,
    is_kept,
    measures,
    participations,
)
from nodes.kernels.portfolio.mean_variance import Objective
from nodes.kernels.portfolio.products import image

_WHOLE = frozenset({Measure.GROSS, Measure.NET, Measure.BETA, Measure.TURNOVER, Measure.SECTOR})
_MARGINS = (0.0, 1e-15, 1e-12, 1e-9)
"""By how much more than asked the sums of many shares are kept, in turn, until exact sums agree."""
_GAIN = 1e-15
_MOVES = 1000
"""Most single-lot moves that mending takes, beside some for each share."""


def whole_shares(
    book: Book, caps: Sequence[Cap], bounds: Sequence[Row], objective: Objective, weights: Array
) -> Index | None:
    """Whole shares near the weights whose measures keep every cap; None when none were found.

    Formula: argmax of the objective over single-lot moves from the nearest whole lots that keep the caps.
    Source: the greedy repair of Konno and Yamamoto (2005), Integer programming approaches in mean-risk models.
    """
    span = _Span.of(book, caps)
    if not span.is_open:
        return None
    lots = np.rint((weights - book.held_frac) / step_frac(book)).astype(np.int64)
    start = np.clip(lots, span.low_lots, span.high_lots)
    sums = [row for row in bounds if row.cap.measure in _WHOLE]
    for margin in _MARGINS:
        search = _Search(book, sums, objective, span, margin)
        found = search.mended(start)
        if found is None:
            return None
        better = search.improved(found)
        for lots in (better, found):
            if keeps(book, caps, book.held_shares + lots * book.lot_shares):
                return np.asarray(book.held_shares + lots * book.lot_shares, np.int64)
    return None


def keeps(book: Book, caps: Sequence[Cap], shares: Index) -> bool:
    """Whether whole shares keep every cap, by the measures that rules judge."""
    found = measures(book, shares)
    return all(is_kept(cap, found[cap.measure]) for cap in caps)


def step_frac(book: Book) -> Array:
    """Weight of one lot of each share."""
    return np.asarray(book.lot_shares * book.price_usd / book.equity_usd, np.float64)


@dataclass(frozen=True, eq=False)
class _Span:
    """How many lots of each share may be traded by the caps that look at one share alone."""

    low_lots: Index
    high_lots: Index

    @property
    def is_open(self) -> bool:
        return bool((self.low_lots <= self.high_lots).all())

    @classmethod
    def of(cls, book: Book, caps: Sequence[Cap]) -> _Span:
        most = np.full(len(book), np.inf)
        low, high = -most, most
        for cap in caps:
            least, greatest = _range_shares(book, cap)
            low, high = np.maximum(low, least), np.minimum(high, greatest)
        far = 2.0**53
        low = np.maximum(low, -far) - book.held_shares
        high = np.minimum(high, far) - book.held_shares
        span = cls(_whole(np.ceil(low / book.lot_shares - 1e-9)), _whole(np.floor(high / book.lot_shares + 1e-9)))
        return span._exact(book, caps)

    def _exact(self, book: Book, caps: Sequence[Cap]) -> _Span:
        """The ends moved in by a lot where they miss a cap by rounding."""
        low, high = self.low_lots, self.high_lots
        for _ in range(2):
            low = low + ~_keep_alone(book, caps, low)
            high = high - ~_keep_alone(book, caps, high)
        return _Span(low, high)


def _whole(values: Array) -> Index:
    return np.asarray(values, np.int64)


def _range_shares(book: Book, cap: Cap) -> tuple[Array, Array]:
    """Least and most shares of each that a cap on single shares leaves."""
    far: Array = np.full(len(book), np.inf)
    match cap.measure:
        case Measure.NAME:
            most = cap.limit * book.equity_usd / book.price_usd
            return -most, most
        case Measure.PARTICIPATION:
            room: Array = cap.limit * np.nan_to_num(np.maximum(book.adv_shares, 0.0))
            return np.asarray(book.held_shares - room), np.asarray(book.held_shares + room)
        case Measure.SHORT:
            return np.asarray(-(book.located_shares + cap.limit), np.float64), far
        case Measure.FEE:
            return np.where(book.borrow_fee_frac <= cap.limit, -far, 0.0), far
        case Measure.DEVIATION:
            around = book.target_frac * book.equity_usd / book.price_usd
            wide = cap.limit * book.equity_usd / book.price_usd
            return np.nan_to_num(around - wide, nan=-np.inf), np.nan_to_num(around + wide, nan=np.inf)
        case _:
            return -far, far


def _keep_alone(book: Book, caps: Sequence[Cap], lots: Index) -> np.ndarray:
    """Whether each share alone keeps the caps on single shares with so many lots traded."""
    shares = book.held_shares + lots * book.lot_shares
    weights = book.weights(shares)
    kept = np.ones(len(book), np.bool_)
    for cap in caps:
        match cap.measure:
            case Measure.NAME:
                kept &= np.abs(weights) <= cap.limit
            case Measure.PARTICIPATION:
                kept &= participations(book, np.abs(shares - book.held_shares)) <= cap.limit
            case Measure.SHORT:
                kept &= np.maximum(-shares - book.located_shares, 0) <= cap.limit
            case Measure.FEE:
                kept &= (shares >= 0) | (book.borrow_fee_frac <= cap.limit)
            case Measure.DEVIATION:
                kept &= deviations(book, weights) <= cap.limit
    return kept


class _Search:
    """Single-lot moves under sums of many shares. `changes` and `gains` have the lots up first, then the lots down."""

    def __init__(self, book: Book, sums: Sequence[Row], objective: Objective, span: _Span, margin: float) -> None:
        self._objective, self._span = objective, span
        self._held, self._step = book.held_frac, step_frac(book)
        self._weight, self._trade, self._size = (
            _dense(sums, len(book), name) for name in ("on_weight", "on_trade", "on_size")
        )
        bound = np.array([row.bound for row in sums])
        self._bound = bound - margin * np.maximum(1.0, np.abs(bound))

    def mended(self, lots: Index) -> Index | None:
        """Lots moved until no sum exceeds its bound; None when no single move helps any more."""
        lots = lots.copy()
        for _ in range(_MOVES + 8 * len(lots)):
            excess = self._values(self._weights(lots)) - self._bound
            over = float(np.maximum(excess, 0.0).sum())
            if over <= 0.0:
                return lots
            after = np.maximum(excess[:, None] + self._changes(lots), 0.0).sum(axis=0)
            after = np.where(self._allowed(lots), after, np.inf)
            gains = self._gains(lots)
            move = int(np.lexsort((-gains, after))[0])
            if not after[move] < over:
                return None
            lots[move % len(lots)] += 1 if move < len(lots) else -1
        return None

    def improved(self, lots: Index) -> Index:
        """Lots moved while a single move is worth something and keeps the sums."""
        lots = lots.copy()
        for _ in range(4 * len(lots)):
            excess = self._values(self._weights(lots)) - self._bound
            after = (excess[:, None] + self._changes(lots)).max(axis=0, initial=-np.inf)
            gains = np.where(self._allowed(lots) & (after <= 0.0), self._gains(lots), -np.inf)
            move = int(np.argmax(gains))
            if not gains[move] > _GAIN:
                break
            lots[move % len(lots)] += 1 if move < len(lots) else -1
        return lots

    def _weights(self, lots: Index) -> Array:
        return np.asarray(self._held + lots * self._step, np.float64)

    def _values(self, weights: Array) -> Array:
        trade, size = np.abs(weights - self._held), np.abs(weights)
        return np.asarray(
            image(self._weight, weights) + image(self._trade, trade) + image(self._size, size), np.float64
        )

    def _changes(self, lots: Index) -> Array:
        """What each move adds to each sum."""
        weights = self._weights(lots)
        trade, size = np.abs(weights - self._held), np.abs(weights)
        moved = [self._weights(lots + 1), self._weights(lots - 1)]
        return np.hstack(
            [
                self._weight * (new - weights)
                + self._trade * (np.abs(new - self._held) - trade)
                + self._size * (np.abs(new) - size)
                for new in moved
            ]
        )

    def _allowed(self, lots: Index) -> np.ndarray:
        return np.concatenate([lots < self._span.high_lots, lots > self._span.low_lots])

    def _gains(self, lots: Index) -> Array:
        """What each move adds to the objective."""
        goal, weights = self._objective, self._weights(lots)
        slope = goal.reward_frac - image(goal.risk, weights)
        curvature, own = np.diagonal(goal.risk), self._own_costs(weights)
        moved = (self._weights(lots + 1), self._weights(lots - 1))
        return np.concatenate(
            [
                slope * (new - weights) - curvature * (new - weights) ** 2 / 2.0 - (self._own_costs(new) - own)
                for new in moved
            ]
        )

    def _own_costs(self, weights: Array) -> Array:
        goal, trade = self._objective, np.abs(weights - self._held)
        cost = goal.cost_frac * trade + goal.impact_frac * trade**1.5
        return np.asarray(cost + goal.fee_frac * np.maximum(-weights, 0.0), np.float64)


def _dense(sums: Sequence[Row], size: int, name: str) -> Array:
    table = np.zeros((len(sums), size))
    for line, row in enumerate(sums):
        table[line, row.places] = getattr(row, name)
    return table
