"""Portfolios and covariances by name: what a policy, a request or a node may ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.portfolio.covariance import (
    constant_correlation_covariance,
    ewma_covariance,
    ledoit_wolf_covariance,
    principal_factor_covariance,
)
from nodes.kernels.portfolio.hierarchical import hrp_weights
from nodes.kernels.portfolio.minimum_variance import minimum_variance_weights
from nodes.kernels.portfolio.risk_budgeting import erc_weights
from nodes.kernels.portfolio.room import ROUNDING, require_room
from nodes.kernels.risk import covariance as sample_covariance
from nodes.vocabulary.errors import DataError

Portfolio: TypeAlias = Callable[[Array, float, float], Array]
"""Covariance, gross target and cap on one asset to long-only weights."""

HALF_LIFE_PERIODS = 11.2
"""Of EWMA where none is given: the decay of 0.94 a day of RiskMetrics (1996), section 5.3."""
N_FACTORS = 3
"""Of the factor model where no number is given: as many as Fama and French (1993) find for shares."""


def equal_weights(covariance: Array, target_gross_frac: float, max_target_weight_frac: float) -> Array:
    """The same long weight for each asset.

    Formula: target_gross_frac / n
    Source: DeMiguel, Garlappi, Uppal (2009), Review of Financial Studies 22(5).
    """
    size = len(covariance)
    require_room(size, target_gross_frac, max_target_weight_frac)
    return np.full(size, target_gross_frac / size) if size else np.empty(0)


def capped_hrp_weights(covariance: Array, target_gross_frac: float, max_target_weight_frac: float) -> Array:
    """Hierarchical risk parity, what is over the cap handed to the others in proportion."""
    size = len(covariance)
    require_room(size, target_gross_frac, max_target_weight_frac)
    if size and size * max_target_weight_frac <= target_gross_frac * (1.0 + ROUNDING):
        return np.full(size, target_gross_frac / size)
    weights = hrp_weights(covariance, target_gross_frac)
    at_cap = np.zeros(size, np.bool_)
    while (weights[~at_cap] > max_target_weight_frac).any():
        at_cap |= weights > max_target_weight_frac
        weights[at_cap] = max_target_weight_frac
        rest = target_gross_frac - max_target_weight_frac * int(at_cap.sum())
        weights[~at_cap] *= rest / weights[~at_cap].sum()
    return weights


PORTFOLIOS: Mapping[str, Portfolio] = {
    "equal-weight": equal_weights,
    "erc": erc_weights,
    "hrp": capped_hrp_weights,
    "minimum-variance": minimum_variance_weights,
}
"""Long-only portfolios that need a covariance alone, by name."""
COVARIANCES: Mapping[str, Callable[[Array], Array]] = {
    "sample": sample_covariance,
    "ledoit-wolf": ledoit_wolf_covariance,
    "constant-correlation": constant_correlation_covariance,
    "ewma": lambda returns: ewma_covariance(returns, HALF_LIFE_PERIODS),
    "factor": lambda returns: principal_factor_covariance(returns, N_FACTORS),
}
"""Covariances of complete returns, by name."""


def portfolio_named(name: str) -> Portfolio:
    """A portfolio by its name. Raises DataError when there is none."""
    if name not in PORTFOLIOS:
        message = f"portfolio method {name!r} is unknown"
        raise DataError(f"{message}; name one of {', '.join(PORTFOLIOS)}", reason="invalid")
    return PORTFOLIOS[name]
