"""Which of several models may be the best: the set that the data cannot tell from it."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.significance.bootstrap import Resampling, require_resampling, resample_indices
from nodes.vocabulary.errors import DataError

_LEAST_SHARE = 1e-12
"""Differences below this share of the greatest loss are rounding."""


def model_confidence_p(losses: Array, resampling: Resampling) -> Array:
    """For each model the p-value of its place among the best: under 0.05 it is not one of them at 95 %.

    Formula: while several models are left, t_i = (mean loss of i - mean of all left) / se_i by bootstrap, T = max t_i;
        p = share of resamples whose centred T is at least that; the model of the greatest t leaves with the greatest
        p met so far; the last one has 1.
    Unit: fraction. Missing: the values must be finite.
    Source: Hansen, Lunde, Nason (2011), The Model Confidence Set, Econometrica 79(2), sections 2 and 3.1.2 (T_max).

    Args:
        losses: one row a period, one column a model.
        resampling: of periods.

    Raises:
        DataError: there is no model, or a loss is not finite.
    """
    if losses.ndim != 2 or not losses.shape[1] or not np.isfinite(losses).all():  # noqa: PLR2004  # periods and models
        message = f"losses of shape {losses.shape} are no finite table; give a loss of each model for each period"
        raise DataError(message)
    require_resampling(resampling, len(losses))
    means = losses.mean(axis=0)
    drawn = np.array([losses[rows].mean(axis=0) for rows in resample_indices(resampling, len(losses))]) - means
    found, left, worst = np.ones(losses.shape[1]), list(range(losses.shape[1])), 0.0
    least = _LEAST_SHARE * max(float(np.abs(losses).max()), np.finfo(np.float64).tiny)
    while len(left) > 1:
        gaps = means[left] - means[left].mean()
        centred = drawn[:, left] - drawn[:, left].mean(axis=1, keepdims=True)
        scores, chance = _scores(gaps, centred, least)
        worst = max(worst, float((chance.max(axis=1) >= scores.max()).mean()))
        found[left.pop(int(np.argmax(scores)))] = worst
    return found


def _scores(gaps: Array, centred: Array, least: float) -> tuple[Array, Array]:
    """Each model's gap in standard errors, and the same of each resample; a gap that never varies is sure."""
    errors = np.sqrt(np.square(centred).mean(axis=0))
    moved = errors > least
    safe = np.where(moved, errors, 1.0)
    sure = np.where(np.abs(gaps) > least, np.copysign(np.inf, gaps), 0.0)
    return np.where(moved, gaps / safe, sure), np.where(moved, centred / safe, 0.0)
