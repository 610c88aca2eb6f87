"""Live returns against their promise: size over all looks together, power, and laws of what is missing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nodes.kernels.significance.underperformance import Promise, shortfall
from nodes.vocabulary.errors import DataError

DAY = Promise(mean_return=0.0, deviation=0.01, tuned_sessions=120)


def live(seed: int, mean: float, sessions: int = 500) -> np.ndarray:
    """Fat-tailed returns of deviation 0.01."""
    draws = np.random.default_rng(seed).standard_t(5, sessions)
    return mean + 0.01 * draws / math.sqrt(5.0 / 3.0)


def test_a_model_that_keeps_its_promise_is_rarely_rejected_though_it_is_looked_at_every_day() -> None:
    """200 models over 500 sessions, 5 % over all looks: 10 at most are expected, 21 or more by chance once in 1,000.

    A t test at 5 % that is repeated every session rejects far more of the same models.
    """
    paths = [live(seed, 0.0) for seed in range(200)]
    rejected = sum(shortfall(path, DAY).p < 0.05 for path in paths)
    ranks = np.arange(21, 501)
    repeated = sum(bool(np.any(np.cumsum(path)[20:] / (0.01 * np.sqrt(ranks)) < -1.645)) for path in paths)
    assert rejected <= 20
    assert repeated > 50


def test_a_model_that_turned_is_seen_within_its_tuned_sessions() -> None:
    """30 basis points lost a day at a deviation of 1 %: at least 16 of 20 are seen within 120 sessions."""
    seen = [shortfall(live(seed, -0.003, 120), DAY).p < 0.05 for seed in range(20)]
    assert sum(seen) >= 16


def test_evidence_is_never_taken_back() -> None:
    path = np.concatenate((live(1, -0.01, 60), live(2, 0.01, 60)))
    values = [shortfall(path[:count], DAY).p for count in range(1, 121)]
    assert values == sorted(values, reverse=True)


def test_the_first_session_is_that_of_the_formula() -> None:
    """One return one deviation under the promise: S = -1, r = 8/120."""
    r = 8.0 / 120.0
    phi = 0.5 * (1.0 + math.erf(math.sqrt(r / (1.0 + r)) / math.sqrt(2.0)))
    expected = 2.0 / math.sqrt(1.0 + r) * math.exp(r / (2.0 * (1.0 + r))) * phi
    assert shortfall(np.array([-0.01]), DAY).p == pytest.approx(min(1.0, 1.0 / expected))


def test_a_wilder_market_than_promised_is_no_shortfall() -> None:
    """Returns of three times the deviation, mean as promised: judged by their own deviation after a while."""
    wild = [shortfall(3.0 * live(seed, 0.0, 250), DAY).p < 0.05 for seed in range(60)]
    assert sum(wild) <= 9


def test_sessions_without_a_return_are_left_out() -> None:
    path = live(3, -0.002, 50)
    gaps = np.insert(path, [0, 7, 50], np.nan)
    assert shortfall(gaps, DAY) == shortfall(path, DAY)
    nothing = shortfall(np.array([np.nan]), DAY)
    assert (nothing.n_sessions, math.isnan(nothing.p)) == (0, True)


@pytest.mark.parametrize(("mean", "deviation", "tuned", "complaint"), [
    (math.nan, 0.01, 120, "promise of mean nan"), (0.0, 0.0, 120, "deviation 0.0"),
    (0.0, 0.01, 0, "tuned_sessions was 0"),
])  # fmt: skip
def test_a_promise_of_nothing_is_refused(mean: float, deviation: float, tuned: int, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        Promise(mean, deviation, tuned)
