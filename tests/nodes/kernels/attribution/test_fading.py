"""Changes of alpha decay: found where they are planted, not found where they are not; what delay costs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nodes.kernels.arrays import Array
from nodes.kernels.attribution.fading import Finding, fading_rate, late_gains, level_change, rate_change
from nodes.kernels.significance.bootstrap import Resampling
from nodes.vocabulary.errors import DataError

DELAYS = np.array([0.0, 1.0, 2.0, 5.0, 10.0])
BLOCKS = Resampling("stationary", 5, 100, 3)


def coefficients(seed: int, half_lives: tuple[float, float], level: float = 0.1) -> Array:
    """Two hundred sessions at each half-life: what is known fades, with noise around it."""
    chance = np.random.default_rng(seed)
    means = np.vstack([np.tile(level * 0.5 ** (DELAYS / each), (200, 1)) for each in half_lives])
    return means + chance.normal(0.0, 0.02, means.shape)


@pytest.mark.parametrize(("half_lives", "rate"), [((3.0, 3.0), math.log(2) / 3), ((12.0, 12.0), math.log(2) / 12)])
def test_the_rate_is_that_of_the_half_life(half_lives: tuple[float, float], rate: float) -> None:
    assert fading_rate(DELAYS, 0.1 * 0.5 ** (DELAYS / half_lives[0])) == pytest.approx(rate)


def test_what_does_not_fade_has_rate_zero_and_what_is_not_known_none() -> None:
    assert fading_rate(DELAYS, np.full(5, 0.1)) == 0.0
    assert math.isnan(fading_rate(DELAYS, np.array([0.1, -0.1, 0.1, 0.1, 0.1])))


@pytest.mark.parametrize("half_lives", [(10.0, 2.0), (2.0, 10.0)])
def test_a_planted_change_of_half_life_is_found(half_lives: tuple[float, float]) -> None:
    """MON-01: alert on half-life change."""
    found = rate_change(coefficients(1, half_lives), DELAYS, 200, BLOCKS, 0.95)
    assert found.finding is Finding.CHANGED
    assert found.before == pytest.approx(math.log(2) / half_lives[0], rel=0.2)
    assert found.recent == pytest.approx(math.log(2) / half_lives[1], rel=0.2)
    assert found.low < found.recent - found.before < found.high


def test_the_same_half_life_is_rarely_taken_for_a_change() -> None:
    """MON-01: at 95 % about one in twenty; four in ten would be another test than it says."""
    findings = [rate_change(coefficients(seed, (5.0, 5.0)), DELAYS, 200, BLOCKS, 0.95).finding for seed in range(10)]
    assert findings.count(Finding.CHANGED) <= 3


def test_alpha_that_is_gone_is_found_at_the_first_delay() -> None:
    gone = coefficients(2, (5.0, 5.0))
    gone[200:] -= 0.1 * 0.5 ** (DELAYS / 5.0)
    found = level_change(gone, 200, BLOCKS, 0.95)
    assert (found.finding, found.high < 0.0) == (Finding.CHANGED, True)


def test_nothing_but_noise_says_that_it_is_not_known() -> None:
    found = rate_change(np.full((40, 5), math.nan), DELAYS, 20, BLOCKS, 0.95)
    assert found.finding is Finding.UNKNOWN
    assert math.isnan(found.low)


def test_a_change_is_the_same_every_time() -> None:
    table = coefficients(4, (6.0, 3.0))
    assert rate_change(table, DELAYS, 200, BLOCKS, 0.9) == rate_change(table, DELAYS, 200, BLOCKS, 0.9)


@pytest.mark.parametrize("n_recent", [0, 1, 39, 40])
def test_a_stretch_of_nothing_is_refused(n_recent: int) -> None:
    with pytest.raises(DataError, match="leave two or more on either side"):
        rate_change(np.zeros((40, 5)), DELAYS, n_recent, BLOCKS, 0.95)


def test_holding_the_right_share_a_session_late_costs_what_it_made() -> None:
    """It alternates between two shares, always in the one that rises 1 %: a session late it is in the other."""
    exposures = np.array([[100.0, 0.0], [0.0, 100.0]] * 20)
    returns = np.array([[0.01, 0.0], [0.0, 0.01]] * 20)
    none, one, two = late_gains(exposures, returns, (0, 1, 2), 0.95)
    assert (none.value, none.n_periods) == (0.0, 40)
    assert one.value == pytest.approx(1.0)
    assert one.n_periods == 39
    assert two.value == pytest.approx(0.0)


def test_a_delay_beyond_the_sessions_says_nothing() -> None:
    (found,) = late_gains(np.ones((3, 2)), np.ones((3, 2)), (5,), 0.95)
    assert math.isnan(found.value)


def test_a_missing_return_counts_only_where_something_differs() -> None:
    exposures = np.array([[100.0, 0.0], [100.0, 0.0], [100.0, 50.0]])
    returns = np.array([[0.01, math.nan], [0.01, math.nan], [0.01, math.nan]])
    (found,) = late_gains(exposures, returns, (1,), 0.95)
    assert (found.value, found.n_periods) == (0.0, 1)
