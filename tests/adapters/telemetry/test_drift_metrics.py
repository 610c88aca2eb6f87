"""What the watch found as metrics, and the alert rules over them."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from adapters.telemetry.drift_metrics import DriftCollector, Watched, drift_exposition
from dataflows.audit.model_drift import model_drift
from dataflows.audit.model_watch import WatchLimits, watch_finding
from nodes.kernels.significance.underperformance import Shortfall
from tests.adapters.telemetry.alerting import fires, rules, samples
from tests.dataflows.audit.model_samples import MEASURE, sample

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
LIMITS = WatchLimits(0.25, 0.25, 0.05, 0.2, 0.05, 50)
TRAINING = sample(1, 120)


def exposition(shift: float = 0.0, missing: float = 0.0, measured_at: datetime = NOW, p: float = 0.5) -> str:
    live = sample(2, 20)
    features = live.features + np.array([shift, 0.0])
    features[: int(missing * len(features)), 1] = np.nan
    drift = model_drift(TRAINING, replace(live, features=features), MEASURE)
    finding = watch_finding(drift, Shortfall(40, 0.0, p), LIMITS)
    return drift_exposition([Watched("us-equities", 3, drift, finding)], measured_at)


@pytest.mark.parametrize(("alert", "found", "expected"), [
    ("ModelRollbackCalled", {}, False), ("ModelRollbackCalled", {"shift": 2.0}, True),
    ("ModelRollbackCalled", {"p": 0.01}, True), ("ModelFeatureDrift", {}, False),
    ("ModelFeatureDrift", {"shift": 2.0}, True), ("ModelFeatureMissing", {}, False),
    ("ModelFeatureMissing", {"missing": 0.5}, True), ("ModelWatchNotMeasured", {}, False),
    ("ModelWatchNotMeasured", {"measured_at": NOW - timedelta(hours=97)}, True),
])  # fmt: skip
def test_an_alert_fires_on_what_it_is_for_and_is_silent_without(
    alert: str, found: dict[str, Any], *, expected: bool
) -> None:
    assert fires(rules("model-drift")[alert]["expr"], exposition(**found), NOW) is expected


def test_a_watch_that_never_looked_is_told() -> None:
    assert fires(rules("model-drift")["ModelWatchNotMeasured"]["expr"], "", NOW)


def test_a_champion_stands_in_one_place_and_every_feature_is_told() -> None:
    found = samples(exposition(shift=2.0))
    standing = {labels["standing"]: value for name, labels, value in found if name == "assay_model_standing"}
    told = {labels["feature"] for name, labels, _ in found if name == "assay_model_psi"}
    assert standing == {"steady": 0.0, "unmeasured": 0.0, "drifted": 1.0, "underperforming": 0.0}
    assert told == {"momentum_frac", "volatility_frac", "prediction"}


def test_what_is_not_known_is_left_out() -> None:
    nothing = Shortfall(0, math.nan, math.nan)
    text = drift_exposition([Watched("us-equities", 3, None, watch_finding(None, nothing, LIMITS))], NOW)
    figures = [labels["figure"] for name, labels, _ in samples(text) if name == "assay_model_watch_figure"]
    assert figures == ["live_sessions_count"]
    assert "NaN" not in text


def test_a_server_shows_what_the_watch_found_last(tmp_path: Path) -> None:
    file = tmp_path / "model-drift.prom"
    file.write_text(exposition(), encoding="utf-8")
    registry = CollectorRegistry()
    registry.register(DriftCollector(file))
    shown = samples(generate_latest(registry).decode())
    assert shown[0] == ("assay_model_watch_readable", {}, 1.0)
    assert sorted(shown[1:], key=str) == sorted(samples(exposition()), key=str)
