"""What the watch says of a champion: the gravest standing, every reason, and that not knowing is not well."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from dataflows.audit.model_drift import model_drift
from dataflows.audit.model_watch import Standing, WatchLimits, watch_figures, watch_finding
from nodes.kernels.significance.underperformance import Shortfall
from tests.dataflows.audit.model_samples import MEASURE, sample

LIMITS = WatchLimits(0.25, 0.25, 0.05, 0.2, 0.05, 100)
WELL, BROKEN, NOTHING = Shortfall(60, 0.001, 0.8), Shortfall(60, -0.004, 0.01), Shortfall(0, math.nan, math.nan)
TRAINING = sample(1, 200)
ALIKE, MOVED = (model_drift(TRAINING, sample(2, 20, shift=shift), MEASURE) for shift in (0.0, 1.5))


def test_a_champion_that_is_as_it_was_is_steady() -> None:
    found = watch_finding(ALIKE, WELL, LIMITS)
    assert (found.standing, found.reasons, found.calls_for_rollback) == (Standing.STEADY, (), False)


def test_drift_beyond_the_limits_calls_for_a_rollback_and_says_why() -> None:
    found = watch_finding(MOVED, WELL, LIMITS)
    assert found.standing is Standing.DRIFTED
    assert found.calls_for_rollback
    assert any("momentum_frac has a stability index of" in reason for reason in found.reasons)
    assert any("prediction has a stability index of" in reason for reason in found.reasons)
    assert any("all features at once lie" in reason for reason in found.reasons)


def test_a_broken_promise_is_graver_than_drift_and_both_are_told() -> None:
    found = watch_finding(MOVED, BROKEN, LIMITS)
    assert found.standing is Standing.UNDERPERFORMING
    assert found.calls_for_rollback
    assert found.reasons[0].startswith("mean live return of -0.400% over 60 sessions breaks the promise: p 0.01")
    assert len(found.reasons) > 1


def test_limits_decide_and_not_the_figures() -> None:
    wide = replace(LIMITS, max_feature_psi_score=99.0, max_prediction_psi_score=99.0, max_discrepancy_score=2.0)
    assert watch_finding(MOVED, BROKEN, replace(wide, min_shortfall_p_frac=0.001)).standing is Standing.STEADY


def test_a_feed_that_died_is_drift() -> None:
    live = sample(2, 20)
    gone = live.features.copy()
    gone[:150, 1] = np.nan
    found = watch_finding(model_drift(TRAINING, replace(live, features=gone), MEASURE), WELL, LIMITS)
    assert found.standing is Standing.DRIFTED
    assert "volatility_frac is missing in 75.0% of live rows, 0.0% in training" in found.reasons[0]


@pytest.mark.parametrize(("sessions", "live"), [(0, WELL), (5, WELL), (20, NOTHING)])
def test_what_could_not_be_measured_is_not_steady_and_no_reason_to_roll_back(sessions: int, live: Shortfall) -> None:
    drift = model_drift(TRAINING, sample(2, sessions, shift=3.0 * (live is WELL)), MEASURE) if sessions else None
    found = watch_finding(drift, live, LIMITS)
    assert found.standing is Standing.UNMEASURED
    assert not found.calls_for_rollback
    assert "is not judged" in found.reasons[0]


def test_figures_carry_the_names_that_a_policy_limits() -> None:
    nothing = watch_figures(None, NOTHING)
    assert nothing == dict.fromkeys(watch_figures(MOVED, WELL)) | {"live_sessions_count": 0.0}
    found = watch_figures(MOVED, WELL)
    assert found["feature_psi_score"] == MOVED.features[0].psi
    assert (found["shortfall_p_frac"], found["live_rows_count"]) == (0.8, 200.0)
