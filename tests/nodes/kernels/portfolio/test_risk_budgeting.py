"""Equal risk contribution: against an oracle that shares no code, at every corner, and the same bits every time."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from skfolio import RiskMeasure
from skfolio.optimization import RiskBudgeting

from nodes.kernels.arrays import Array
from nodes.kernels.portfolio.risk_budgeting import budget_residual, erc_weights, risk_budget_weights
from nodes.kernels.risk import covariance
from nodes.vocabulary.errors import DataError

VOLATILITY = np.array([0.1, 0.2, 0.3, 0.4])
CORRELATION = np.array([[1, 0.8, 0, 0], [0.8, 1, 0, 0], [0, 0, 1, -0.5], [0, 0, -0.5, 1]], dtype=float)
PAPER = CORRELATION * np.outer(VOLATILITY, VOLATILITY)
PAPER_WEIGHTS = np.array([0.38361251, 0.19180625, 0.24261785, 0.18196339])


def made(size: int, seed: int) -> Array:
    """A covariance of a few factors and own risk, volatilities far apart."""
    rng = np.random.default_rng(seed)
    loadings = rng.normal(0.0, 1.0, (size, 2))
    scale = rng.uniform(0.005, 0.05, size)
    return (loadings @ loadings.T + np.diag(rng.uniform(0.2, 1.0, size))) * np.outer(scale, scale)


def cyclical_descent(matrix: Array) -> Array:
    """The oracle: coordinate descent of Griveau-Billion, Richard and Roncalli (2013), no solver involved."""
    weights = 1.0 / np.sqrt(np.diagonal(matrix))
    for _ in range(2000):
        for place in range(len(weights)):
            cross = matrix[place] @ weights - matrix[place, place] * weights[place]
            root = np.sqrt(cross**2 + 4.0 * matrix[place, place] / len(weights))
            weights[place] = (root - cross) / (2.0 * matrix[place, place])
    return np.asarray(weights / weights.sum())


def imbalance(weights: Array, matrix: Array, cap: float) -> float:
    """Relative spread of the risk contributions of assets under their cap."""
    shares = (weights * (matrix @ weights))[weights < cap * (1.0 - 1e-9)]
    return float(np.ptp(shares) / shares.mean()) if len(shares) else 0.0


def test_weights_of_the_paper_come_out_to_a_millionth() -> None:
    np.testing.assert_allclose(erc_weights(PAPER, 1.0, 1.0), PAPER_WEIGHTS, atol=1e-6)


@pytest.mark.parametrize("size", [2, 3, 5, 12])
def test_weights_agree_with_coordinate_descent(size: int) -> None:
    matrix = made(size, seed=size)
    np.testing.assert_allclose(erc_weights(matrix, 1.0, 1.0), cyclical_descent(matrix), rtol=1e-8)


def test_weights_agree_with_skfolio() -> None:
    returns = (
        np.random.default_rng(5).normal(0.0, [0.01, 0.02, 0.015, 0.03], (400, 4)) @ np.linalg.cholesky(CORRELATION).T
    )
    peer = RiskBudgeting(risk_measure=RiskMeasure.VARIANCE).fit(returns)
    np.testing.assert_allclose(erc_weights(covariance(returns), 1.0, 1.0), peer.weights_, atol=1e-4)


@settings(max_examples=20)
@given(size=st.integers(2, 6), seed=st.integers(0, 10_000), room=st.floats(1.0, 2.5), gross=st.floats(0.2, 1.5))
def test_contributions_are_equal_under_the_caps_and_capped_assets_carry_less(
    size: int, seed: int, room: float, gross: float
) -> None:
    matrix, cap = made(size, seed), room * gross / size
    weights = erc_weights(matrix, gross, cap)
    assert weights.sum() == pytest.approx(gross, rel=1e-9)
    assert (weights > 0.0).all()
    assert weights.max() <= cap * (1.0 + 1e-12)
    assert imbalance(weights, matrix, cap) < 1e-6
    capped = weights >= cap * (1.0 - 1e-9)
    shares = weights * (matrix @ weights)
    if capped.any() and not capped.all():
        assert shares[capped].max() <= shares[~capped].mean() * (1.0 + 1e-6)


def test_a_capped_asset_sits_at_its_cap_exactly() -> None:
    weights = erc_weights(PAPER, 1.0, 0.3)
    assert weights[0] == 0.3
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)


def test_capped_weights_agree_with_the_conditions_solved_by_another_method() -> None:
    def loss(free: Array) -> float:
        weights = np.concatenate([[0.3], free])
        shares = (weights * (PAPER @ weights))[1:]
        return float(np.ptp(shares) / shares.mean() + 10.0 * abs(weights.sum() - 1.0))

    found = minimize(
        loss, np.array([0.2, 0.25, 0.25]), method="Nelder-Mead", options={"xatol": 1e-10, "maxiter": 20_000}
    )
    np.testing.assert_allclose(erc_weights(PAPER, 1.0, 0.3)[1:], found.x, atol=1e-5)


def test_equal_correlations_give_weights_by_inverse_volatility() -> None:
    matrix = (np.full((4, 4), 0.5) + np.eye(4) * 0.5) * np.outer(VOLATILITY, VOLATILITY)
    np.testing.assert_allclose(erc_weights(matrix, 1.0, 1.0), [0.48, 0.24, 0.16, 0.12], atol=1e-9)


def test_no_asset_has_no_weight_and_one_has_all() -> None:
    assert erc_weights(np.empty((0, 0)), 0.9, 0.5).tolist() == []
    assert erc_weights(np.array([[0.04]]), 0.9, 1.0).tolist() == [0.9]


def test_identical_assets_share_alike() -> None:
    np.testing.assert_allclose(erc_weights(np.full((3, 3), 0.04), 0.9, 1.0), 0.3, rtol=1e-9)


def test_collinear_assets_still_have_equal_contributions() -> None:
    scale = np.array([0.1, 0.2, 0.3])
    matrix = np.outer(scale, scale)
    np.testing.assert_allclose(erc_weights(matrix, 1.0, 1.0), (1.0 / scale) / (1.0 / scale).sum(), rtol=1e-9)


def test_caps_that_just_hold_the_target_are_all_reached() -> None:
    assert erc_weights(PAPER, 1.0, 0.25).tolist() == [0.25] * 4


def test_reordered_assets_have_reordered_weights() -> None:
    order = [2, 0, 3, 1]
    np.testing.assert_allclose(
        erc_weights(PAPER[np.ix_(order, order)], 1.0, 0.3), erc_weights(PAPER, 1.0, 0.3)[order], rtol=1e-9
    )


@pytest.mark.parametrize("scale", [1e-12, 1e-4, 1e6])
def test_weights_do_not_depend_on_the_unit_of_risk(scale: float) -> None:
    np.testing.assert_allclose(erc_weights(PAPER * scale, 1.0, 1.0), PAPER_WEIGHTS, atol=1e-6)


def test_a_portfolio_that_cannot_be_met_names_the_limits_that_conflict() -> None:
    message = (
        "4 assets of at most max_target_weight_frac 0.2 hold 0.8, under target_gross_frac 0.95; raise the cap, "
        "lower the gross target or select more assets"
    )
    with pytest.raises(DataError, match=message):
        erc_weights(PAPER, 0.95, 0.2)


@pytest.mark.parametrize(("gross", "cap"), [(0.0, 0.5), (-1.0, 0.5), (1.0, 0.0)])
def test_limits_that_are_not_positive_are_refused(gross: float, cap: float) -> None:
    with pytest.raises(DataError, match=f"target_gross_frac {gross} and max_target_weight_frac {cap} must be positive"):
        erc_weights(PAPER, gross, cap)


@pytest.mark.parametrize("variance", [0.0, -0.01, np.nan, np.inf])
def test_an_asset_without_risk_is_named(variance: float) -> None:
    matrix = PAPER.copy()
    matrix[2, 2] = variance
    with pytest.raises(DataError, match=f"asset 2 of 4 has variance {variance}, so it has no risk to share"):
        erc_weights(matrix, 1.0, 1.0)


def test_a_missing_covariance_is_refused() -> None:
    matrix = PAPER.copy()
    matrix[0, 1] = matrix[1, 0] = np.nan
    with pytest.raises(DataError, match="covariance of 4 assets misses values; leave out assets that lack history"):
        erc_weights(matrix, 1.0, 1.0)


def test_assets_that_hedge_each_other_completely_have_no_risk_to_share() -> None:
    matrix = np.array([[0.04, -0.04], [-0.04, 0.04]])
    with pytest.raises(DataError, match="hedge each other completely"):
        erc_weights(matrix, 1.0, 1.0)


def test_a_solve_leaves_no_mark_on_the_next() -> None:
    first = erc_weights(PAPER, 1.0, 0.3).tobytes()
    erc_weights(made(4, 7), 0.9, 0.4)
    assert erc_weights(PAPER, 1.0, 0.3).tobytes() == first


def test_threads_find_the_same_bits() -> None:
    wanted = {seed: erc_weights(made(4, seed), 1.0, 1.0).tobytes() for seed in range(8)}
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda seed: erc_weights(made(4, seed), 1.0, 1.0).tobytes(), [*range(8)] * 4))
    assert found == [wanted[seed] for seed in [*range(8)] * 4]


def test_another_process_finds_the_same_bits() -> None:
    text = (
        "import sys, numpy as np\n"
        "from nodes.kernels.portfolio.risk_budgeting import erc_weights\n"
        "matrix = np.frombuffer(bytes.fromhex(sys.argv[1])).reshape(4, 4)\n"
        "print(erc_weights(matrix, 1.0, 0.3).tobytes().hex(), end='')"
    )
    run = partial(subprocess.run, capture_output=True, text=True, check=True)
    found = run([sys.executable, "-c", text, PAPER.tobytes().hex()]).stdout
    assert found == erc_weights(PAPER, 1.0, 0.3).tobytes().hex()


@settings(max_examples=20)
@given(size=st.integers(1, 40), seed=st.integers(0, 10_000))
def test_budgets_are_met_to_a_ten_billionth(size: int, seed: int) -> None:
    """PF-01: contributions as budgeted; the residual of the optimum's conditions is under 1e-10."""
    matrix = made(size, seed)
    budgets = np.random.default_rng(seed).dirichlet(np.ones(size)) + 1e-6
    budgets /= budgets.sum()
    weights = risk_budget_weights(matrix, budgets, 1.0, 1.0)
    assert budget_residual(weights, matrix, budgets) < 1e-10
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)


def test_five_hundred_assets_meet_their_budgets_too() -> None:
    matrix, equal = made(500, 3), np.full(500, 1.0 / 500)
    assert budget_residual(erc_weights(matrix, 1.0, 1.0), matrix, equal) < 1e-10


def test_unequal_budgets_agree_with_skfolio() -> None:
    budgets = np.array([0.1, 0.2, 0.3, 0.4])
    returns = (
        np.random.default_rng(6).normal(0.0, [0.01, 0.02, 0.015, 0.03], (400, 4)) @ np.linalg.cholesky(CORRELATION).T
    )
    peer = RiskBudgeting(risk_measure=RiskMeasure.VARIANCE, risk_budget=budgets).fit(returns)
    np.testing.assert_allclose(risk_budget_weights(covariance(returns), budgets, 1.0, 1.0), peer.weights_, atol=1e-4)


def test_an_asset_without_budget_has_no_weight() -> None:
    found = risk_budget_weights(PAPER, np.array([1.0, 0.0, 1.0, 0.0]), 0.8, 0.7)
    assert found[[1, 3]].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(found[[0, 2]], [0.6, 0.2], rtol=1e-9)


@pytest.mark.parametrize(
    ("budgets", "message"),
    [
        ([0.5, 0.5, 0.5], "for 4 assets; give each asset a budget of 0 or more"),
        ([0.5, -0.1, 0.5, 0.1], "give each asset a budget of 0 or more"),
        ([0.5, np.nan, 0.5, 0.1], "give each asset a budget of 0 or more"),
        ([0.0, 0.0, 0.0, 0.0], "all 4 risk budgets are 0, so that there is no risk to take; give one asset a budget"),
    ],
)
def test_budgets_that_say_nothing_are_refused(budgets: list[float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        risk_budget_weights(PAPER, np.array(budgets), 1.0, 1.0)


def test_fewer_periods_than_assets_may_leave_no_risk_to_share() -> None:
    returns = np.random.default_rng(1).normal(size=(5, 40))
    with pytest.raises(DataError, match="check whether the assets hedge each other completely"):
        erc_weights(np.cov(returns.T), 1.0, 1.0)


@pytest.mark.parametrize("seed", [562, 1730, 551, 1297, 1773, 913, 518, 162, 0, 117])
def test_ordinary_samples_are_solved_where_the_objective_happens_to_be_near_nothing(seed: int) -> None:
    """Maillard, Roncalli and Teiletche (2010): every positive definite covariance has an ERC portfolio.

    Sample covariances of 40 periods, most conditioned under 700: at the end the objective tells no steps apart.
    """
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 10))
    returns = rng.standard_normal((40, size)) @ rng.standard_normal((size, size))
    matrix = np.cov(returns, rowvar=False)
    weights = erc_weights(matrix, 1.0, 1.0)
    assert budget_residual(weights, matrix, np.full(size, 1.0 / size)) < 1e-10
    assert weights.sum() == pytest.approx(1.0, abs=1e-14)
