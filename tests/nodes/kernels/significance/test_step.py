"""Stepwise testing: against every subset by hand, against arch, and p that agrees with the steps."""

from __future__ import annotations

import numpy as np
import pytest
from arch.bootstrap import StepM as Peer
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.kernels.arrays import Array
from nodes.kernels.significance.bootstrap import Resampling, kernel_variances, resample_indices
from nodes.kernels.significance.step import step_m
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.significance.panels import FEW, noise, trap


def led(seed: int, leads: tuple[float, ...]) -> Array:
    panel = noise(120, len(leads), seed)
    panel += np.array(leads)
    return panel


def test_later_steps_find_what_the_first_one_misses() -> None:
    """Romano and Wolf (2005): the critical value falls as strategies leave."""
    found = step_m(led(8, (0.6, 0.30, 0.25, 0.0, 0.0, 0.0)), FEW, 0.05)
    values = [step.critical_value for step in found.steps]
    assert values == sorted(values, reverse=True)
    assert len(found.steps) > 2 or found.superior == (0, 1, 2)
    assert found.steps[-1].rejected == () or len(found.superior) == 6


def test_adjusted_p_is_the_stepdown_share_written_plainly() -> None:
    panel = led(2, (0.3, 0.0, 0.2, -0.1))
    scale = np.sqrt(120) / np.sqrt(kernel_variances(panel, FEW))
    own = panel.mean(axis=0) * scale
    drawn = np.array([(panel[rows].mean(axis=0) - panel.mean(axis=0)) * scale for rows in resample_indices(FEW, 120)])
    order, running, wanted = np.argsort(-own), 0.0, np.empty(4)
    for place, column in enumerate(order):
        share = float(np.mean(drawn[:, order[place:]].max(axis=1) >= own[column]))
        running = max(running, share)
        wanted[column] = running
    np.testing.assert_allclose(step_m(panel, FEW, 0.05).p_adjusted, wanted, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 300), level=st.sampled_from([0.01, 0.05, 0.1, 0.4]), lead=st.floats(0.0, 0.5))
def test_named_are_those_whose_adjusted_p_is_within_the_level(seed: int, level: float, lead: float) -> None:
    found = step_m(led(seed, (lead, lead / 2, 0.0, -lead)), FEW, level)
    assert found.superior == tuple(np.flatnonzero(found.p_adjusted <= level).tolist())


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 300))
def test_order_and_scale_of_strategies_do_not_matter(seed: int) -> None:
    panel = led(seed, (0.3, 0.1, 0.0, -0.2))
    order = np.random.default_rng(seed).permutation(4)
    moved = step_m(panel[:, order] * np.array([1.0, 4.0, 0.5, 2.0]), FEW, 0.1)
    assert moved.p_adjusted.tolist() == step_m(panel, FEW, 0.1).p_adjusted[order].tolist()


def test_poor_strategies_hide_nothing_from_the_consistent_centring() -> None:
    panel = led(5, (0.22, *([-1.5] * 30)))
    upper, consistent = (step_m(panel, FEW, 0.05, centring=centring) for centring in ("upper", "consistent"))
    assert consistent.p_adjusted[0] < upper.p_adjusted[0]


def test_strategy_with_a_high_t_is_named_among_noisy_ones() -> None:
    assert step_m(trap(), FEW, 0.01).superior == (0,)


def test_equally_noisy_strategies_are_named_as_by_arch() -> None:
    panel = led(1, (0.8, 0.7, 0.0, 0.0, -0.1))
    peer = Peer(np.zeros(120), -panel, size=0.05, block_size=5, reps=500, seed=3)
    peer.compute()
    assert step_m(panel, Resampling("stationary", 5.0, 500, 3), 0.05, "none").superior == tuple(peer.superior_models)


def test_step_ends_when_nothing_remains() -> None:
    found = step_m(led(1, (3.0, 3.0)), FEW, 0.05)
    assert found.superior == (0, 1)
    assert all(step.rejected for step in found.steps)


def test_level_that_is_no_share_is_refused() -> None:
    with pytest.raises(DataError, match=r"the level was 5\.0, expected over 0 and under 1; give a share such as 0\.05"):
        step_m(noise(20, 2), FEW, 5.0)
