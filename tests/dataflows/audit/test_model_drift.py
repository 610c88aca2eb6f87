"""Drift of a model against its training sample: found where planted, silent where chance or memory explains it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from dataflows.audit.model_drift import (
    PREDICTION,
    ModelSample,
    model_drift,
    sample_bytes,
    sample_from_bytes,
)
from nodes.vocabulary.errors import DataError
from tests.dataflows.audit.model_samples import MEASURE, NAMES, sample

TRAINING = sample(1, 200)


def test_a_feature_that_moved_is_found_and_so_is_what_the_model_says_of_it() -> None:
    found = model_drift(TRAINING, sample(2, 20, shift=1.5), MEASURE)
    worst = found.features[0]
    assert worst.name == "momentum_frac"
    assert worst.unusual_psi == worst.psi > 0.25
    assert worst.ks_p < 0.001
    assert found.prediction.name == PREDICTION
    assert found.prediction.unusual_psi > 0.25
    assert found.features[1].unusual_psi == 0.0
    assert found.discrepancy.p == 0.01
    assert found.unusual_discrepancy > 0.05
    assert (found.n_rows, found.n_sessions) == (200, 20)


def test_a_window_of_the_same_kind_has_not_drifted() -> None:
    found = [model_drift(TRAINING, sample(seed, 20), MEASURE) for seed in range(2, 6)]
    assert sum(each.unusual_psi > 0.1 for drift in found for each in drift.features) == 0
    assert max(drift.unusual_discrepancy for drift in found) < 0.02


def test_features_that_remember_lie_apart_in_every_window_and_their_own_past_says_so() -> None:
    """Beyond the usual limit of 0.25 in most windows; the model's own past explains most of it."""
    training = sample(1, 300, memory=0.95)
    found = [model_drift(training, sample(seed, 15, memory=0.95), MEASURE) for seed in range(2, 6)]
    naive = sum(each.psi > max(0.25, each.chance_psi) for drift in found for each in drift.features)
    unusual = sum(each.unusual_psi > 0.25 for drift in found for each in drift.features)
    assert naive >= 4
    assert unusual <= 2


def test_a_feature_that_vanished_is_not_known_to_have_stayed() -> None:
    live = sample(2, 20)
    gone = live.features.copy()
    gone[:, 1] = np.nan
    found = model_drift(TRAINING, replace(live, features=gone), MEASURE)
    last = found.features[-1]
    assert last.name == "volatility_frac"
    assert math.isnan(last.psi)
    assert math.isnan(last.unusual_psi)
    assert (last.missing_frac, last.missing_before_frac, last.n_live) == (1.0, 0.0, 0)
    assert math.isfinite(found.discrepancy.squared)


def test_too_short_a_training_sample_has_no_usual_drift() -> None:
    found = model_drift(sample(1, 60), sample(2, 20), MEASURE)
    assert math.isnan(found.features[0].usual_psi)
    assert math.isnan(found.usual_discrepancy)
    assert math.isfinite(found.features[0].unusual_psi)


def test_the_same_samples_give_the_same_drift_to_the_bit() -> None:
    live = sample(2, 20)
    again = sample_from_bytes(sample_bytes(live))
    assert model_drift(TRAINING, again, MEASURE) == model_drift(TRAINING, live, MEASURE)
    assert sample_bytes(again) == sample_bytes(live)


def test_features_that_never_varied_drift_as_soon_as_they_vary() -> None:
    flat, moved = (
        ModelSample(("a",), np.full((100, 1), level), np.zeros(100), np.repeat(np.arange(20), 5))
        for level in (2.0, 3.0)
    )
    assert model_drift(flat, flat, MEASURE).features[0].unusual_psi == 0.0
    assert model_drift(flat, moved, MEASURE).features[0].unusual_psi > 1.0
    assert model_drift(flat, moved, MEASURE).unusual_discrepancy > 0.5


def test_what_cannot_be_compared_is_refused() -> None:
    other = replace(TRAINING, names=("momentum_frac", "beta_frac"))
    with pytest.raises(DataError, match=r"differ in \['beta_frac', 'volatility_frac'\]"):
        model_drift(TRAINING, other, MEASURE)
    with pytest.raises(DataError, match="differ in their order"):
        model_drift(TRAINING, replace(TRAINING, names=NAMES[::-1]), MEASURE)
    with pytest.raises(DataError, match="2000 training and 0 live rows"):
        model_drift(TRAINING, sample(1, 0), MEASURE)
    with pytest.raises(DataError, match="sample of 2000 sessions"):
        replace(TRAINING, names=("one",))
    with pytest.raises(DataError, match="bytes hold no sample"):
        sample_from_bytes(b"N")
