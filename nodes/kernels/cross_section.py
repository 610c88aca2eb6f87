"""Comparing symbols with one another at one session.

Sums run over the values in ascending order, so that a result does not depend on the order of the symbols.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nodes.kernels.arrays import Array


def ordered_sum(values: Array) -> float:
    """The sum of the values, smallest first, so that their order in the array leaves no mark."""
    total = 0.0
    for value in np.sort(values).tolist():
        total += value
    return total


def z_scores(values: Array, bound: float) -> Array:
    """Distance of each value from the mean in standard deviations (divisor n), cut off at +-`bound`.

    NaN stays NaN and takes no part. Where the present values do not differ, each of them scores 0.
    """
    present = values[np.isfinite(values)]
    if not len(present):
        return np.full(len(values), np.nan)
    mean = ordered_sum(present) / len(present)
    deviation = float(np.sqrt(ordered_sum((present - mean) ** 2) / len(present)))
    with np.errstate(invalid="ignore"):
        raw = np.clip((values - mean) / deviation, -bound, bound) if deviation > 0.0 else values * 0.0
    return np.where(np.isfinite(values), raw, np.nan)


def weighted_score(features: Mapping[str, Array], weights: Mapping[str, float], bound: float) -> Array:
    """Weighted mean of the features' z-scores by absolute weight, features in the order of their names.

    Only symbols that have every feature with a weight other than zero are compared; the others get NaN and do not
    move the comparison. With no such feature there is no score: NaN.
    """
    names = sorted(name for name in weights if weights[name] != 0.0)
    size = len(next(iter(features.values()))) if features else 0
    if not names:
        return np.full(size, np.nan)
    complete = np.all([np.isfinite(features[name]) for name in names], axis=0)
    total = np.zeros(size)
    scale = 0.0
    for name in names:
        total = total + weights[name] * z_scores(np.where(complete, features[name], np.nan), bound)
        scale += abs(weights[name])
    return total / scale


def highest(scores: Array, names: Sequence[str], count: int) -> np.ndarray:
    """Which symbols hold the `count` highest scores; NaN is never among them, equal scores go by name."""
    known = [
        (-score, name, place)
        for place, (score, name) in enumerate(zip(scores.tolist(), names, strict=True))
        if np.isfinite(score)
    ]
    ranked = [place for _, _, place in sorted(known)]
    chosen = np.zeros(len(scores), dtype=np.bool_)
    chosen[ranked[:count]] = True
    return chosen
