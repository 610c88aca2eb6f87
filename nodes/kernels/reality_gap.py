"""How far predicted costs are from what was paid, order by order, and a predictor that learns from one and not all.

The gap of an order is |realised - predicted| / |realised|. Where little was paid a small error is a large gap, so the
error in basis points stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
_LEAST_ORDERS = 3
_ROUNDS, _LEAST_MISS = 30, 1e-3


@dataclass(frozen=True, slots=True)
class GapDistribution:
    """Predicted against realised costs of some orders.

    Attributes:
        n_orders: how many.
        within_frac: part of them whose gap is at most the tolerance.
        tolerance_frac: the tolerance.
        gap_quantiles: of the gaps, at `LEVELS`.
        error_quantiles_bps: of realised less predicted, at `LEVELS`.
        mean_error_bps: its mean: above zero where costs were underestimated.
        correlation: of predicted and realised.
    """

    n_orders: int
    within_frac: float
    tolerance_frac: float
    gap_quantiles: tuple[float, ...]
    error_quantiles_bps: tuple[float, ...]
    mean_error_bps: float
    correlation: float


def cost_coefficients(parts_bps: Array, realised_bps: Array, usual_bps: Array) -> Array:
    """By what each predicted part is to be multiplied to tell what an order usually pays; none is below zero.

    The sum of relative misses is least, not that of their squares: a few orders that rested and paid next to nothing
    would otherwise pull the prediction of all others down.

    Source: Schlossmacher (1973), An Iterative Technique for Absolute Deviations Curve Fitting, JASA 68(344).

    Args:
        parts_bps: one row an order, one column a part: half spread, impact, fees.
        realised_bps: what each order paid.
        usual_bps: above zero: by what the miss of each order is divided.
    """
    n_orders, n_parts = parts_bps.shape
    if n_orders < max(n_parts, _LEAST_ORDERS):
        message = f"{n_orders} orders are too few to calibrate {n_parts} parts of cost; begin earlier"
        raise DataError(message)
    weights = 1.0 / usual_bps
    found = np.zeros(n_parts)
    for _ in range(_ROUNDS):
        found = _least_squares(parts_bps * weights[:, None], realised_bps * weights)
        misses = relative_misses(parts_bps, found, realised_bps, usual_bps)
        weights = 1.0 / (usual_bps * np.sqrt(np.maximum(misses, _LEAST_MISS)))
    return found


def relative_misses(parts_bps: Array, coefficients: Array, realised_bps: Array, usual_bps: Array) -> Array:
    """How far each order's prediction is from what it paid, as a part of what is usual."""
    missed: Array = np.abs(realised_bps - predicted_bps(parts_bps, coefficients)) / usual_bps
    return missed


def _least_squares(parts_bps: Array, realised_bps: Array) -> Array:
    """Least squares without negatives, by trying every set of parts.

    Source: Lawson and Hanson (1974), Solving Least Squares Problems, chapter 23.
    """
    n_parts = parts_bps.shape[1]
    best, least = np.zeros(n_parts), float(np.sum(realised_bps**2))
    for mask in range(1, 2**n_parts):
        chosen = [place for place in range(n_parts) if mask >> place & 1]
        found: Array = np.asarray(np.linalg.lstsq(parts_bps[:, chosen], realised_bps, rcond=None)[0], np.float64)
        if (found < 0.0).any():
            continue
        rest = float(np.sum((predicted_bps(parts_bps[:, chosen], found) - realised_bps) ** 2))
        if rest < least:
            least, best = rest, np.zeros(n_parts)
            best[chosen] = found
    return best


def predicted_bps(parts_bps: Array, coefficients: Array) -> Array:
    """Parts by their coefficients, added first part first."""
    total = np.zeros(len(parts_bps))
    for place, coefficient in enumerate(coefficients.tolist()):
        total = total + parts_bps[:, place] * coefficient
    return total


def beyond_share(participation_frac: Array, knee_frac: float) -> Array:
    """The part of each order beyond a share of the day's volume: what an auction of that size has no room for."""
    with np.errstate(divide="ignore"):
        return np.clip(1.0 - knee_frac / participation_frac, 0.0, 1.0)


def gap_distribution(told_bps: Array, realised_bps: Array, tolerance_frac: float) -> GapDistribution:
    """The distribution of gaps. Raises DataError without orders."""
    if len(realised_bps) == 0 or len(realised_bps) != len(told_bps):
        message = f"{len(told_bps)} predictions for {len(realised_bps)} orders; give as many, and at least one"
        raise DataError(message)
    errors = realised_bps - told_bps
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = np.where(errors == 0.0, 0.0, np.abs(errors) / np.abs(realised_bps))
    varies = len(errors) > 1 and np.ptp(told_bps) > 0.0 and np.ptp(realised_bps) > 0.0
    return GapDistribution(
        n_orders=len(errors),
        within_frac=float(np.mean(gaps <= tolerance_frac)),
        tolerance_frac=tolerance_frac,
        gap_quantiles=tuple(np.quantile(gaps, LEVELS, method="inverted_cdf").tolist()),
        error_quantiles_bps=tuple(np.quantile(errors, LEVELS).tolist()),
        mean_error_bps=float(np.mean(errors)),
        correlation=float(np.corrcoef(told_bps, realised_bps)[0, 1]) if varies else float("nan"),
    )
