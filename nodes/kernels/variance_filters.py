"""How turbulent each period was, as the periods before it told: exponential weights, and GARCH(1, 1).

A filter has one variance more than there are returns: the last is that of the period to come. The mean of a daily
return is taken as zero, as RiskMetrics does: beside its deviation it is nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg.blas import dtbsv
from scipy.optimize import minimize

from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError

_MOST_PERSISTENCE = 0.9999
_STARTS = ((0.08, 0.90),)


@dataclass(frozen=True, slots=True)
class Garch:
    """Parameters of GARCH(1, 1).

    Attributes:
        constant: omega, the variance that is always there.
        news: alpha, weight of the last squared return.
        memory: beta, weight of the last variance.
    """

    constant: float
    news: float
    memory: float


def ewma_variances(returns: Array, decay: float) -> Array:
    """Variance of each period and of the next one, by exponential weights on squared returns.

    Formula: v[0] = mean of all r^2; v[t+1] = decay v[t] + (1 - decay) r[t]^2
    Unit: square of the return. Source: J.P. Morgan (1996), RiskMetrics Technical Document, section 5.2.
    """
    if not 0.0 < decay < 1.0:
        message = f"a decay of {decay} forgets nothing or everything; give a number between 0 and 1, e.g. 0.94"
        raise DataError(message)
    return _recursion(returns, Garch(0.0, 1.0 - decay, decay))


def garch_variances(returns: Array, model: Garch) -> Array:
    """Variance of each period and of the next one by GARCH(1, 1).

    Formula: v[0] = mean of all r^2; v[t+1] = omega + alpha r[t]^2 + beta v[t]
    Unit: square of the return. Source: Bollerslev (1986), J. Econometrics 31(3).
    """
    return _recursion(returns, model)


def fitted_garch(returns: Array) -> Garch:
    """The GARCH(1, 1) that makes a sample likeliest under the normal law, its long-run variance that of the sample.

    Formula: minimum over alpha, beta of sum(ln v + r^2 / v), omega = (1 - alpha - beta) mean(r^2)
    Missing: returns hold no NaN; no news and no memory where nothing varies.
    Source: Francq, Horvath, Zakoian (2011), Merits and drawbacks of variance targeting, J. Financial Econometrics 9(4).
    """
    usual = math.fsum((returns * returns).tolist()) / len(returns)
    if usual == 0.0:
        return Garch(0.0, 0.0, 0.0)
    squares = returns * returns / usual
    fits = [minimize(_loss, start, args=(squares,), method="Nelder-Mead", options=_SEARCH) for start in _STARTS]
    best = min(fits, key=lambda fit: float(fit.fun))
    news, memory = (float(value) for value in best.x)
    return Garch((1.0 - news - memory) * usual, news, memory)


_SEARCH = {"xatol": 1e-6, "fatol": 1e-10, "maxiter": 400}


def _loss(params: Array, squares: Array) -> float:
    news, memory = float(params[0]), float(params[1])
    if news < 0.0 or memory < 0.0 or news + memory > _MOST_PERSISTENCE:
        return math.inf
    variances = _of_squares(squares, Garch(1.0 - news - memory, news, memory), 1.0)[:-1]
    return float(np.mean(np.log(variances) + squares / variances))


def _recursion(returns: Array, model: Garch) -> Array:
    squares = returns * returns
    return _of_squares(squares, model, math.fsum(squares.tolist()) / len(squares))


def _of_squares(squares: Array, model: Garch, first: float) -> Array:
    """v[t+1] = omega + alpha r[t]^2 + beta v[t], one after the other, from the first variance on."""
    # A band of one below the diagonal, solved forwards: scipy.signal says the same and takes a second to import.
    band = np.full((2, len(squares) + 1), -model.memory)
    news = np.concatenate([[first], model.constant + model.news * squares])
    return np.asarray(dtbsv(1, band, news, lower=1, diag=1), dtype=np.float64)
