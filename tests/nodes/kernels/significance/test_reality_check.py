"""The tests for superiority: the paper's law written plainly, the trap of studentisation, laws of scale and order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from arch.bootstrap import SPA
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.kernels.arrays import Array
from nodes.kernels.significance.bootstrap import Resampling, kernel_variances, resample_indices
from nodes.kernels.significance.reality_check import (
    Studentisation,
    differentials,
    ranking,
    reality_check,
    superior_ability,
)
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.significance.panels import FEW, noise, trap

MANY = Resampling("stationary", 10.0, 1000, 23456)


def test_superior_ability_is_what_the_paper_writes() -> None:
    """SIG-01. Hansen (2005): the same resamples, one after the other, as the formulas stand there."""
    panel = noise(80, 6, 3) + np.array([0.2, 0.0, -0.1, -0.3, -0.9, 0.1])
    n, omega = len(panel), np.sqrt(kernel_variances(panel, FEW))
    mean = panel.mean(axis=0)
    bound = -omega / math.sqrt(n) * math.sqrt(2 * math.log(math.log(n)))
    centres = [np.maximum(mean, 0.0), np.where(mean >= bound, mean, 0.0), mean]
    statistic = max(0.0, (math.sqrt(n) * mean / omega).max())
    nulls = np.array(
        [
            [max(0.0, (math.sqrt(n) * (panel[drawn].mean(axis=0) - centre) / omega).max()) for centre in centres]
            for drawn in resample_indices(FEW, n)
        ]
    )
    found = superior_ability(panel, FEW)
    np.testing.assert_allclose(found.nulls, nulls, rtol=1e-9, atol=1e-10)
    assert found.statistic == pytest.approx(statistic, rel=1e-12)
    assert [found.p_lower, found.p_consistent, found.p_upper] == (nulls >= statistic).mean(axis=0).tolist()
    assert found.n_significantly_worse == (mean < bound).sum() > 0


@pytest.mark.parametrize("studentisation", ["kernel", "bootstrap"])
def test_strategy_with_a_high_t_is_found_among_noisy_ones(studentisation: Studentisation) -> None:
    """SIG-01, spa.studentization_trap: a known library, and this test without studentisation, do not find it."""
    found = superior_ability(trap(), MANY, studentisation)
    assert found.best == 0
    assert found.p_consistent <= 0.01
    assert superior_ability(trap(), MANY, "none").p_consistent > 0.2
    assert reality_check(trap(), MANY).p_value > 0.2


@pytest.mark.parametrize(("lead", "wanted"), [(0.0, 0.124), (0.25, 0.038), (0.5, 0.0)])
def test_without_studentisation_p_is_that_of_arch_on_its_own_example(lead: float, wanted: float) -> None:
    """SIG-01, spa.arch_synthetic_power: equal to arch 8.0.0 where it follows the paper, but for the resamples drawn."""
    state = np.random.RandomState(23456)
    benchmark, models = state.chisquare(10, 1000), state.chisquare(10, (1000, 20))
    models[:, 3] -= lead
    found = superior_ability(differentials(models, benchmark, "loss"), MANY, "none")
    assert found.p_consistent == pytest.approx(wanted, abs=0.03)


def test_nulls_without_studentisation_are_distributed_as_those_of_arch() -> None:
    panel = noise(200, 5, 9)
    peer = SPA(np.zeros(200), -panel, block_size=10, reps=1000, seed=1)
    peer.compute()
    found = superior_ability(panel, MANY, "none")
    ours = [found.p_lower, found.p_consistent, found.p_upper]
    np.testing.assert_allclose(ours, peer.pvalues.to_numpy(), atol=0.06)


@pytest.mark.parametrize("shift", [-0.001, -0.4])
def test_nothing_that_beats_the_benchmark_has_p_one(shift: float) -> None:
    """Hansen's strict comparison would call one strategy that is significantly worse significantly better."""
    panel = noise(60, 1, 4)
    panel += shift - panel.mean(axis=0)
    found = superior_ability(panel, FEW)
    assert found.statistic == 0.0
    assert found.p_lower == found.p_consistent == found.p_upper == 1.0


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 500), power=st.integers(-20, 20))
def test_scale_order_and_duplicates_of_strategies_leave_p_where_it_is(seed: int, power: int) -> None:
    panel = noise(40, 5, seed)
    order = np.random.default_rng(seed).permutation(5)
    whole = superior_ability(panel, FEW)
    for other in (panel * 2.0**power, panel[:, order], np.column_stack((panel, panel[:, [2, 0]]))):
        found = superior_ability(other, FEW)
        assert (found.p_lower, found.p_consistent, found.p_upper) == (
            whole.p_lower,
            whole.p_consistent,
            whole.p_upper,
        )
        assert reality_check(other, FEW).p_value == reality_check(panel, FEW).p_value
    assert superior_ability(panel[:, order], FEW).best == int(np.flatnonzero(order == whole.best)[0])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 500), spread=st.floats(0.0, 1.0))
def test_lower_p_is_never_over_the_consistent_one_nor_that_over_the_upper(seed: int, spread: float) -> None:
    panel = noise(40, 6, seed) - spread * np.arange(6)
    found = superior_ability(panel, FEW)
    assert found.p_lower <= found.p_consistent <= found.p_upper


def test_reality_check_is_what_the_paper_writes_and_names_the_best() -> None:
    """White (2000), section 2."""
    panel = noise(50, 4, 1)
    mean, n = panel.mean(axis=0), 50
    nulls = [math.sqrt(n) * (panel[drawn].mean(axis=0) - mean).max() for drawn in resample_indices(FEW, n)]
    found = reality_check(panel, FEW)
    np.testing.assert_allclose(found.nulls, nulls, rtol=1e-9)
    assert found.best == int(np.argmax(mean))
    assert found.statistic == pytest.approx(math.sqrt(n) * mean.max())


def test_gain_and_loss_are_two_names_of_one_differential() -> None:
    panel, benchmark = noise(12, 2), noise(12, 1, 5)[:, 0]
    assert np.array_equal(differentials(panel, benchmark, "gain"), differentials(-panel, -benchmark, "loss"))
    assert np.array_equal(differentials(panel, 0.5, "gain"), panel - 0.5)


@pytest.mark.parametrize(
    ("panel", "message"),
    [
        (noise(9, 2), "have 9 periods, expected at least 10"),
        (np.full((20, 2), np.nan), "have nan in period 0 of strategy 0, and 40 such values"),
        (np.column_stack((noise(20, 1), np.full(20, 0.1))), "of strategy 1 do not vary .* leave what never trades out"),
        (noise(20, 1)[:, 0], r"have the shape \(20,\), expected periods x strategies"),
        (noise(20, 1)[:, :0], "have 0 strategies, expected at least 1"),
    ],
)
def test_differentials_that_say_nothing_are_refused(panel: Array, message: str) -> None:
    for test in (superior_ability, reality_check):
        with pytest.raises(DataError, match=message):
            test(panel, FEW)


def test_series_whose_block_means_do_not_vary_is_refused() -> None:
    alternating = np.tile([[1.0], [-1.0]], (10, 1))
    with pytest.raises(DataError, match="the block means of strategy 0 do not vary"):
        superior_ability(alternating, Resampling("circular", 2.0, 10, 1))


def test_words_that_are_none_of_the_list_are_refused() -> None:
    with pytest.raises(DataError, match="the studentisation was 'yes', expected kernel, bootstrap or none; name one"):
        superior_ability(noise(20, 2), FEW, "yes")  # type: ignore[arg-type]  # what a client might send
    with pytest.raises(DataError, match="the sense was 'up', expected gain or loss"):
        differentials(noise(20, 2), 0.0, "up")  # type: ignore[arg-type]  # what a client might send
    with pytest.raises(DataError, match="the benchmark has 3 periods, expected the 20 of the strategies; align them"):
        differentials(noise(20, 2), [1.0, 2.0, 3.0], "gain")


def test_ranking_goes_down_and_keeps_equals_in_order() -> None:
    assert ranking(np.array([1.0, 3.0, 3.0, 2.0])).tolist() == [1, 2, 3, 0]
