"""Value at risk: published formulas by integration, samples by hand, laws that any measure of risk must keep."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from nodes.kernels.significance.exceedances import Zone, coverage
from nodes.kernels.value_at_risk import (
    METHODS,
    Method,
    TailRisk,
    filtered_risk,
    fitted_degrees,
    historical_risk,
    normal_risk,
    rolling_risk,
    shortfall_shares,
    student_risk,
    tail_risk,
)
from nodes.vocabulary.errors import DataError


def drawn(seed: int, n_returns: int) -> np.ndarray:
    return np.random.Generator(np.random.PCG64(seed)).standard_t(4.0, n_returns) * 0.01


def pair(found: TailRisk) -> tuple[float, float]:
    return found.value_at_risk, found.expected_shortfall


def test_the_worst_five_of_a_hundred_returns_are_the_tail_at_five_percent() -> None:
    returns = np.arange(1.0, 101.0) / -100.0
    assert pair(historical_risk(returns, 0.05)) == pytest.approx((0.95, 0.98))


def test_a_tail_that_is_no_whole_number_of_returns_takes_part_of_one() -> None:
    returns = np.array([-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    assert pair(historical_risk(returns, 0.25)) == pytest.approx((2.0, (4.0 + 3.0 + 0.5 * 2.0) / 2.5))


def test_normal_and_student_risk_are_the_integrals_of_their_densities() -> None:
    """GOV-05."""
    for level in (0.01, 0.025, 0.05):
        for found, law in (
            (normal_risk(0.001, 0.02, level), stats.norm(0.001, 0.02)),
            (student_risk(0.001, 0.02, 5.0, level), stats.t(5.0, 0.001, 0.02 * math.sqrt(3.0 / 5.0))),
        ):
            quantile = law.ppf(level)
            mean_beyond = quad(lambda x, law=law: x * law.pdf(x), -5.0, quantile)[0] / level
            assert found.value_at_risk == pytest.approx(-quantile, rel=1e-9)
            assert found.expected_shortfall == pytest.approx(-mean_beyond, rel=1e-6)


def test_the_normal_value_at_risk_at_one_percent_is_its_published_multiple() -> None:
    """2.326 and 2.665 deviations: McNeil, Frey and Embrechts, table of example 2.14."""
    found = normal_risk(0.0, 1.0, 0.01)
    assert (round(found.value_at_risk, 3), round(found.expected_shortfall, 3)) == (2.326, 2.665)


def test_planted_degrees_of_freedom_are_found() -> None:
    assert fitted_degrees(drawn(1, 20_000)) == pytest.approx(4.0, abs=0.3)
    assert fitted_degrees(np.zeros(50)) == 200.0


def test_filtered_history_asks_more_of_a_turbulent_tomorrow() -> None:
    returns, calm = drawn(2, 300), np.full(301, 0.0001)
    wild = calm.copy()
    wild[-1] = 0.0009
    before, after = filtered_risk(returns, calm, 0.01), filtered_risk(returns, wild, 0.01)
    assert pair(before) == pytest.approx(pair(historical_risk(returns, 0.01)))
    assert after.value_at_risk == pytest.approx(3.0 * before.value_at_risk)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_scales_with_its_returns_and_leaves_gaps_out(method: Method) -> None:
    returns = drawn(3, 250)
    found, double = tail_risk(returns, 0.01, method), tail_risk(2.0 * returns, 0.01, method)
    assert 0.0 < found.value_at_risk <= found.expected_shortfall
    assert double.value_at_risk == pytest.approx(2.0 * found.value_at_risk, rel=1e-4)
    assert tail_risk(np.append(returns, math.nan), 0.01, method) == found


@pytest.mark.parametrize("method", METHODS)
def test_too_small_a_sample_has_no_tail(method: Method) -> None:
    found = tail_risk(drawn(4, 29), 0.01, method)
    assert math.isnan(found.value_at_risk)
    assert math.isnan(found.expected_shortfall)


def test_a_rolling_risk_knows_nothing_of_its_own_period() -> None:
    returns = drawn(5, 120)
    found = rolling_risk(returns, 0.05, "historical", 100)
    assert all(math.isnan(each.value_at_risk) for each in found[:100])
    changed = returns.copy()
    changed[110:] = -1.0
    assert rolling_risk(changed, 0.05, "historical", 100)[:111] != found
    assert [each.value_at_risk for each in rolling_risk(changed, 0.05, "historical", 100)[100:111]] == [
        each.value_at_risk for each in found[100:111]
    ]


def test_history_through_a_change_of_turbulence_is_exceeded_too_often_and_the_filter_is_not() -> None:
    """GOV-05. What the backtest is for: two calm years, then one eight times as wild."""
    calm, wild = drawn(6, 500), drawn(7, 250) * 8.0
    returns = np.concatenate([calm, wild])
    zones = {}
    for method in ("historical", "filtered-ewma"):
        risks = np.array([each.value_at_risk for each in rolling_risk(returns, 0.01, method, 250)])
        zones[method] = coverage(returns[500:], risks[500:], 0.01).zone
    assert zones == {"historical": Zone.RED, "filtered-ewma": Zone.GREEN}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([0.01, 0.025, 0.05, 0.1]))
def test_contributions_add_up_to_the_shortfall(seed: int, level: float) -> None:
    gains = np.random.Generator(np.random.PCG64(seed)).normal(0.0, 1.0, (120, 3))
    shares = shortfall_shares(gains, level)
    assert shares.sum() == pytest.approx(historical_risk(gains.sum(axis=1), level).expected_shortfall)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000))
def test_the_shortfall_of_a_sum_is_at_most_the_sum_of_shortfalls(seed: int) -> None:
    gains = np.random.Generator(np.random.PCG64(seed)).standard_t(3.0, (100, 2))
    apart = sum(historical_risk(gains[:, place], 0.05).expected_shortfall for place in range(2))
    assert historical_risk(gains.sum(axis=1), 0.05).expected_shortfall <= apart + 1e-12


def test_what_is_no_level_and_no_method_is_refused() -> None:
    with pytest.raises(DataError, match=r"a level of 0\.99 is no tail"):
        tail_risk(drawn(8, 100), 0.99, "historical")
    with pytest.raises(DataError, match="method 'oracle' of value at risk is unknown"):
        tail_risk(drawn(8, 100), 0.01, "oracle")  # type: ignore[arg-type]  # what a request may bring
