"""What a watch policy reads of a champion: figures of drift and of the live record, None where they are not known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from dataflows.audit.model_drift import ModelDrift, model_drift
from dataflows.audit.model_watch import drift_figures, record_figures, watch_figures
from nodes.kernels.significance.underperformance import Promise
from tests.dataflows.audit.model_samples import MEASURE, sample

PROMISE = Promise(0.0, 0.01, 120)
TRAINING = sample(1, 200)
ALIKE, MOVED = (model_drift(TRAINING, sample(2, 20, shift=shift), MEASURE) for shift in (0.0, 1.5))


def earned(seed: int, mean: float, sessions: int = 60) -> np.ndarray:
    return mean + 0.01 * np.random.default_rng(seed).normal(size=sessions)


def test_a_champion_that_is_as_it_was_has_figures_of_nothing() -> None:
    found = watch_figures(ALIKE, earned(1, 0.001), PROMISE)
    assert (found["max_feature_psi_score"], found["prediction_psi_score"]) == (0.0, 0.0)
    assert (found["missing_rise_frac"], found["live_sessions"]) == (0.0, 60)
    assert min(float(found[name] or 0.0) for name in ("mmd_p_frac", "live_shortfall_p_frac")) > 0.05


def test_drift_of_features_and_of_predictions_shows() -> None:
    found = drift_figures(MOVED)
    assert found["max_feature_psi_score"] == MOVED.features[0].psi
    assert found["prediction_psi_score"] == MOVED.prediction.psi
    assert found["mmd_p_frac"] == pytest.approx(1 / 21)


def test_the_past_of_the_model_can_explain_what_permutations_cannot() -> None:
    """Permuting rows knows of no memory: it is sure of a discrepancy that a third of the training windows had too."""
    unsure = replace(MOVED, past_p=1 / 3)
    assert unsure.discrepancy.p == 0.01
    assert drift_figures(unsure)["mmd_p_frac"] == 1 / 3
    assert drift_figures(replace(MOVED, past_p=math.nan))["mmd_p_frac"] == 0.01


def test_a_feed_that_died_shows_as_missing_rows() -> None:
    live = sample(2, 20)
    gone = live.features.copy()
    gone[:150, 1] = np.nan
    found = drift_figures(model_drift(TRAINING, replace(live, features=gone), MEASURE))
    assert found["missing_rise_frac"] == pytest.approx(0.75)


def test_a_record_that_breaks_its_promise_shows_its_loss_and_its_probability() -> None:
    found = record_figures(earned(1, -0.006), PROMISE)
    assert float(found["live_shortfall_p_frac"] or 1.0) < 0.01
    assert float(found["live_drawdown_frac"] or 0.0) > 0.2
    assert float(found["live_mean_return_frac"] or 0.0) == pytest.approx(-0.006, abs=0.004)


def test_sessions_without_a_return_do_not_count() -> None:
    record = earned(1, 0.0)
    assert record_figures(np.insert(record, 3, np.nan), PROMISE) == record_figures(record, PROMISE)


@pytest.mark.parametrize(
    "drift", [None, model_drift(TRAINING, replace(sample(2, 1), predictions=np.full(10, np.nan)), MEASURE)]
)
def test_what_is_not_known_is_none_and_a_record_of_nothing_has_lost_nothing(drift: ModelDrift | None) -> None:
    found = watch_figures(drift, np.full(3, np.nan), PROMISE)
    assert (found["live_sessions"], found["live_drawdown_frac"]) == (0, 0.0)
    names = ("prediction_psi_score", "live_shortfall_p_frac", "live_mean_return_frac")
    assert [found[name] for name in names] == [None] * 3
