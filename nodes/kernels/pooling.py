"""Weights of an ensemble: the mixture of members' predictions that erred least on rows that none was trained on."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.calibration import LEAST_PROBABILITY
from nodes.vocabulary.errors import DataError

_MAX_STEPS = 5_000
_TOLERANCE = 1e-12


def class_pool_weights(predictions: Array, classes: Array, weights: Array) -> Array:
    """The mixture of probabilities of highest likelihood: one weight a member, none negative, their sum one.

    Formula: maximise sum w log(sum_m a_m q_m), q_m the probability that member m gave to the class that came; by
        expectation and maximisation, from equal weights.
    Unit: fraction. Missing: rows that a member did not predict take no part.
    Source: Genest, Zidek (1986), Combining probability distributions, Statistical Science 1(1); Dempster, Laird, Rubin
        (1977) for the iteration.

    Args:
        predictions: probability of class 1, one row a sample, one column a member.
        classes: 0 or 1.
        weights: of the samples.
    """
    p, y, w = _present(predictions, classes, weights)
    given = np.where(y[:, None] == 1.0, p, 1.0 - p)
    given = np.maximum(given, LEAST_PROBABILITY)
    share = np.full(p.shape[1], 1.0 / p.shape[1])
    for _ in range(_MAX_STEPS):
        parts = share * given
        after = (w[:, None] * parts / parts.sum(axis=1, keepdims=True)).sum(axis=0) / w.sum()
        moved = float(np.abs(after - share).max())
        share = after
        if moved < _TOLERANCE:
            break
    return np.asarray(share / share.sum(), np.float64)


def value_pool_weights(predictions: Array, values: Array, weights: Array) -> Array:
    """The mixture of values of least squared error: one weight a member, none negative, their sum one.

    Formula: minimise sum w (y - sum_m a_m v_m)^2 over the simplex, by accelerated projected gradients.
    Unit: fraction. Missing: rows that a member did not predict take no part.
    Source: Breiman (1996), Stacked regressions, Machine Learning 24; Beck, Teboulle (2009) for the iteration; Duchi et
        al. (2008), section 3, for the projection.

    Args:
        predictions: one row a sample, one column a member.
        values: what came.
        weights: of the samples.
    """
    v, y, w = _present(predictions, values, weights)
    gaps = v - y[:, None]
    square = np.array([[(w * one * other).sum() for other in gaps.T] for one in gaps.T]) / w.sum()
    limit = max(float(np.abs(square).sum(axis=1).max()), np.finfo(np.float64).tiny)
    share = ahead = np.full(v.shape[1], 1.0 / v.shape[1])
    pace = 1.0
    for _ in range(_MAX_STEPS):
        after = _on_simplex(ahead - (square * ahead).sum(axis=1) / limit)
        next_pace = (1.0 + np.sqrt(1.0 + 4.0 * pace * pace)) / 2.0
        ahead = after + (pace - 1.0) / next_pace * (after - share)
        moved, share, pace = float(np.abs(after - share).max()), after, next_pace
        if moved < _TOLERANCE:
            break
    return np.asarray(share, np.float64)


def _on_simplex(point: Array) -> Array:
    """The nearest point with no negative part and parts that add up to one."""
    falling = np.sort(point)[::-1]
    excess = (np.cumsum(falling) - 1.0) / np.arange(1, len(point) + 1)
    last = int(np.flatnonzero(falling > excess)[-1])
    held = np.maximum(point - excess[last], 0.0)
    return np.asarray(held / held.sum(), np.float64)


def _present(predictions: Array, target: Array, weights: Array) -> tuple[Array, Array, Array]:
    has = np.isfinite(predictions).all(axis=1)
    if not has.any() or not weights[has].sum() > 0.0:
        message = f"none of {len(target)} rows was predicted by all {predictions.shape[1]} members; pool fewer of them"
        raise DataError(message)
    return predictions[has], target[has], weights[has]
