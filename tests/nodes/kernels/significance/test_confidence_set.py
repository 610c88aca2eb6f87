"""The model confidence set: beside arch, by its laws, and under the null."""

from __future__ import annotations

import numpy as np
import pytest
from arch.bootstrap import MCS

from nodes.kernels.significance.bootstrap import Resampling
from nodes.kernels.significance.confidence_set import model_confidence_p
from nodes.vocabulary.errors import DataError

DRAWS = Resampling("stationary", 5.0, 500, 1)
NOISE = np.random.default_rng(0).standard_normal((300, 4))


def test_a_worse_model_leaves_and_equal_ones_stay() -> None:
    """API-ANL-02: a ranking with significance."""
    found = model_confidence_p(NOISE + np.array([0.0, 0.0, 0.3, 0.6]), DRAWS)
    assert (found[:2] > 0.1).all()
    assert (found[2:] < 0.05).all()
    assert found.max() == 1.0


def test_p_values_are_about_those_of_arch() -> None:
    losses = NOISE + np.array([0.0, 0.05, 0.1, 0.15])
    peer = MCS(losses, 0.05, reps=2_000, block_size=5, method="max", seed=1)
    peer.compute()
    wanted = peer.pvalues.sort_index()["Pvalue"].to_numpy()
    found = model_confidence_p(losses, Resampling("stationary", 5.0, 2_000, 3))
    assert found == pytest.approx(wanted, abs=0.06)


def test_the_order_and_the_unit_of_losses_change_nothing() -> None:
    losses = NOISE + np.array([0.0, 0.1, 0.2, 0.3])
    found = model_confidence_p(losses, DRAWS)
    assert model_confidence_p(7.0 * losses[:, ::-1] + 3.0, DRAWS)[::-1] == pytest.approx(found)


def test_models_that_are_alike_are_all_the_best() -> None:
    assert model_confidence_p(np.repeat(NOISE[:, :1], 3, axis=1), DRAWS).tolist() == [1.0, 1.0, 1.0]


def test_a_model_that_is_always_worse_by_as_much_is_surely_worse() -> None:
    found = model_confidence_p(np.column_stack((NOISE[:, 0], NOISE[:, 0] + 1.0)), DRAWS)
    assert found.tolist() == [1.0, 0.0]


def test_equal_models_are_rarely_left_out() -> None:
    """Size: of 40 panels of four equal models, the set at 90 % holds the first one in most."""
    chance = np.random.default_rng(5)
    draws = Resampling("stationary", 1.0, 200, 2)
    kept = [model_confidence_p(chance.standard_normal((120, 4)), draws)[0] >= 0.1 for _ in range(40)]
    assert sum(kept) >= 33


@pytest.mark.parametrize("losses", [np.zeros((10, 0)), np.zeros(10), np.full((10, 2), np.nan)])
def test_losses_that_are_no_table_are_refused(losses: np.ndarray) -> None:
    with pytest.raises(DataError, match="are no finite table; give a loss of each model for each period"):
        model_confidence_p(losses, DRAWS)
