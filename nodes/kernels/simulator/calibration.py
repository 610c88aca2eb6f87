"""The coefficients of impact out of what finished orders cost, with their standard errors.

    I / volatility             = gamma * (X / V) * turnover^delta                          + noise
    (J - I / 2) / volatility   = eta * |X / (V T)|^beta * (spread / usual spread)^kappa    + noise

I is how far the price stood, after the order was long over, from where it was before; J what the order paid over the
price before it. Both are fractions of the price, signed with the order. Least squares on both lines as they stand: logs
would lose the observations that noise made negative, and bias what is left.

Source: Almgren, Thum, Hauptmann, Li (2005), Direct Estimation of Equity Market Impact, sections 3 and 4.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError

MIN_OBSERVATIONS = 10


@dataclass(frozen=True)
class Executions:
    """Finished orders as columns.

    Attributes:
        volatility_frac: daily volatility.
        part: shares over the volume of a day, positive.
        turnover: shares outstanding over the volume of a day.
        days: how long the order took.
        spread_frac: spread over its usual width, 1.0 where it stood as usual.
        permanent_frac: I.
        realised_frac: J.
    """

    volatility_frac: Array
    part: Array
    turnover: Array
    days: Array
    spread_frac: Array
    permanent_frac: Array
    realised_frac: Array


@dataclass(frozen=True)
class Estimate:
    """One coefficient.

    Attributes:
        value: the estimate.
        standard_error: of it, from the curvature at the optimum.
    """

    value: float
    standard_error: float


@dataclass(frozen=True)
class CalibratedImpact:
    """All coefficients.

    Attributes:
        gamma: permanent coefficient.
        delta: exponent of the turnover.
        eta: temporary coefficient.
        beta: exponent of the rate.
        kappa: exponent of the spread.
        n_executions: how many orders they are from.
    """

    gamma: Estimate
    delta: Estimate
    eta: Estimate
    beta: Estimate
    kappa: Estimate
    n_executions: int


def calibrated_impact(executions: Executions) -> CalibratedImpact:
    """Coefficients by least squares. Raises DataError for too few orders, or ones that do not tell them apart."""
    sound = _sound(executions)
    permanent = sound.permanent_frac / sound.volatility_frac
    temporary = (sound.realised_frac - sound.permanent_frac / 2.0) / sound.volatility_frac
    rate = sound.part / sound.days

    def permanent_line(at: Array) -> Array:
        return np.asarray(at[0] * sound.part * sound.turnover ** at[1])

    def temporary_line(at: Array) -> Array:
        return np.asarray(at[0] * rate ** at[1] * sound.spread_frac ** at[2])

    gamma, delta = _fitted(permanent_line, permanent, np.array([0.3, 0.2]), "turnover")
    eta, beta, kappa = _fitted(temporary_line, temporary, np.array([0.1, 0.5, 0.0]), "rate and spread")
    return CalibratedImpact(gamma, delta, eta, beta, kappa, len(sound.part))


def square_root_coefficient(volatility_frac: Array, participation_frac: Array, cost_frac: Array) -> Estimate:
    """The coefficient Y of cost = Y * volatility * sqrt(participation), by least squares through the origin.

    A cost that is not known, or whose volatility or participation is no positive number, says nothing of Y.
    Raises DataError for too few of the others.
    """
    columns = np.array([volatility_frac, participation_frac, cost_frac], np.float64)
    is_sound = np.isfinite(columns).all(axis=0) & (columns[:2] > 0.0).all(axis=0)
    volatility, participation, cost = columns[:, is_sound]
    law, scaled = np.sqrt(participation), cost / volatility
    square = math.fsum(law * law)
    if len(law) < MIN_OBSERVATIONS or not square > 0.0:
        raise DataError(f"{len(law)} costs, expected at least {MIN_OBSERVATIONS} with some participation; give more")
    value = math.fsum(law * scaled) / square
    residual = scaled - value * law
    variance = math.fsum(residual * residual) / (len(law) - 1) / square
    return Estimate(value, variance**0.5)


def _sound(executions: Executions) -> Executions:
    columns = [np.asarray(column, np.float64) for column in vars(executions).values()]
    is_sound = np.all([np.isfinite(column) for column in columns], axis=0)
    is_sound &= np.all([column > 0.0 for column in columns[:5]], axis=0)
    n_sound = int(is_sound.sum())
    if n_sound < MIN_OBSERVATIONS:
        message = f"{n_sound} of {len(is_sound)} executions are whole and positive, expected {MIN_OBSERVATIONS}"
        raise DataError(f"{message}; give more finished orders", reason="too-few-executions")
    return Executions(*(column[is_sound] for column in columns))


def _fitted(line: Callable[[Array], Array], found: Array, start: Array, what: str) -> tuple[Estimate, ...]:
    fit = least_squares(lambda at: line(at) - found, start, method="trf", x_scale="jac", xtol=1e-12, ftol=1e-12)
    slopes = fit.jac.T
    normal = np.array([[math.fsum(one * other) for other in slopes] for one in slopes])
    if np.linalg.matrix_rank(normal) < len(start):
        raise DataError(f"executions that all have one {what} cannot tell its exponent; give more varied ones")
    variance = 2.0 * fit.cost / max(1, len(found) - len(start)) * np.linalg.inv(normal)
    return tuple(
        Estimate(float(value), float(error)) for value, error in zip(fit.x, np.sqrt(np.diag(variance)), strict=True)
    )
