"""Calibration finds the coefficients that were planted, and says how sure it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nodes.kernels.simulator.calibration import Executions, calibrated_impact, square_root_coefficient
from nodes.vocabulary.errors import DataError

PLANTED = {"gamma": 0.314, "delta": 0.267, "eta": 0.142, "beta": 0.6, "kappa": 0.4}


def executions(seed: int, n_orders: int, noise: float) -> Executions:
    rng = np.random.default_rng(seed)
    volatility, part = rng.uniform(0.01, 0.03, n_orders), rng.uniform(0.002, 0.2, n_orders)
    turnover, days = rng.lognormal(5.0, 0.8, n_orders), rng.uniform(0.05, 1.0, n_orders)
    spread = rng.lognormal(0.0, 0.5, n_orders)
    permanent = PLANTED["gamma"] * volatility * part * turnover ** PLANTED["delta"]
    temporary = PLANTED["eta"] * volatility * (part / days) ** PLANTED["beta"] * spread ** PLANTED["kappa"]
    permanent += noise * volatility * rng.standard_normal(n_orders)
    realised = permanent / 2.0 + temporary + noise * volatility * rng.standard_normal(n_orders)
    return Executions(volatility, part, turnover, days, spread, permanent, realised)


def test_without_noise_the_planted_coefficients_come_out_exactly() -> None:
    """EXE-07"""
    found = calibrated_impact(executions(1, 60, 0.0))
    assert {name: getattr(found, name).value for name in PLANTED} == pytest.approx(PLANTED, rel=1e-6)


def test_with_noise_they_lie_within_three_standard_errors_and_those_are_honest() -> None:
    """EXE-07: the scores of repeated draws have a spread of about one."""
    scores = []
    for seed in range(30):
        found = calibrated_impact(executions(seed, 800, 0.1))
        scores.append(
            [(getattr(found, name).value - PLANTED[name]) / getattr(found, name).standard_error for name in PLANTED]
        )
    spread = np.sqrt(np.mean(np.square(scores), axis=0))
    assert (np.abs(np.mean(scores, axis=0)) < 0.75).all()
    assert ((spread > 0.6) & (spread < 1.5)).all()


def test_rows_that_miss_something_are_left_out_and_too_few_are_refused() -> None:
    rows = executions(1, 40, 0.0)
    damaged = replace(rows, part=np.where(np.arange(40) < 5, np.nan, rows.part))
    assert calibrated_impact(damaged).n_executions == 35
    with pytest.raises(DataError, match="5 of 40 executions are whole and positive, expected 10"):
        calibrated_impact(replace(rows, part=np.where(np.arange(40) < 35, -1.0, rows.part)))


def test_orders_that_all_have_one_turnover_cannot_tell_its_exponent() -> None:
    rows = executions(1, 40, 0.0)
    with pytest.raises(DataError, match="all have one turnover"):
        calibrated_impact(replace(rows, turnover=np.ones(40)))


def test_the_square_root_coefficient_comes_out_of_noisy_costs() -> None:
    rng = np.random.default_rng(3)
    volatility, participation = rng.uniform(0.01, 0.03, 500), rng.uniform(0.001, 0.1, 500)
    cost = 0.8 * volatility * np.sqrt(participation) + 0.02 * volatility * rng.standard_normal(500)
    found = square_root_coefficient(volatility, participation, cost)
    assert abs(found.value - 0.8) < 3.0 * found.standard_error < 0.05
    with pytest.raises(DataError, match="3 costs, expected at least 10"):
        square_root_coefficient(volatility[:3], participation[:3], cost[:3])


def test_costs_that_say_nothing_of_the_coefficient_are_left_out() -> None:
    """Without volatility a cost would be infinitely many of it; a missing one would make all missing."""
    volatility, participation = np.full(20, 0.02), np.linspace(0.01, 0.1, 20)
    cost = 0.8 * volatility * np.sqrt(participation)
    volatility[0], participation[1], cost[2] = 0.0, -0.1, np.nan
    assert square_root_coefficient(volatility, participation, cost).value == pytest.approx(0.8)
    with pytest.raises(DataError, match="0 costs, expected at least 10"):
        square_root_coefficient(np.zeros(20), participation, cost)
