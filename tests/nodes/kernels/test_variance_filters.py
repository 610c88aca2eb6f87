"""Variance filters: by hand, against the arch package, and with planted parameters."""

from __future__ import annotations

import numpy as np
import pytest
from arch import arch_model

from nodes.kernels.variance_filters import Garch, ewma_variances, fitted_garch, garch_variances
from nodes.vocabulary.errors import DataError


def simulated(model: Garch, n_returns: int, seed: int) -> np.ndarray:
    draws = np.random.Generator(np.random.PCG64(seed)).standard_normal(n_returns)
    variance, returns = model.constant / (1.0 - model.news - model.memory), []
    for draw in draws.tolist():
        returns.append(draw * variance**0.5)
        variance = model.constant + model.news * returns[-1] ** 2 + model.memory * variance
    return np.array(returns)


def test_the_exponential_filter_is_its_recursion() -> None:
    returns = np.array([0.01, -0.03, 0.02])
    first = (0.0001 + 0.0009 + 0.0004) / 3.0
    second = 0.94 * first + 0.06 * 0.0001
    third = 0.94 * second + 0.06 * 0.0009
    assert ewma_variances(returns, 0.94) == pytest.approx([first, second, third, 0.94 * third + 0.06 * 0.0004])


def test_a_garch_without_news_and_memory_is_constant() -> None:
    assert garch_variances(np.array([0.5, -0.5]), Garch(0.25, 0.0, 0.0)) == pytest.approx([0.25, 0.25, 0.25])


def test_planted_garch_parameters_are_found() -> None:
    found = fitted_garch(simulated(Garch(2e-6, 0.08, 0.90), 8_000, 1))
    assert found.news == pytest.approx(0.08, abs=0.02)
    assert found.memory == pytest.approx(0.90, abs=0.03)


def test_the_fit_says_of_tomorrow_what_the_arch_package_says() -> None:
    """The package fits omega too and starts otherwise, so they agree to a few per cent of the deviation."""
    returns = simulated(Garch(2e-6, 0.08, 0.90), 2_000, 2)
    ours = float(garch_variances(returns, fitted_garch(returns))[-1]) ** 0.5
    fit = arch_model(returns * 100.0, mean="Zero", rescale=False).fit(disp="off")
    theirs = float(np.asarray(fit.forecast(horizon=1).variance)[-1, 0]) ** 0.5 / 100.0
    assert ours == pytest.approx(theirs, rel=0.03)


def test_nothing_that_varies_has_no_model() -> None:
    assert fitted_garch(np.zeros(100)) == Garch(0.0, 0.0, 0.0)


def test_a_decay_outside_zero_and_one_is_refused() -> None:
    with pytest.raises(DataError, match=r"a decay of 1\.0 forgets nothing"):
        ewma_variances(np.array([0.1]), 1.0)
