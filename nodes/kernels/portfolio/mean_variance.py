"""The best portfolio under caps: mean-variance with costs of trading and borrowing, and what each cap costs.

The problem is convex and stated for its solver directly: weights w, absolute trades t, absolute sizes g and, where
impact counts, its powers u. Multipliers of the caps are their shadow prices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import clarabel
import numpy as np
from scipy import sparse

from nodes.kernels.arrays import Array, Index
from nodes.kernels.portfolio.caps import Book, Row
from nodes.kernels.portfolio.products import inner_product, quadratic_form
from nodes.vocabulary.errors import DataError

_TOLERANCE = 1e-10
_INFEASIBLE = frozenset({"PrimalInfeasible", "AlmostPrimalInfeasible"})
_SOLVED = frozenset({"Solved", "AlmostSolved"})
_IMPACT_POWER = 1.5


@dataclass(frozen=True, eq=False)
class Objective:
    """What a portfolio is worth: its certainty equivalent, a fraction of equity a year.

    Formula: reward'w - w'Risk w / 2 - cost'|w - held| - impact'|w - held|^1.5 - fee'max(-w, 0)
    Source: Markowitz (1952), J. Finance 7(1); costs as in Boyd et al. (2017), Multi-Period Trading via Convex
    Optimization, section 2; the power of impact after Almgren et al. (2005).

    Attributes:
        reward_frac: expected return of each share, a year.
        risk: covariance a year, times risk aversion.
        cost_frac: of trading one unit of weight, spread over the years that it is held.
        impact_frac: coefficient of the power 1.5 of the traded weight, likewise.
        fee_frac: of being short one unit of weight, a year.
    """

    reward_frac: Array
    risk: Array
    cost_frac: Array
    impact_frac: Array
    fee_frac: Array

    def worth_frac(self, book: Book, weights: Array) -> float:
        """The certainty equivalent of weights."""
        trade = np.abs(weights - book.held_frac)
        earned = inner_product(self.reward_frac, weights) - quadratic_form(weights, self.risk) / 2.0
        cost = inner_product(self.cost_frac, trade) + inner_product(self.impact_frac, trade**_IMPACT_POWER)
        return earned - cost - inner_product(self.fee_frac, np.maximum(-weights, 0.0))


@dataclass(frozen=True, eq=False)
class Solution:
    """The best weights under the rows.

    Attributes:
        weights: of each share.
        shadow_prices: for each row, what one unit more of its bound would add to the objective; never negative.
    """

    weights: Array
    shadow_prices: Array


def best_weights(book: Book, bounds: Sequence[Row], objective: Objective) -> Solution | None:
    """The best weights that keep the rows; None when none does.

    No share: no weights. Collinear shares: the weights are those of least distance to the solver's path, and are the
    same on every call. Raises DataError when the solver comes to no end.
    """
    size = len(book)
    if size == 0:
        return Solution(np.empty(0), np.zeros(len(bounds))) if all(row.bound >= 0.0 for row in bounds) else None
    problem = _Problem(book, bounds, objective)
    found = problem.solved()
    status = str(found.status)
    if status in _INFEASIBLE:
        return None
    if status not in _SOLVED:
        message = f"portfolio of {size} shares under {len(bounds)} bounds was not solved: {status}"
        raise DataError(f"{message}; check covariance, prices and caps for values far apart in size")
    multipliers = np.array(found.z[: len(bounds)])
    return Solution(np.array(found.x[:size]), np.maximum(multipliers, 0.0) * problem.scale)


class _Problem:
    """The problem in the solver's words: minimise x'Px/2 + q'x with b - Ax in a cone; x = (w, t, g, u)."""

    def __init__(self, book: Book, bounds: Sequence[Row], objective: Objective) -> None:
        self._book, self._bounds, self._objective = book, bounds, objective
        self._moving = np.flatnonzero(objective.impact_frac > 0.0)
        size = len(book)
        self._width = 3 * size + len(self._moving)
        terms = (objective.risk, objective.reward_frac, objective.cost_frac, objective.fee_frac)
        self.scale = max(float(np.abs(term).max()) for term in terms) or 1.0

    def solved(self) -> clarabel.DefaultSolution:
        """What the solver says."""
        matrix, bound, cones = self._constraints()
        settings = clarabel.DefaultSettings()
        settings.verbose = False
        settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = _TOLERANCE
        settings.max_threads = 1
        quadratic, linear = self._goal()
        return clarabel.DefaultSolver(quadratic, linear, matrix, bound, cones, settings).solve()

    def _goal(self) -> tuple[sparse.csc_matrix, Array]:
        goal, size = self._objective, len(self._book)
        risk = sparse.csc_matrix(np.triu(goal.risk / self.scale))
        quadratic = sparse.block_diag([risk, sparse.csc_matrix((self._width - size,) * 2)], format="csc")
        half_fee = goal.fee_frac / 2.0
        parts = (-goal.reward_frac - half_fee, goal.cost_frac, half_fee, goal.impact_frac[self._moving])
        return quadratic, np.concatenate(parts) / self.scale

    def _constraints(self) -> tuple[sparse.csc_matrix, Array, list[object]]:
        size, held = len(self._book), self._book.held_frac
        limits, bound = row_matrix(self._bounds, size)
        sides, around = absolute_rows(held)
        count = len(self._moving)
        linear = sparse.vstack([limits, sides])
        padded = sparse.hstack([linear, sparse.csc_matrix((linear.shape[0], count))])
        powers = [self._power(place, 3 * size + rank) for rank, place in enumerate(self._moving.tolist())]
        matrix = sparse.vstack([padded, *(rows for rows, _ in powers)], format="csc")
        ends = np.concatenate([bound, around, *(end for _, end in powers)])
        cones = [clarabel.NonnegativeConeT(len(bound) + len(around))]
        return matrix, ends, [*cones, *(clarabel.PowerConeT(1.0 / _IMPACT_POWER) for _ in powers)]

    def _power(self, place: int, power: int) -> tuple[sparse.csc_matrix, Array]:
        """Rows that put (u, 1, t) into the cone u^(2/3) 1^(1/3) >= |t|, which is u >= |t|^1.5."""
        trade = len(self._book) + place
        rows = sparse.csc_matrix(([-1.0, -1.0], ([0, 2], [power, trade])), shape=(3, self._width))
        return rows, np.array([0.0, 1.0, 0.0])


def row_matrix(bounds: Sequence[Row], size: int) -> tuple[sparse.csc_matrix, Array]:
    """The rows over (w, t, g) of `size` shares, and their bounds."""
    if not bounds:
        return sparse.csc_matrix((0, 3 * size)), np.empty(0)
    lines = np.concatenate([np.repeat(line, 3 * len(row.places)) for line, row in enumerate(bounds)])
    places = np.concatenate([np.concatenate([row.places, row.places + size, row.places + 2 * size]) for row in bounds])
    values = np.concatenate([np.concatenate([row.on_weight, row.on_trade, row.on_size]) for row in bounds])
    kept: Index = np.flatnonzero(values)
    matrix = sparse.csc_matrix((values[kept], (lines[kept], places[kept])), shape=(len(bounds), 3 * size))
    return matrix, np.array([row.bound for row in bounds])


def absolute_rows(held: Array) -> tuple[sparse.csc_matrix, Array]:
    """Rows over (w, t, g) that make t at least |w - held| and g at least |w|, and their bounds."""
    one, none = sparse.identity(len(held)), sparse.csc_matrix((len(held), len(held)))
    blocks = [[one, -one, none], [-one, -one, none], [one, none, -one], [-one, none, -one]]
    return sparse.bmat(blocks, format="csc"), np.concatenate([held, -held, np.zeros(2 * len(held))])
