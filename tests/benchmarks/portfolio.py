"""Portfolios beside cvxpy and skfolio: equal risk contribution, minimum variance and HRP of one covariance.

All are given the same returns of made-up shares, and each answers for whole: from returns to weights. A line is only
printed where the answers agree. Figures are the least CPU time of some turns, taken in turn by all. `python -m
tests.benchmarks.portfolio` prints the table, with how exact each answer is.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cvxpy as cp
import numpy as np
from cvxpy.atoms.affine.binary_operators import MulExpression
from cvxpy.atoms.affine.sum import sum as total
from cvxpy.atoms.elementwise.log import log
from cvxpy.atoms.sum_squares import sum_squares
from rich.console import Console
from skfolio import RiskMeasure
from skfolio.cluster import HierarchicalClustering, LinkageMethod
from skfolio.optimization import HierarchicalRiskParity, MeanRisk, RiskBudgeting

from nodes.kernels.arrays import Array
from nodes.kernels.portfolio.allocation import Allocation, allocation
from nodes.kernels.portfolio.caps import Book, Cap, Measure
from nodes.kernels.portfolio.hierarchical import hrp_weights
from nodes.kernels.portfolio.mean_variance import Objective
from nodes.kernels.portfolio.minimum_variance import minimum_variance_weights
from nodes.kernels.portfolio.risk_budgeting import budget_residual, erc_weights
from tests.benchmarks import table
from tests.benchmarks.timing import Row, figure_us

TARGET_US, TARGET_RATIO = 50_000.0, 10.0
_AGREED = {"erc": 2e-3, "minimum-variance": 5e-2}
"""Largest difference of a weight, of the mean weight, between answers that count as one: what the peers reach.

HRP of skfolio halves the tree where its branches part, ours in the middle as the paper does: no answers to compare.
"""


@dataclass(frozen=True)
class Work:
    """How much is solved.

    Attributes:
        n_assets: of the covariance.
        n_periods: of returns behind it.
        n_turns: of each contestant.
    """

    n_assets: int = 500
    n_periods: int = 1000
    n_turns: int = 3


def returns(work: Work) -> Array:
    """Returns of shares with five factors, and volatilities from 0.8 to 3 % a day."""
    draws = np.random.default_rng(11)
    common = draws.normal(size=(work.n_periods, 5)) @ draws.normal(0.0, 0.5, (5, work.n_assets))
    own = draws.normal(size=(work.n_periods, work.n_assets))
    return np.asarray((common + own) * draws.uniform(0.005, 0.02, work.n_assets))


def by_cvxpy(covariance: Array, kind: str) -> Array:
    """The same portfolio by cvxpy, stated and solved."""
    size = len(covariance)
    x = cp.Variable(size)
    risk = sum_squares(MulExpression(cp.Constant(np.linalg.cholesky(covariance / covariance.max()).T), x))
    if kind == "erc":
        problem = cp.Problem(cp.Minimize(risk / 2.0 - total(log(x)) / size))
    else:
        problem = cp.Problem(cp.Minimize(risk), [total(x) == 1.0, x >= 0.0])
    problem.solve(solver=cp.CLARABEL)
    found = np.asarray(x.value, np.float64)
    return np.asarray(found / found.sum())


def by_skfolio(table_of_returns: Array, kind: str) -> Array:
    """The same portfolio by skfolio, from the returns that it estimates its covariance from."""
    models: Mapping[str, Callable[[], RiskBudgeting | MeanRisk | HierarchicalRiskParity]] = {
        "erc": lambda: RiskBudgeting(risk_measure=RiskMeasure.VARIANCE),
        "minimum-variance": lambda: MeanRisk(risk_measure=RiskMeasure.VARIANCE),
        "hrp": lambda: HierarchicalRiskParity(
            risk_measure=RiskMeasure.VARIANCE,
            hierarchical_clustering_estimator=HierarchicalClustering(linkage_method=LinkageMethod.SINGLE),
        ),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(models[kind]().fit(table_of_returns).weights_)


def contests(work: Work) -> dict[str, dict[str, Callable[[], Array]]]:
    """For each portfolio, its contestants."""
    given = returns(work)
    covariance = np.cov(given.T)
    return {
        "erc": {
            "ours": lambda: erc_weights(covariance, 1.0, 1.0),
            "cvxpy": lambda: by_cvxpy(covariance, "erc"),
            "skfolio": lambda: by_skfolio(given, "erc"),
        },
        "minimum-variance": {
            "ours": lambda: minimum_variance_weights(covariance, 1.0, 1.0),
            "cvxpy": lambda: by_cvxpy(covariance, "minimum-variance"),
            "skfolio": lambda: by_skfolio(given, "minimum-variance"),
        },
        "hrp": {"ours": lambda: hrp_weights(covariance, 1.0), "skfolio": lambda: by_skfolio(given, "hrp")},
    }


def rows(work: Work) -> list[Row]:
    """The lines of the table. Raises RuntimeError where answers differ."""
    found: list[Row] = []
    covariance = np.cov(returns(work).T)
    equal = np.full(work.n_assets, 1.0 / work.n_assets)
    for kind, contestants in contests(work).items():
        spent, answers = _turns(contestants, work.n_turns)
        for peer in list(contestants)[1:]:
            _require_agreement(kind, peer, answers)
            found.append(_row(kind, peer, spent, work.n_assets))
        if kind == "erc":
            residuals = {name: budget_residual(answer, covariance, equal) for name, answer in answers.items()}
            beside = ", ".join(f"{name} {residuals[name]:.0e}" for name in ("cvxpy", "skfolio"))
            own = residuals["ours"]
            found.append(Row("erc: KKT residual", f"{own:.0e}", beside, target="under 1e-10", is_met=own < 1e-10))
    return [*found, allocated(work)]


def allocated(work: Work) -> Row:
    """Whole shares of a target under every cap, with the price of each."""
    book, caps, objective = _case(work.n_assets)
    spent = []
    for _ in range(work.n_turns):
        from_s = time.process_time()
        answer = allocation(book, caps, objective)
        spent.append(time.process_time() - from_s)
        if not isinstance(answer, Allocation):
            message = "the caps of the benchmark conflict; loosen them"
            raise TypeError(message)
    return Row(f"allocation of {len(book)} shares under {len(caps)} caps, in whole shares", figure_us(min(spent) * 1e6))


def _case(size: int) -> tuple[Book, tuple[Cap, ...], Objective]:
    draws = np.random.default_rng(12)
    loadings = draws.normal(0.0, 0.15, (size, 5))
    risk = 5.0 * (loadings @ loadings.T + np.diag(draws.uniform(0.02, 0.1, size)))
    target = draws.uniform(0.0, 2.0 / size, size)
    none = np.zeros(size)
    book = Book(
        symbols=tuple(f"S{place}" for place in range(size)),
        equity_usd=1e8,
        price_usd=draws.uniform(5.0, 500.0, size),
        held_shares=np.zeros(size, np.int64),
        sectors=tuple(f"sector {place % 11}" for place in range(size)),
        beta_frac=draws.uniform(0.5, 1.5, size),
        adv_shares=np.full(size, 1e6),
        located_shares=np.zeros(size, np.int64),
        borrow_fee_frac=none,
        target_frac=target,
    )
    caps = (
        Cap("gross", Measure.GROSS, 0.95),
        Cap("beta", Measure.BETA, 0.9),
        Cap("single-name", Measure.NAME, 1.6 / size),
        Cap("sector", Measure.SECTOR, 0.09),
        Cap("participation", Measure.PARTICIPATION, 0.05),
        Cap("turnover", Measure.TURNOVER, 0.9),
        Cap("locate", Measure.SHORT, 0.0),
    )
    return book, caps, Objective(risk @ target, risk, none, none, none)


def _turns(contestants: Mapping[str, Callable[[], Array]], n_turns: int) -> tuple[dict[str, float], dict[str, Array]]:
    """Least CPU seconds of each contestant, and its answer."""
    spent: dict[str, float] = dict.fromkeys(contestants, np.inf)
    answers: dict[str, Array] = {}
    for _ in range(n_turns):
        for name, work in contestants.items():
            from_s = time.process_time()
            answers[name] = work()
            spent[name] = min(spent[name], time.process_time() - from_s)
    return spent, answers


def _require_agreement(kind: str, peer: str, answers: Mapping[str, Array]) -> None:
    if kind not in _AGREED:
        return
    apart = float(np.abs(answers["ours"] - answers[peer]).max()) * len(answers["ours"])
    if apart > _AGREED[kind]:
        message = f"{kind}: {peer} and we find different things: {apart:.1e} of the mean weight apart"
        raise RuntimeError(message)


def _row(kind: str, peer: str, spent: Mapping[str, float], size: int) -> Row:
    ratio, ours_us = spent[peer] / spent["ours"], spent["ours"] * 1e6
    is_erc = kind == "erc"
    target = f"{TARGET_RATIO:g}x, {figure_us(TARGET_US)}" if is_erc else ""
    is_met = ratio >= TARGET_RATIO and ours_us <= TARGET_US if is_erc else None
    beside = f"{peer} {figure_us(spent[peer] * 1e6)}"
    return Row(f"{kind} of {size} assets", figure_us(ours_us), beside, f"{ratio:.1f}x", target, is_met)


def main() -> int:
    """Print the table; 1 when a target is missed."""
    found = rows(Work())
    table.printed(found, Console(width=150))
    return int(any(row.is_met is False for row in found))


if __name__ == "__main__":
    sys.exit(main())
