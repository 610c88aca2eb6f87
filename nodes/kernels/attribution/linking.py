"""Effects of several periods, linked: scaled so that their sum is the excess return over all of the periods.

Returns compound and effects add, so that effects of periods do not come to the effect of the whole. Each method scales
those of period t by a number of its own; what they come to is the same, how it is shared out over the periods differs.

Source: Carino (1999), J. Performance Measurement 3(4); Menchero (2000), J. Performance Measurement 5(1); Groupe de
Recherche en Attribution de Performance (1997), Synthese des modeles d'attribution de performance; Bacon (2008),
Practical Portfolio Performance Measurement and Attribution, chapter 8.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import StrEnum

import numpy as np

from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError


class Linking(StrEnum):
    """How effects are scaled.

    CARINO by the logarithms of returns, MENCHERO as evenly as can be, GRAP by growth of the portfolio before and of the
    benchmark after. GRAP depends on the order of the periods, the other two do not.
    """

    CARINO = "carino"
    MENCHERO = "menchero"
    GRAP = "grap"


def compounded(returns: Array) -> float:
    """What returns come to, one after another. Formula: product of (1 + r), less 1. Missing: NaN when one is."""
    growth: float = math.prod((1.0 + returns).tolist())
    return growth - 1.0


def linking_factors(returns: Array, benchmark_returns: Array, method: Linking) -> Array:
    """What the effects of each period are multiplied with.

    Formula, for returns r and b of period t of T, R and B of all:
        CARINO: k_t / k, where k is (ln(1 + r) - ln(1 + b)) / (r - b), or 1 / (1 + r) where both are equal;
        MENCHERO: M + a_t, where M is ((R - B) / T) / ((1 + R)^(1/T) - (1 + B)^(1/T)), or (1 + R)^((T - 1) / T) where
            both are equal, and a_t is (r - b) (R - B - M sum(r - b)) / sum((r - b)^2);
        GRAP: product of (1 + r) before t times product of (1 + b) after t.
    Unit: none.
    Missing: NaN in every period when a return is missing in one: the whole is then unknown.
    Raises: DataError when there is no period, or a return of -1 or less, after which nothing compounds.
    """
    if returns.shape != benchmark_returns.shape or returns.ndim != 1 or not len(returns):
        message = (
            f"returns are {returns.shape} and {benchmark_returns.shape}, expected one a period for the same periods"
        )
        raise DataError(f"{message}; give both for one period or more")
    least = float(np.nanmin([returns, benchmark_returns])) if np.isfinite(returns).any() else 0.0
    if least <= -1.0:
        message = f"a return is {least}, expected over -1; link the periods before everything was lost"
        raise DataError(message)
    if not (np.isfinite(returns).all() and np.isfinite(benchmark_returns).all()):
        return np.full(len(returns), np.nan)
    return _FACTORS[method](returns, benchmark_returns)


def linked(effects: Array, returns: Array, benchmark_returns: Array, method: Linking) -> Array:
    """Effects over all periods, one for each column: their sum is what was made over the benchmark.

    Args:
        effects: a row a period; the rows come to return less benchmark return.
        returns: of the portfolio, by period.
        benchmark_returns: of the benchmark.
        method: how they are scaled.
    """
    factors = linking_factors(returns, benchmark_returns, method)
    scaled = effects * factors[:, np.newaxis]
    return np.array([math.fsum(column.tolist()) for column in scaled.T], dtype=np.float64)


def _carino(returns: Array, benchmark_returns: Array) -> Array:
    single = np.array([_log_slope(*pair) for pair in zip(returns.tolist(), benchmark_returns.tolist(), strict=True)])
    return single / _log_slope(compounded(returns), compounded(benchmark_returns))


def _log_slope(one: float, other: float) -> float:
    """The slope of the logarithm between two returns, well-behaved as they meet: ln(1 + x) / x for small x."""
    gap = (one - other) / (1.0 + other)
    return (math.log1p(gap) / gap if gap else 1.0) / (1.0 + other)


def _menchero(returns: Array, benchmark_returns: Array) -> Array:
    count, active = len(returns), returns - benchmark_returns
    whole, benchmark = compounded(returns), compounded(benchmark_returns)
    # The quotient of the formula as the sum that it is: its denominator vanishes before its numerator does.
    one, other = (1.0 + whole) ** (1.0 / count), (1.0 + benchmark) ** (1.0 / count)
    mean = math.fsum(one ** (count - 1 - place) * other**place for place in range(count)) / count
    squares = math.fsum((active**2).tolist())
    rest = whole - benchmark - mean * math.fsum(active.tolist())
    return np.full(count, mean) + (active * (rest / squares) if squares else 0.0)


def _grap(returns: Array, benchmark_returns: Array) -> Array:
    before = np.concatenate(([1.0], np.multiply.accumulate(1.0 + returns)[:-1]))
    after = np.concatenate((np.multiply.accumulate((1.0 + benchmark_returns)[::-1])[::-1][1:], [1.0]))
    return before * after


_FACTORS: Mapping[Linking, Callable[[Array, Array], Array]] = {
    Linking.CARINO: _carino,
    Linking.MENCHERO: _menchero,
    Linking.GRAP: _grap,
}
