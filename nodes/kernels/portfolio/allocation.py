"""From a book and an objective to whole shares under every cap, with each cap's cost; or to the caps that conflict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.portfolio.caps import Book, Cap, Row, rows
from nodes.kernels.portfolio.conflicts import Conflict, conflict
from nodes.kernels.portfolio.mean_variance import Objective, best_weights
from nodes.kernels.portfolio.rounding import keeps, whole_shares
from nodes.vocabulary.errors import DataError

_BINDING = 1e-7
"""Least share of the largest shadow price at which a bound counts as binding: less is the solver's noise."""


@dataclass(frozen=True)
class CapPrice:
    """What a cap costs.

    Attributes:
        cap: which.
        shadow_price: certainty equivalent a year that one unit more of its limit would add; 0 where it does not bind.
        subjects: of the bounds that bind: shares or sectors, or "" for the whole book.
    """

    cap: Cap
    shadow_price: float
    subjects: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Allocation:
    """Whole shares that keep every cap.

    Attributes:
        shares: of each share of the book.
        best_weights: what would be best without rounding.
        prices: of each cap, in their order.
        worth_frac: certainty equivalent of the whole shares, a year.
        free_worth_frac: of the best portfolio without any cap.
    """

    shares: Index
    best_weights: Array
    prices: tuple[CapPrice, ...]
    worth_frac: float
    free_worth_frac: float


def allocation(book: Book, caps: Sequence[Cap], objective: Objective) -> Allocation | Conflict:
    """The best whole shares that keep every cap, or the caps that no portfolio keeps together.

    No share: nothing, if the caps allow that. Raises DataError when the caps leave room for fractions of shares only.
    Source: Boyd and Vandenberghe (2004), Convex Optimization, section 5.6, on multipliers as prices.
    """
    bounds = rows(book, caps)
    solution = best_weights(book, bounds, objective)
    if solution is None:
        found = conflict(book, bounds)
        if found is not None:
            return found
        message = f"{len(caps)} caps on {len(book)} shares leave room of the width of rounding errors only"
        raise DataError(f"{message}; loosen one of them a little", reason="invalid")
    shares = _whole(book, caps, bounds, objective, solution.weights)
    free = best_weights(book, (), objective)
    return Allocation(
        shares=shares,
        best_weights=solution.weights,
        prices=tuple(_price(cap, bounds, solution.shadow_prices) for cap in caps),
        worth_frac=objective.worth_frac(book, book.weights(shares)),
        free_worth_frac=0.0 if free is None else objective.worth_frac(book, free.weights),
    )


def _whole(book: Book, caps: Sequence[Cap], bounds: Sequence[Row], objective: Objective, weights: Array) -> Index:
    """Whole shares near the weights. Raises DataError when none keep the caps."""
    for near in (weights, book.held_frac, np.zeros(len(book))):
        shares = whole_shares(book, caps, bounds, objective, near)
        if shares is not None:
            return shares
    if keeps(book, caps, book.held_shares):
        return book.held_shares
    message = (
        f"the caps leave room for a portfolio of {len(book)} shares, yet none was found in lots of {book.lot_shares} "
        f"on {book.equity_usd:,.0f} USD"
    )
    raise DataError(f"{message}; loosen a cap by a lot, trade smaller lots or give more equity", reason="invalid")


def _price(cap: Cap, bounds: Sequence[Row], multipliers: Array) -> CapPrice:
    own = [(row, price) for row, price in zip(bounds, multipliers.tolist(), strict=True) if row.cap == cap]
    floor = _BINDING * max(1.0, float(multipliers.max(initial=0.0)))
    binding = [(row, price) for row, price in own if price > floor]
    price = sum(price * row.slope for row, price in binding)
    return CapPrice(cap, price, tuple(dict.fromkeys(row.subject for row, _ in binding)))
