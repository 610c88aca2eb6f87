"""Quantile forecasts: by hand, by their laws, and by simulation."""

from __future__ import annotations

from functools import partial
from statistics import NormalDist

import numpy as np
import pytest

from nodes.kernels.forecasts import (
    coverage_frac,
    naive_quantiles,
    pinball_losses,
    scaled_quantiles,
    seasonal_quantiles,
    skill,
    smoothed_volatility,
)
from nodes.vocabulary.errors import DataError

LEVELS = (0.05, 0.5, 0.95)
CHANCE = np.random.default_rng(3)
WALK = np.cumsum(CHANCE.standard_normal(1_500) * 0.01)


def test_smoothed_volatility_of_equal_moves_is_the_move() -> None:
    found = smoothed_volatility(np.full(150, -0.02), 0.94)
    assert np.isnan(found[:99]).all()
    assert found[99:] == pytest.approx(0.02)


def test_smoothed_volatility_weighs_the_newest_most_and_forgets_after_its_window() -> None:
    shocked = np.zeros(250)
    shocked[100] = 1.0
    found = smoothed_volatility(shocked, 0.94)
    assert found[100] == pytest.approx(np.sqrt((1 - 0.94) / (1 - 0.94**100)))
    assert found[100] > found[150] > found[199] > found[200] == 0.0


def test_naive_quantiles_by_hand() -> None:
    path = np.cumsum(np.tile([0.01, -0.01], 50))
    found = naive_quantiles(path, [1, 4], LEVELS)
    z = NormalDist().inv_cdf(0.95)
    assert found[0] == pytest.approx([-0.01 * z, 0.0, 0.01 * z])
    assert found[1] == pytest.approx(2 * found[0])


def test_seasonal_quantiles_repeat_a_pattern_exactly() -> None:
    path = np.tile([0.0, 1.0, 2.0, 3.0, 4.0], 40)
    found = seasonal_quantiles(path, [1, 2, 5, 6], (0.5,), 5)
    assert found[:, 0].tolist() == [-4.0, -3.0, 0.0, -4.0]


def test_scaled_quantiles_grow_with_todays_volatility() -> None:
    calm, wild = (np.append(WALK, WALK[-1] + np.cumsum(np.tile([size, -size], 30))) for size in (0.002, 0.05))
    widths = [np.ptp(scaled_quantiles(path, [1], LEVELS, 0.94)) for path in (calm, wild)]
    assert widths[1] > 5 * widths[0]


def test_scaled_quantiles_of_a_normal_walk_are_about_normal() -> None:
    found = scaled_quantiles(WALK, [1], LEVELS, 0.99)
    assert found[0] == pytest.approx([-0.0164, 0.0, 0.0164], abs=0.004)


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_quantiles_scale_with_returns_and_ignore_the_level(factor: float) -> None:
    for fit in (naive_quantiles, partial(scaled_quantiles, decay=0.94)):
        assert fit(factor * WALK + 7.0, [5], LEVELS) == pytest.approx(factor * fit(WALK, [5], LEVELS))


def test_what_comes_later_changes_no_forecast() -> None:
    """The property that a walk-forward rests on: only the path up to the origin is read."""
    assert scaled_quantiles(WALK[:800].copy(), [21], LEVELS, 0.94).tolist() == (
        scaled_quantiles(np.append(WALK[:800], 99.0)[:800], [21], LEVELS, 0.94).tolist()
    )


def test_sessions_without_any_move_tell_nothing() -> None:
    with pytest.raises(DataError, match="0 past outcomes over 1 sessions tell no quantiles"):
        scaled_quantiles(np.zeros(500), [1], LEVELS, 0.94)


@pytest.mark.parametrize("length", [2, 60, 150])
def test_too_short_a_history_is_refused(length: int) -> None:
    with pytest.raises(DataError, match="past outcomes over 21 sessions tell no quantiles; ask for a longer history"):
        scaled_quantiles(WALK[:length], [21], LEVELS, 0.94)


def test_pinball_losses_by_hand() -> None:
    found = pinball_losses(np.array([1.0, -1.0]), np.zeros((2, 2)), (0.1, 0.9))
    assert found.tolist() == pytest.approx([0.5, 0.5])
    assert pinball_losses(np.array([1.0]), np.zeros((1, 1)), (0.9,))[0] == pytest.approx(0.9)
    assert pinball_losses(np.array([-1.0]), np.zeros((1, 1)), (0.9,))[0] == pytest.approx(0.1)


def test_true_quantiles_lose_least() -> None:
    outcomes = CHANCE.standard_normal(20_000)
    true = np.array([NormalDist().inv_cdf(level) for level in LEVELS])
    losses = [pinball_losses(outcomes, np.tile(true * size, (20_000, 1)), LEVELS).mean() for size in (0.7, 1.0, 1.3)]
    assert losses[1] == min(losses)


def test_coverage_counts_ends_and_needs_an_outcome() -> None:
    low, high = np.zeros(4), np.ones(4)
    assert coverage_frac(np.array([0.0, 1.0, 0.5, 2.0]), low, high) == 0.75
    assert np.isnan(coverage_frac(np.empty(0), np.empty(0), np.empty(0)))


def test_skill_is_a_share_of_the_rivals_loss_with_an_interval_around_it() -> None:
    rival = CHANCE.uniform(1, 2, 200)
    found = skill(0.9 * rival, rival, 4, 0)
    assert found.frac == pytest.approx(0.1)
    assert found.low == pytest.approx(0.1)
    noisy = skill(rival[::-1], rival, 4, 0)
    assert noisy.low < 0 < noisy.high
    assert noisy == skill(rival[::-1], rival, 4, 0)
