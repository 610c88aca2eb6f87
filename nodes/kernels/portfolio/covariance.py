"""Covariances of returns: by sample, shrunk, exponentially weighted and by factors; and their repair.

Returns have one row a period, oldest first, and one column an asset; every value must be there. The plain sample
covariance, which tells missing values, is `nodes.kernels.risk.covariance`.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.portfolio.products import gram
from nodes.kernels.risk import covariance as sample_covariance
from nodes.vocabulary.errors import DataError

_LEAST_EIGENVALUE = 1e-10
"""Of a correlation matrix that counts as positive definite: inverses keep six digits."""


def ledoit_wolf_covariance(returns: Array) -> Array:
    """Sample covariance shrunk towards equal variances without correlation, by the amount that errs least.

    Formula: (b/d) m I + (1 - b/d) S, with m = tr(S)/p, d = |S - mI|^2/p, b = min(d, sum |x x' - S|^2 / (n^2 p))
    Divisor n. Raises DataError for fewer than two rows or a missing value.
    Source: Ledoit and Wolf (2004), A Well-Conditioned Estimator, J. Multivariate Analysis 88(2), 365-411.
    """
    centred, sample = _centred(returns)
    rows, size = centred.shape
    mean = float(np.trace(sample)) / size if size else 0.0
    squared = float((sample**2).sum())
    distance = squared / size - mean**2 if size else 0.0
    lengths = (centred**2).sum(axis=1)
    noise = (float((lengths**2).sum()) / rows - squared) / (rows * size) if size else 0.0
    part = min(noise, distance) / distance if distance > 0.0 else 0.0
    return part * mean * np.eye(size) + (1.0 - part) * sample


def constant_correlation_covariance(returns: Array) -> Array:
    """Sample covariance shrunk towards its own variances with one correlation for all, by the amount that errs least.

    Formula: k F + (1 - k) S; F_ij = r sqrt(s_ii s_jj), r the mean correlation; k = clip((pi - rho) / gamma / n, 0, 1)
    Divisor n. Raises DataError for fewer than two rows, a missing value or an asset without variance.
    Source: Ledoit and Wolf (2004), Honey, I Shrunk the Sample Covariance Matrix, J. Portfolio Management 30(4).
    """
    centred, sample = _centred(returns)
    rows, size = centred.shape
    if size < 2:  # noqa: PLR2004  # a correlation needs two
        return sample
    deviation = np.sqrt(_positive(np.diagonal(sample)))
    outer = np.outer(deviation, deviation)
    mean = float(((sample / outer).sum() - size) / (size * (size - 1)))
    target = mean * outer
    target[np.diag_indices(size)] = np.diagonal(sample)
    squares = centred**2
    pi = gram(squares, squares) / rows - sample**2
    theta = gram(centred**3, centred) / rows - np.diagonal(sample)[:, None] * sample
    theta[np.diag_indices(size)] = 0.0
    rho = float(np.trace(pi)) + mean * float((theta * np.outer(1.0 / deviation, deviation)).sum())
    gamma = float(((target - sample) ** 2).sum())
    part = min(max((float(pi.sum()) - rho) / gamma / rows, 0.0), 1.0) if gamma > 0.0 else 0.0
    return np.asarray(part * target + (1.0 - part) * sample)


def ewma_covariance(returns: Array, half_life: float) -> Array:
    """Covariance around zero, a period's weight halved each `half_life` periods that it is older.

    Formula: sum(k_t r_t r_t') / sum(k_t), k_t = 2^(-(n - t) / half_life)
    Raises DataError for no row, a missing value or a half-life that is not positive.
    Source: J.P. Morgan (1996), RiskMetrics Technical Document, section 5.2; 0.94 a day is a half-life of 11.2 days.
    """
    _require_complete(returns, 1)
    if not half_life > 0.0:
        message = f"half-life of {half_life} periods"
        raise DataError(f"{message}; give a positive one")
    ages = np.arange(len(returns))[::-1]
    weights = 0.5 ** (ages / half_life)
    return gram(returns * (weights / weights.sum())[:, None], returns)


def factor_covariance(returns: Array, factors: Array) -> Array:
    """Covariance by factors that were observed: what they explain, and each asset's own variance of what is left.

    Formula: B F B' + diag(residual variances), B by least squares with intercept
    Raises DataError when there are no more rows than factors and an intercept need, or a value is missing.
    Source: Sharpe (1963), Management Science 9(2); Fama and French (1993), J. Financial Economics 33(1).
    """
    _require_complete(returns, factors.shape[1] + 2)
    _require_complete(factors, factors.shape[1] + 2)
    common, own = factors - factors.mean(axis=0), returns - returns.mean(axis=0)
    loadings = np.linalg.lstsq(common, own, rcond=None)[0]
    left = own - _rows(common, loadings)
    explained = _rows(_rows(loadings.T, sample_covariance(factors)), loadings)
    rows = len(returns) - factors.shape[1] - 1
    return np.asarray(explained + np.diag((left**2).sum(axis=0) / rows))


def principal_factor_covariance(returns: Array, n_factors: int) -> Array:
    """Covariance by the strongest principal components of the correlations, and each asset's own variance of the rest.

    Formula: D (V_k L_k V_k' + diag(1 - diag(V_k L_k V_k'))) D with the eigenvalues L_k, vectors V_k of the correlations
    Variances are those of the sample. Raises DataError for fewer than two rows, a missing value, an asset without
    variance, or no factor.
    Source: Connor and Korajczyk (1988), J. Financial Economics 21(2); Jolliffe (2002), Principal Component Analysis.
    """
    if n_factors < 1:
        message = f"factor model of {n_factors} factors"
        raise DataError(f"{message}; ask for at least 1")
    _require_complete(returns, 2)
    sample = sample_covariance(returns)
    deviation = np.sqrt(_positive(np.diagonal(sample)))
    values, vectors = np.linalg.eigh(sample / np.outer(deviation, deviation))
    kept = slice(max(len(values) - n_factors, 0), None)
    common = gram((vectors[:, kept] * values[kept]).T, vectors[:, kept].T)
    common[np.diag_indices(len(values))] = 1.0
    return np.asarray(common * np.outer(deviation, deviation))


def repaired_covariance(matrix: Array) -> tuple[Array, bool]:
    """The matrix itself where it is positive definite, else one near it that is; and whether it was repaired.

    Formula: eigenvalues of the correlations raised to 1e-10, then rescaled to the same variances
    Raises DataError for a missing value or a variance that is not positive.
    Source: Rebonato and Jackel (1999), The Most General Methodology to Create a Valid Correlation Matrix, section 3.
    """
    if not np.isfinite(matrix).all():
        message = f"covariance of {len(matrix)} assets misses values"
        raise DataError(f"{message}; leave out assets that lack history")
    deviation = np.sqrt(_positive(np.diagonal(matrix)))
    outer = np.outer(deviation, deviation)
    even = (matrix + matrix.T) / 2.0 / outer
    values, vectors = np.linalg.eigh(even)
    if not len(values) or float(values.min()) >= _LEAST_EIGENVALUE:
        return matrix, False
    raised = gram((vectors * np.maximum(values, 2.0 * _LEAST_EIGENVALUE)).T, vectors.T)
    scale = 1.0 / np.sqrt(np.diagonal(raised))
    return np.asarray(raised * np.outer(scale, scale) * outer), True


def _rows(left: Array, right: Array) -> Array:
    """One matrix times another."""
    return gram(left.T, right)


def _centred(returns: Array) -> tuple[Array, Array]:
    """Deviations from the means, and their covariance with divisor n."""
    _require_complete(returns, 2)
    centred = returns - returns.mean(axis=0)
    return centred, gram(centred, centred) / len(returns)


def _positive(variances: Array) -> Array:
    for place, variance in enumerate(variances.tolist()):
        if not variance > 0.0:
            message = f"asset {place} of {len(variances)} has variance {variance}, so that it has no correlation"
            raise DataError(f"{message}; leave it out")
    return variances


def _require_complete(returns: Array, rows: int) -> None:
    if len(returns) < rows:
        message = f"covariance of {len(returns)} periods is undefined here"
        raise DataError(f"{message}; give at least {rows}")
    if not np.isfinite(returns).all():
        row, column = (int(place) for place in np.argwhere(~np.isfinite(returns))[0])
        message = f"return of asset {column} in period {row} is {returns[row, column]}"
        raise DataError(f"{message}; leave out assets that lack history")
