"""The risk of a book of weights: its volatility, and what each weight adds to it."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.risk import portfolio_volatility, risk_contributions


def book_volatility(weights: Array, matrix: Array) -> float:
    """Standard deviation of a book of weights: sqrt(w' C w). A weight that is not known is not held.

    NaN where no weight is known, or the covariance of one that is held is not.
    """
    if not np.isfinite(weights).any():
        return float("nan")
    held, kept = _held(weights, matrix)
    return portfolio_volatility(held, kept) if np.isfinite(kept).all() else float("nan")


def risk_shares(weights: Array, matrix: Array) -> Array:
    """What each weight adds to the variance of the book, of all of it; 0 for what is not held.

    NaN everywhere where the book has no known variance above zero.
    """
    held, kept = _held(weights, matrix)
    known = np.isfinite(kept).all()
    contributions = risk_contributions(held, kept) if known else held * np.nan
    total = 0.0
    for contribution in contributions.tolist():
        total += contribution
    shares: Array = np.full(len(weights), np.nan)
    if known and total > 0.0:
        shares[np.isfinite(weights)] = 0.0
        shares[_places(weights)] = contributions / total
    return shares


def _places(weights: Array) -> np.ndarray:
    return np.flatnonzero(np.nan_to_num(weights))


def _held(weights: Array, matrix: Array) -> tuple[Array, Array]:
    """The weights that are held, and their covariance."""
    places = _places(weights)
    return weights[places], matrix[np.ix_(places, places)]
