"""Information coefficients and half-lives: oracles, a planted decay that is found, and no look at the same session."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr, spearmanr

from nodes.kernels.significance.bootstrap import Resampling
from nodes.kernels.significance.decay import (
    Correlation,
    Reading,
    coefficient,
    decay,
    fitted_half_life,
    forward_returns,
    half_life,
    session_coefficients,
)
from nodes.kernels.significance.hac import hac_error
from nodes.vocabulary.errors import DataError

RANK, LINEAR = Reading(Correlation.RANK, 5, 0.95), Reading(Correlation.LINEAR, 5, 0.95)


def fading(seed: int, halving: float, sessions: int = 250, shares: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Scores that fade by half in `halving` sessions, and returns that each fading score pays a tenth of."""
    draws = np.random.default_rng(seed)
    keep = 0.5 ** (1.0 / halving)
    signal = draws.normal(size=(sessions, shares))
    for row in range(1, sessions):
        signal[row] = keep * signal[row - 1] + math.sqrt(1.0 - keep**2) * signal[row]
    returns = 0.02 * draws.normal(size=(sessions, shares))
    returns[1:] += 0.006 * signal[:-1]
    return signal, returns


@given(drawn=st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=5, max_size=20))
def test_coefficients_are_those_of_scipy(drawn: list[tuple[int, int]]) -> None:
    one, other = (np.array(part, dtype=np.float64) for part in zip(*drawn, strict=True))
    found = [float(session_coefficients(one[None, :], other[None, :], reading)[0]) for reading in (RANK, LINEAR)]
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert all(math.isnan(value) for value in found)
    else:
        assert found == pytest.approx([spearmanr(one, other).statistic, pearsonr(one, other).statistic], abs=1e-12)


def test_a_session_with_too_few_shares_has_no_coefficient() -> None:
    scores = np.arange(12.0).reshape(2, 6)
    outcomes = scores.copy()
    outcomes[0, :2] = np.nan
    assert np.isnan(session_coefficients(scores, outcomes, RANK)).tolist() == [True, False]


def test_forward_returns_compound_what_comes_after_the_delay() -> None:
    returns = np.array([[0.5], [0.1], [0.2], [np.nan], [0.3], [0.4]])
    one, two, late = forward_returns(returns, 1, 0), forward_returns(returns, 2, 0), forward_returns(returns, 1, 2)
    assert one[:, 0] == pytest.approx([0.1, 0.2, np.nan, 0.3, 0.4, np.nan], nan_ok=True)
    assert two[:, 0] == pytest.approx([1.1 * 1.2 - 1, np.nan, np.nan, 1.3 * 1.4 - 1, np.nan, np.nan], nan_ok=True)
    assert late[:, 0] == pytest.approx([np.nan, 0.3, 0.4, np.nan, np.nan, np.nan], nan_ok=True)


def test_a_score_of_the_same_session_s_return_knows_nothing_of_the_next() -> None:
    """The coefficient looks ahead by one session: a score that repeats its session's return has none."""
    returns = np.random.default_rng(2).normal(size=(300, 30))
    found = coefficient(returns, returns, 1, 0, RANK).estimate
    assert found.low < 0.0 < found.high


def test_a_planted_decay_is_found_by_delay_and_its_half_life_measured() -> None:
    scores, returns = fading(4, 4.0)
    found = decay(scores, returns, (1, 5), (0, 1, 2, 4, 8, 16), RANK)
    by_delay = [each.estimate for each in found.by_delay]
    assert by_delay[0].low > 0.2
    assert by_delay[-1].low < 0.05
    assert found.half_life_sessions == pytest.approx(4.0, abs=1.0)
    assert found.fitted_half_life_sessions == pytest.approx(4.0, abs=1.5)
    assert [(each.horizon_sessions, each.delay_sessions) for each in found.by_horizon] == [(1, 0), (5, 0)]


def test_resampled_intervals_agree_with_those_of_newey_and_west() -> None:
    scores, returns = fading(9, 3.0)
    blocks = Reading(Correlation.RANK, 5, 0.95, Resampling("stationary", 8.0, 400, 1))
    one, other = (coefficient(scores, returns, 5, 0, reading).estimate for reading in (RANK, blocks))
    assert one.value == other.value
    assert (other.low, other.high) == pytest.approx((one.low, one.high), abs=0.02)


def test_the_error_at_a_long_horizon_allows_for_its_overlap() -> None:
    scores, returns = fading(3, 8.0)
    series = session_coefficients(scores, forward_returns(returns, 20, 0), RANK)
    assert coefficient(scores, returns, 20, 0, RANK).estimate.error > 2.0 * hac_error(series, 0)


@pytest.mark.parametrize(("coefficients", "expected"), [
    ([0.10, 0.08, 0.04], 1.75), ([0.10, 0.05, 0.01], 1.0), ([-0.10, -0.08, -0.04], 1.75), ([0.1, 0.09, 0.06], math.inf),
    ([0.0, 0.1, 0.1], math.nan), ([math.nan, 0.1, 0.0], math.nan), ([0.1, math.nan, 0.0], math.nan), ([], math.nan),
])  # fmt: skip
def test_a_half_life_is_where_half_is_left(coefficients: list[float], expected: float) -> None:
    delays = np.arange(float(len(coefficients)))
    assert half_life(delays, np.array(coefficients)) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(("coefficients", "expected"), [
    ([0.08, 0.04, 0.02, 0.01], 1.0), ([-0.08, -0.04, -0.02], 1.0), ([0.08, 0.04, -0.01, 0.5], 1.0),
    ([0.01, 0.02, 0.03], math.inf), ([0.1, -0.1], math.nan), ([math.nan, 0.1], math.nan), ([], math.nan),
])  # fmt: skip
def test_a_fitted_half_life_is_that_of_the_exponential(coefficients: list[float], expected: float) -> None:
    delays = np.arange(float(len(coefficients)))
    assert fitted_half_life(delays, np.array(coefficients)) == pytest.approx(expected, nan_ok=True)


def test_readings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(DataError, match="min_shares was 2"):
        Reading(Correlation.RANK, 2, 0.95)
    with pytest.raises(DataError, match="a horizon of 0 after 1"):
        forward_returns(np.zeros((3, 3)), 0, 1)
    with pytest.raises(DataError, match=r"scores are \(2, 3\) and returns \(3, 3\)"):
        session_coefficients(np.zeros((2, 3)), np.zeros((3, 3)), RANK)


@pytest.mark.parametrize("delays", [(0, 0), (2, 1), (0, 1, 1)])
def test_delays_that_do_not_increase_have_no_half_life(delays: tuple[int, ...]) -> None:
    numbers = np.random.default_rng(1).standard_normal((30, 6))
    with pytest.raises(DataError, match="give each once, increasing"):
        decay(numbers, numbers, (1,), delays, Reading(Correlation.RANK, 5, 0.95))
