"""Probabilities that mean what they say: two maps from a model's probability to an observed frequency, and measures.

A map is fitted on predictions for rows that the model was not trained on; who calls sees to that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError

LEAST_PROBABILITY = 1e-6
"""Probabilities nearer to 0 or 1 count as this near."""
_MAX_STEPS = 100
_TOLERANCE = 1e-12
_MAX_HALVINGS = 40
_RIDGE = 1e-12


@dataclass(frozen=True, slots=True)
class PlattMap:
    """calibrated = 1 / (1 + exp(-(slope x logit + intercept))).

    Attributes:
        slope: of the logit of the given probability; 1 leaves it.
        intercept: added to it; 0 leaves it.
    """

    slope: float
    intercept: float

    def calibrated(self, probabilities: Array) -> Array:
        """The map's values; NaN stays NaN."""
        return logistic(self.slope * logits(probabilities) + self.intercept)


@dataclass(frozen=True, eq=False)
class IsotonicMap:
    """A line through knots that never falls; before the first and behind the last knot it is flat.

    Attributes:
        given: probabilities of the model, ascending.
        observed: frequency at each, never falling.
    """

    given: Array
    observed: Array

    def calibrated(self, probabilities: Array) -> Array:
        """The map's values; NaN stays NaN."""
        return np.interp(probabilities, self.given, self.observed) + probabilities * 0.0


@dataclass(frozen=True, eq=False)
class Reliability:
    """How often what was said came true, by bins of what was said, as near equally full as ties allow.

    Attributes:
        said: mean probability of each bin.
        came: frequency of class 1 in it.
        low: lower end of the frequency's 95 % interval (Wilson).
        high: upper end.
        counts: rows in each bin.
        brier: mean squared error of the probabilities.
        expected_error: mean distance of said and came, by rows.
    """

    said: Array
    came: Array
    low: Array
    high: Array
    counts: Array
    brier: float
    expected_error: float


def logits(probabilities: Array) -> Array:
    """log(p / (1 - p)) of probabilities kept `LEAST_PROBABILITY` away from 0 and 1; NaN stays NaN."""
    held = np.clip(probabilities, LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY)
    return np.log(held / (1.0 - held))


def logistic(score: Array) -> Array:
    """1 / (1 + exp(-score)), without overflow; NaN stays NaN."""
    raised = np.exp(-np.abs(score))
    return np.where(score >= 0.0, 1.0, raised) / (1.0 + raised)


def platt_map(probabilities: Array, classes: Array, weights: Array) -> PlattMap:
    """The logistic map of highest likelihood, with smoothed targets, so that no sample is ever certain.

    Formula: minimise -sum w (t log q + (1 - t) log(1 - q)), q = logistic(slope x logit(p) + intercept), where t is
        (n1 + 1) / (n1 + 2) for class 1 and 1 / (n0 + 2) for class 0.
    Unit: probabilities. Missing: rows with a NaN probability take no part.
    Source: Platt (1999), Probabilistic outputs for support vector machines; Lin, Lin, Weng (2007), A note on Platt's
        probabilistic outputs, Machine Learning 68.
    """
    p, y, w = _present(probabilities, classes, weights)
    x = logits(p)
    n_one, n_zero = float(w[y == 1.0].sum()), float(w[y == 0.0].sum())
    target = np.where(y == 1.0, (n_one + 1.0) / (n_one + 2.0), 1.0 / (n_zero + 2.0))
    slope, intercept = 0.0, math.log((n_one + 1.0) / (n_zero + 1.0))
    for _ in range(_MAX_STEPS):
        step = _newton_step(x, target, w, slope, intercept)
        slope, intercept, gained = _descended(x, target, w, (slope, intercept), step)
        if gained <= _TOLERANCE:
            break
    return PlattMap(slope, intercept)


def isotonic_map(probabilities: Array, classes: Array, weights: Array) -> IsotonicMap:
    """The never falling map of least squared error.

    Formula: minimise sum w (y - f(p))^2 over f that never falls, by pooling adjacent violators.
    Unit: probabilities. Missing: rows with a NaN probability take no part.
    Source: Ayer et al. (1955); Zadrozny, Elkan (2002), Transforming classifier scores into accurate multiclass
        probability estimates, KDD.
    """
    p, y, w = _present(probabilities, classes, weights)
    given, place = np.unique(p, return_inverse=True)
    mass = np.bincount(place, w)
    blocks: list[list[float]] = []
    for at, (total, hits) in enumerate(zip(mass.tolist(), np.bincount(place, w * y).tolist(), strict=True)):
        blocks.append([total, hits, at, at])
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][0] >= blocks[-1][1] * blocks[-2][0]:
            above = blocks.pop()
            blocks[-1][0] += above[0]
            blocks[-1][1] += above[1]
            blocks[-1][3] = above[3]
    ends = [(int(at), hits / total) for total, hits, first, last in blocks for at in sorted({first, last})]
    return IsotonicMap(given[[at for at, _ in ends]], np.array([value for _, value in ends]))


def reliability(probabilities: Array, classes: Array, n_bins: int) -> Reliability:
    """Said and come true, by bins of equally many rows. Rows with a NaN probability take no part.

    Source: Murphy, Winkler (1977); Wilson (1927) for the intervals; Brier (1950).
    """
    p, y, _ = _present(probabilities, classes, np.ones(len(classes)))
    order = np.argsort(p, kind="stable")
    p, y = p[order], y[order]
    edges = np.unique(np.searchsorted(p, p[(np.arange(1, n_bins) * len(p)) // n_bins]))
    parts = [part for part in np.split(np.arange(len(p)), edges) if len(part)]
    said = np.array([p[part].mean() for part in parts])
    came = np.array([y[part].mean() for part in parts])
    counts = np.array([float(len(part)) for part in parts])
    low, high = _wilson(came, counts)
    error = float((counts * np.abs(said - came)).sum() / counts.sum())
    return Reliability(said, came, low, high, counts, float(np.square(p - y).mean()), error)


def _newton_step(x: Array, target: Array, w: Array, slope: float, intercept: float) -> tuple[float, float]:
    q = logistic(slope * x + intercept)
    gap, bend = w * (q - target), w * q * (1.0 - q)
    g_slope, g_intercept = float((gap * x).sum()), float(gap.sum())
    a, b, c = float((bend * x * x).sum()) + _RIDGE, float((bend * x).sum()), float(bend.sum()) + _RIDGE
    determinant = max(a * c - b * b, _RIDGE * _RIDGE)
    return -(c * g_slope - b * g_intercept) / determinant, -(a * g_intercept - b * g_slope) / determinant


def _descended(
    x: Array, target: Array, w: Array, at: tuple[float, float], step: tuple[float, float]
) -> tuple[float, float, float]:
    """Where a step leads, halved until the loss falls, and by how much it fell."""
    before, share = _loss(x, target, w, *at), 1.0
    for _ in range(_MAX_HALVINGS):
        slope, intercept = at[0] + share * step[0], at[1] + share * step[1]
        after = _loss(x, target, w, slope, intercept)
        if after < before:
            return slope, intercept, (before - after) / max(1.0, before)
        share /= 2.0
    return *at, 0.0


def _loss(x: Array, target: Array, w: Array, slope: float, intercept: float) -> float:
    score = slope * x + intercept
    return float((w * (np.logaddexp(0.0, score) - target * score)).sum())


def _present(probabilities: Array, classes: Array, weights: Array) -> tuple[Array, Array, Array]:
    """The rows with a probability. Raises DataError without both classes among them."""
    has = np.isfinite(probabilities)
    p, y, w = probabilities[has], classes[has], weights[has]
    found = sorted(set(y[w > 0.0].tolist()))
    if found != [0.0, 1.0]:
        message = f"{len(p)} rows with a probability are of classes {found[:5]}; calibrate on rows of class 0 and 1"
        raise DataError(message)
    return p, y, w


def _wilson(frequency: Array, counts: Array) -> tuple[Array, Array]:
    """The 95 % score interval of a frequency."""
    z = 1.959963984540054
    centre = (frequency + z * z / (2.0 * counts)) / (1.0 + z * z / counts)
    half = z / (1.0 + z * z / counts) * np.sqrt(frequency * (1.0 - frequency) / counts + (z / (2.0 * counts)) ** 2)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
