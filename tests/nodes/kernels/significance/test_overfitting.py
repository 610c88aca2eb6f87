"""CSCV: the analytic constructions, every split by hand, purgedcv, and laws of scale, order and duplicates."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from purgedcv import probability_of_backtest_overfitting
from scipy import stats

from nodes.kernels.arrays import Array
from nodes.kernels.significance.overfitting import backtest_overfitting, n_splits, split_halves
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.significance.panels import noise

DOMINANT = np.array([[0.03, 0.01, -0.01], [0.01, -0.01, -0.03]] * 4)
FLIPPED = np.array([[0.04, -0.02], [0.02, -0.04]] * 2 + [[-0.02, 0.04], [-0.04, 0.02]] * 2)


def test_strategy_that_is_best_everywhere_is_not_overfitted() -> None:
    """SIG-03, by construction after Bailey, Borwein, Lopez de Prado and Zhu (2017)."""
    found = backtest_overfitting(DOMINANT, 4)
    assert found.pbo == 0.0
    np.testing.assert_allclose(found.logits, math.log(3.0), atol=1e-9)
    assert found.is_first_order_dominant
    assert found.is_second_order_dominant
    assert found.probability_of_loss == 0.0


def test_strategies_that_swap_their_roles_are_overfitted_for_certain() -> None:
    """SIG-03, by construction after Bailey, Borwein, Lopez de Prado and Zhu (2017)."""
    found = backtest_overfitting(FLIPPED, 2)
    assert found.pbo == 1.0
    np.testing.assert_allclose(found.logits, math.log(0.5), atol=1e-9)
    assert found.probability_of_loss == 1.0
    assert not found.is_second_order_dominant
    assert math.isnan(found.degradation_slope)


def test_sixteen_blocks_make_12870_splits() -> None:
    assert n_splits(16) == 12_870 == len(list(split_halves(16)))
    assert n_splits(2) == 2


def test_every_split_is_what_a_loop_over_periods_finds() -> None:
    panel, per_block = noise(48, 5, 3) * np.array([1.0, 2.0, 0.5, 1.0, 3.0]) + 0.05, 8
    found = backtest_overfitting(panel, 6)
    for place, half in enumerate(combinations(range(6), 3)):
        inside = np.isin(np.arange(48) // per_block, half)
        ratio = [panel[rows].mean(axis=0) / panel[rows].std(axis=0, ddof=1) for rows in (inside, ~inside)]
        best = int(np.argmax(ratio[0]))
        share = stats.rankdata(ratio[1])[best] / 6
        assert found.chosen[place] == best
        assert found.in_sample[place] == pytest.approx(ratio[0][best], rel=1e-10)
        assert found.out_of_sample[place] == pytest.approx(ratio[1][best], rel=1e-10)
        assert found.logits[place] == pytest.approx(math.log(share / (1 - share)), abs=1e-12)
    line = stats.linregress(found.in_sample, found.out_of_sample)
    assert found.degradation_slope == pytest.approx(line.slope)
    assert found.degradation_intercept == pytest.approx(line.intercept)
    assert found.degradation_r2 == pytest.approx(line.rvalue**2)
    assert found.probability_of_loss == (found.out_of_sample < 0).mean()


def test_logits_are_those_of_purgedcv() -> None:
    """SIG-03. It counts the complements in another order, and only logits under 0."""
    panel = noise(80, 7, 5)
    found = backtest_overfitting(panel, 8)
    peer = probability_of_backtest_overfitting(panel.T, 8)
    np.testing.assert_allclose(np.sort(found.logits), np.sort(peer.logits), atol=1e-12)
    assert found.pbo - found.at_median_frac == pytest.approx(peer.pbo)
    assert found.degradation_slope == pytest.approx(peer.slope)


def test_mean_is_another_metric() -> None:
    panel = noise(24, 3, 1) + np.array([0.0, 0.3, 0.1])
    found = backtest_overfitting(panel, 4, "mean")
    assert found.in_sample[0] == pytest.approx(panel[:12].mean(axis=0).max())
    with pytest.raises(DataError, match="the metric was 'sortino', expected sharpe or mean; name one of them"):
        backtest_overfitting(panel, 4, "sortino")  # type: ignore[arg-type]  # what a client might send


def test_noise_is_a_coin_and_a_planted_edge_is_none() -> None:
    """SIG-03: about 0.5 over many panels of noise, about 0 with an edge."""
    luck = [backtest_overfitting(noise(120, 20, seed), 6).pbo for seed in range(40)]
    assert np.mean(luck) == pytest.approx(0.5, abs=0.1)
    edge = backtest_overfitting(noise(240, 20, 1) + 0.4 * (np.arange(20) == 3), 8)
    assert edge.pbo < 0.02
    assert edge.is_second_order_dominant


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 500), power=st.integers(-30, 30))
def test_scale_and_order_of_strategies_do_not_matter(seed: int, power: int) -> None:
    panel = noise(40, 6, seed)
    order = np.random.default_rng(seed).permutation(6)
    found, moved = backtest_overfitting(panel, 4), backtest_overfitting(panel[:, order] * 2.0**power, 4)
    assert moved.logits.tolist() == found.logits.tolist()
    assert order[moved.chosen].tolist() == found.chosen.tolist()


def test_duplicates_share_their_rank() -> None:
    one = noise(40, 1, 2)
    found = backtest_overfitting(np.column_stack((one, one, one)), 4)
    assert found.logits.tolist() == [0.0] * 6
    assert found.at_median_frac == found.pbo == 1.0


def test_oldest_periods_that_fill_no_block_are_left_out_and_counted() -> None:
    panel = noise(43, 3, 7)
    found, cut = backtest_overfitting(panel, 4), backtest_overfitting(panel[3:], 4)
    assert found.n_periods_unused == 3
    assert found.logits.tolist() == cut.logits.tolist()


def test_small_variation_around_a_large_level_keeps_its_digits() -> None:
    panel = noise(40, 3, 9)
    found, lifted = backtest_overfitting(panel, 4, "mean"), backtest_overfitting(panel + 1e6, 4, "mean")
    np.testing.assert_allclose(lifted.out_of_sample - 1e6, found.out_of_sample, atol=1e-8)


def test_second_order_dominance_needs_no_first() -> None:
    """A sure thing beats the same mean with risk, for whoever is averse to it, though not at every quantile."""
    found = backtest_overfitting(noise(200, 12, 3) + np.linspace(0.0, 0.25, 12), 8)
    assert found.is_second_order_dominant or not found.is_first_order_dominant


@pytest.mark.parametrize("n_blocks", [3, 0, -2, 26])
def test_blocks_that_are_odd_or_out_of_range_are_refused(n_blocks: int) -> None:
    with pytest.raises(DataError, match=f"n_blocks was {n_blocks}, expected an even number from 2 to 24; both halves"):
        backtest_overfitting(noise(40, 3), n_blocks)
    with pytest.raises(DataError, match=f"n_blocks was {n_blocks}"):
        n_splits(n_blocks)


@pytest.mark.parametrize(
    ("panel", "message"),
    [
        (noise(40, 1), "have 1 strategies, expected at least 2; give all that were tried"),
        (noise(6, 2), "have 6 periods, expected at least 8"),
        (np.where(np.arange(80).reshape(40, 2) == 7, np.nan, noise(40, 2)), "have nan in period 3 of strategy 1"),
        (np.column_stack((noise(40, 1), np.full(40, 0.3))), "the returns of one half of strategy 1 do not vary"),
        (
            np.column_stack((noise(40, 1), np.r_[np.zeros(20), noise(20, 1)[:, 0]])),
            "the returns of one half of strategy 1 do not vary .* leave what never trades out",
        ),
    ],
)
def test_returns_that_say_nothing_are_refused(panel: Array, message: str) -> None:
    with pytest.raises(DataError, match=message):
        backtest_overfitting(panel, 8)
