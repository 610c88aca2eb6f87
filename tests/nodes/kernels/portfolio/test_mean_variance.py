"""Mean-variance under caps and costs: against cvxpy, which states the same problem in words of its own."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
from cvxpy.atoms.affine.sum import sum as total
from cvxpy.atoms.elementwise.abs import abs as size_of
from cvxpy.atoms.elementwise.neg import neg
from cvxpy.atoms.elementwise.power import power
from cvxpy.atoms.norm1 import norm1
from cvxpy.atoms.sum_squares import sum_squares

from nodes.kernels.portfolio.caps import Book, Cap, Measure, rows
from nodes.kernels.portfolio.mean_variance import Objective, best_weights
from tests.nodes.kernels.portfolio.books import book

SIZE = 6
CAPS = (
    Cap("gross", Measure.GROSS, 1.2),
    Cap("net-most", Measure.NET, 0.8),
    Cap("net-least", Measure.NET, 0.1, is_least=True),
    Cap("beta", Measure.BETA, 0.6),
    Cap("turnover", Measure.TURNOVER, 0.7),
    Cap("name", Measure.NAME, 0.3),
    Cap("sector", Measure.SECTOR, 0.5),
    Cap("adv", Measure.PARTICIPATION, 0.05),
)


def problem(seed: int) -> tuple[Book, Objective]:
    rng = np.random.default_rng(seed)
    loadings = rng.normal(0.0, 0.15, (SIZE, 2))
    given = book(
        SIZE,
        held_shares=np.rint(rng.normal(0.0, 1000.0, SIZE)).astype(np.int64),
        beta_frac=rng.uniform(0.5, 1.5, SIZE),
        sectors=("x", "x", "y", "y", "z", None),
        adv_shares=rng.uniform(1e4, 1e6, SIZE),
    )
    objective = Objective(
        reward_frac=rng.normal(0.08, 0.1, SIZE),
        risk=5.0 * (loadings @ loadings.T + np.diag(rng.uniform(0.02, 0.1, SIZE))),
        cost_frac=rng.uniform(0.0, 0.02, SIZE),
        impact_frac=rng.uniform(0.0, 0.05, SIZE),
        fee_frac=rng.uniform(0.0, 0.05, SIZE),
    )
    return given, objective


def peer(given: Book, objective: Objective) -> tuple[np.ndarray, dict[str, float]]:
    """The same by cvxpy: weights, and multipliers of the caps on the whole book."""
    weights = cp.Variable(SIZE)
    trade = size_of(weights - given.held_frac)
    root = np.linalg.cholesky(objective.risk)
    worth = (
        objective.reward_frac @ weights
        - sum_squares(root.T @ weights) / 2
        - objective.cost_frac @ trade
        - objective.impact_frac @ power(trade, 1.5)
        - objective.fee_frac @ neg(weights)
    )
    bounds = {
        "gross": norm1(weights) <= 1.2,
        "net-most": total(weights) <= 0.8,
        "net-least": -total(weights) <= -0.1,
        "beta": given.beta_frac @ weights <= 0.6,
        "turnover": total(trade) <= 0.7,
        "sector x": norm1(weights[[0, 1, 5]]) <= 0.5,
        "sector y": norm1(weights[[2, 3, 5]]) <= 0.5,
        "sector z": norm1(weights[[4, 5]]) <= 0.5,
    }
    alone = [size_of(weights) <= 0.3, trade <= 0.05 * given.adv_shares * given.price_usd / given.equity_usd]
    cp.Problem(cp.Maximize(worth), [*bounds.values(), *alone]).solve(solver=cp.CLARABEL)
    return np.asarray(weights.value), {name: float(bound.dual_value) for name, bound in bounds.items()}


@pytest.mark.parametrize("seed", range(6))
def test_weights_and_prices_agree_with_cvxpy(seed: int) -> None:
    given, objective = problem(seed)
    bounds = rows(given, CAPS)
    found = best_weights(given, bounds, objective)
    assert found is not None
    weights, prices = peer(given, objective)
    np.testing.assert_allclose(found.weights, weights, atol=2e-5)
    ours = {row.name: price for row, price in zip(bounds, found.shadow_prices.tolist(), strict=True)}
    assert {name: ours[name] for name in prices} == {
        name: pytest.approx(price, abs=2e-4) for name, price in prices.items()
    }


def test_the_worth_is_what_the_formula_says() -> None:
    given = book(2, held_shares=np.array([1000, 0], np.int64))
    objective = Objective(
        np.array([0.1, 0.2]), np.diag([0.2, 0.4]), np.array([0.01, 0.02]), np.array([0.1, 0.1]), np.array([0.03, 0.05])
    )
    worth = objective.worth_frac(given, np.array([0.14, -0.09]))
    earned = 0.014 - 0.018 - (0.2 * 0.14**2 + 0.4 * 0.09**2) / 2
    assert worth == pytest.approx(earned - 0.01 * 0.04 - 0.02 * 0.09 - 0.1 * (0.04**1.5 + 0.09**1.5) - 0.05 * 0.09)


def test_bounds_that_nothing_keeps_have_no_best_weights() -> None:
    given, objective = problem(0)
    impossible = (*CAPS, Cap("least", Measure.NET, 0.9, is_least=True))
    assert best_weights(given, rows(given, impossible), objective) is None


def test_without_any_cap_the_best_weights_are_those_of_markowitz() -> None:
    risk, reward = np.diag([0.2, 0.4]), np.array([0.1, 0.2])
    none = np.zeros(2)
    found = best_weights(book(2), (), Objective(reward, risk, none, none, none))
    assert found is not None
    np.testing.assert_allclose(found.weights, [0.5, 0.5], atol=1e-7)
