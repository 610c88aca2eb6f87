"""Why no portfolio keeps all caps: the smallest set of caps that conflict, and what would loosen it.

A conflicting set is smallest when no other has fewer caps. It is found by hitting sets: whoever conflicts must share a
cap with every set of caps whose removal mends the whole. Of the bounds on shares and sectors that those caps put,
only those are named without which nothing would conflict (a deletion filter).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from nodes.kernels.arrays import Array
from nodes.kernels.portfolio.caps import Book, Cap, Row
from nodes.kernels.portfolio.mean_variance import absolute_rows, row_matrix
from nodes.vocabulary.errors import DataError

_ROUNDING = 1e-9
"""Excess over a bound that only rounding can need."""
_FEASIBLE, _INFEASIBLE, _UNBOUNDED = 0, 2, 3
_MAX_FILTERED = 100
"""Bounds among which the deletion filter looks: each costs a linear program."""


@dataclass(frozen=True)
class Loosening:
    """How far one cap alone would have to give way.

    Attributes:
        cap: which.
        limit: the nearest limit at which all could be kept while the others stand; None when there is none.
    """

    cap: Cap
    limit: float | None


@dataclass(frozen=True)
class Conflict:
    """Caps that no portfolio keeps together.

    Attributes:
        caps: the fewest that conflict.
        rows: their bounds, each of them needed for that where there are at most 100 to look at.
        loosenings: how far each cap alone would have to give way.
    """

    caps: tuple[Cap, ...]
    rows: tuple[Row, ...]
    loosenings: tuple[Loosening, ...]


def conflict(book: Book, bounds: Sequence[Row]) -> Conflict | None:
    """The smallest set of caps that no portfolio keeps together; None when one keeps them all.

    Source: Chinneck (2008), Feasibility and Infeasibility in Optimization, chapter 6 (deletion filter); Ignatiev,
    Previti, Liffiton, Marques-Silva (2015), Smallest MUS Extraction with Minimal Hitting Set Dualization.
    """
    if len(book) == 0:
        return _conflict_of_nothing(bounds)
    system = _System(book, bounds)
    every = tuple(dict.fromkeys(row.cap for row in bounds))
    if system.is_met(every):
        return None
    few = _smallest(system, every)
    rows = system.needed([row for row in bounds if row.cap in few])
    return Conflict(few, rows, tuple(Loosening(cap, system.loosened(cap)) for cap in few))


def _conflict_of_nothing(bounds: Sequence[Row]) -> Conflict | None:
    """The first bound that asks for something where nothing can be held."""
    row = next((row for row in bounds if row.bound < 0.0), None)
    return None if row is None else Conflict((row.cap,), (row,), (Loosening(row.cap, 0.0),))


class _System:
    """The bounds as a linear program over (w, t, g)."""

    def __init__(self, book: Book, bounds: Sequence[Row]) -> None:
        self._size, self._bounds = len(book), tuple(bounds)
        self._sides, self._around = absolute_rows(book.held_frac)

    def is_met(self, caps: Collection[Cap]) -> bool:
        """Whether some portfolio keeps these caps."""
        return self._are_met([row for row in self._bounds if row.cap in caps])

    def loosened(self, cap: Cap) -> float | None:
        """The limit nearest to the cap's own at which all caps can be kept; None when there is none."""
        give = np.array([row.slope if row.cap == cap else 0.0 for row in self._bounds])
        column = sparse.csc_matrix(np.concatenate([-give, np.zeros(len(self._around))])[:, None])
        found = self._solved(self._bounds, column)
        if found.status != _FEASIBLE:
            return None
        return cap.limit - float(found.fun) if cap.is_least else cap.limit + float(found.fun)

    def needed(self, rows: Sequence[Row]) -> tuple[Row, ...]:
        """Of conflicting bounds, those that Farkas' certificate rests on, less those that are not needed."""
        slack = sparse.vstack([-sparse.identity(len(rows)), sparse.csc_matrix((len(self._around), len(rows)))])
        marginals = self._solved(rows, slack.tocsc()).ineqlin.marginals[: len(rows)]
        kept = [row for row, price in zip(rows, marginals.tolist(), strict=True) if price < -_ROUNDING]
        for row in tuple(kept) if len(kept) <= _MAX_FILTERED else ():
            without = [each for each in kept if each is not row]
            if not self._are_met(without):
                kept = without
        return tuple(kept)

    def _are_met(self, rows: Sequence[Row]) -> bool:
        nothing = sparse.csc_matrix((len(rows) + len(self._around), 0))
        return bool(self._solved(rows, nothing).status == _FEASIBLE)

    def _solved(self, rows: Sequence[Row], slack: sparse.csc_matrix) -> Any:  # noqa: ANN401  # scipy's result
        """The least slack with which the rows can be kept; its columns are given."""
        limits, bound = row_matrix(rows, self._size)
        matrix = sparse.hstack([sparse.vstack([limits, self._sides]), slack], format="csc")
        count = slack.shape[1]
        goal = np.concatenate([np.zeros(3 * self._size), np.ones(count)])
        least = np.concatenate([np.full(self._size, -np.inf), np.zeros(2 * self._size + count)])
        ends = np.concatenate([bound + _ROUNDING * np.maximum(1.0, np.abs(bound)), self._around])
        spans = np.column_stack([least, np.full(len(goal), np.inf)])
        found = linprog(goal, matrix, ends, bounds=spans, method="highs-ds")
        if found.status not in {_FEASIBLE, _INFEASIBLE, _UNBOUNDED}:
            message = f"whether {len(rows)} bounds on {self._size} shares conflict was not settled: {found.message}"
            raise DataError(f"{message}; check the bounds for values far apart in size")
        return found


def _smallest(system: _System, every: Sequence[Cap]) -> tuple[Cap, ...]:
    """The fewest caps that conflict: a smallest hitting set of all corrections found so far, until it conflicts."""
    corrections: list[tuple[Cap, ...]] = []
    while True:
        hitting = _smallest_hitting_set(corrections, every)
        if not system.is_met(hitting):
            return hitting
        kept = list(hitting)
        for cap in every:
            if cap not in kept and system.is_met([*kept, cap]):
                kept.append(cap)
        corrections.append(tuple(cap for cap in every if cap not in kept))


def _smallest_hitting_set(sets: Sequence[Collection[Cap]], every: Sequence[Cap]) -> tuple[Cap, ...]:
    """The fewest caps of which every set has one; the first in order among equals."""
    if not sets:
        return ()
    table: Array = np.array([[float(cap in each) for cap in every] for each in sets])
    price = 1.0 + np.arange(len(every)) / (2.0 * len(every) ** 2)
    chosen = milp(
        price,
        constraints=LinearConstraint(table, lb=1.0),
        integrality=np.ones(len(every)),
        bounds=Bounds(0.0, 1.0),
    ).x
    return tuple(cap for cap, weight in zip(every, chosen.tolist(), strict=True) if weight > 1.0 / 2.0)
