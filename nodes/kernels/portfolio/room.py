"""What every long-only portfolio needs before it is looked for: room under the caps, and risks that are known."""

from __future__ import annotations

import math

import numpy as np

from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError

ROUNDING = 1e-9
"""Slack on caps and totals that only rounding can need."""


def require_room(size: int, target_gross_frac: float, max_target_weight_frac: float) -> None:
    """Raises DataError when the caps of so many assets cannot hold the gross target, or one of the two is nothing."""
    if target_gross_frac <= 0.0 or max_target_weight_frac <= 0.0:
        message = f"target_gross_frac {target_gross_frac} and max_target_weight_frac {max_target_weight_frac}"
        raise DataError(f"{message} must be positive; raise the one that is not")
    if size and size * max_target_weight_frac < target_gross_frac * (1.0 - ROUNDING):
        message = (
            f"portfolio cannot be met: {size} assets of at most max_target_weight_frac {max_target_weight_frac} hold "
            f"{size * max_target_weight_frac:.6g}, under target_gross_frac {target_gross_frac}"
        )
        raise DataError(f"{message}; raise the cap, lower the gross target or select more assets")


def volatilities(covariance: Array) -> Array:
    """Square roots of the diagonal. Raises DataError where a variance is not positive or a covariance is missing."""
    variances = np.diagonal(covariance)
    for place, variance in enumerate(variances.tolist()):
        if not (variance > 0.0 and math.isfinite(variance)):
            message = f"asset {place} of {len(variances)} has variance {variance}, so it has no risk to share"
            raise DataError(f"{message}; leave it out of the selection")
    if not np.isfinite(covariance).all():
        message = f"covariance of {len(variances)} assets misses values"
        raise DataError(f"{message}; leave out assets that lack history")
    return np.sqrt(variances)
