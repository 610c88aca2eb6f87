"""What the watch found as metrics, and the alert rules over them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from adapters.telemetry.drift_metrics import DriftCollector, Watched, drift_exposition
from dataflows.audit.model_drift import model_drift
from dataflows.audit.model_watch import watch_figures
from nodes.kernels.significance.underperformance import Promise
from nodes.vocabulary.verdict import Verdict
from tests.adapters.telemetry.alerting import fires, rules, samples
from tests.dataflows.audit.model_samples import MEASURE, sample

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
PROMISE = Promise(0.0, 0.01, 120)
TRAINING = sample(1, 120)


def exposition(
    shift: float = 0.0, missing: float = 0.0, measured_at: datetime = NOW, verdict: Verdict = Verdict.PASS
) -> str:
    live = sample(2, 20)
    features = live.features + np.array([shift, 0.0])
    features[: int(missing * len(features)), 1] = np.nan
    drift = model_drift(TRAINING, replace(live, features=features), MEASURE)
    watched = Watched("us-equities", 3, drift, watch_figures(drift, np.full(9, 0.001), PROMISE), verdict)
    return drift_exposition([watched], measured_at)


@pytest.mark.parametrize(("alert", "found", "expected"), [
    ("ModelRollbackCalled", {}, False), ("ModelRollbackCalled", {"verdict": Verdict.WARN}, False),
    ("ModelRollbackCalled", {"verdict": Verdict.DENY}, True), ("ModelFeatureDrift", {}, False),
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


def test_a_champion_has_one_verdict_and_every_feature_is_told() -> None:
    found = samples(exposition(verdict=Verdict.WARN))
    verdicts = {labels["verdict"]: value for name, labels, value in found if name == "assay_model_watch_verdict"}
    told = {labels["feature"] for name, labels, _ in found if name == "assay_model_psi"}
    assert verdicts == {"pass": 0.0, "warn": 1.0, "clip": 0.0, "review": 0.0, "deny": 0.0}
    assert told == {"momentum_frac", "volatility_frac", "prediction"}


def test_what_is_not_known_is_left_out() -> None:
    figures = watch_figures(None, np.array([]), PROMISE)
    text = drift_exposition([Watched("us-equities", 3, None, figures, Verdict.WARN)], NOW)
    told = [labels["figure"] for name, labels, _ in samples(text) if name == "assay_model_watch_figure"]
    assert sorted(told) == ["live_drawdown_frac", "live_sessions"]
    assert "NaN" not in text


def test_a_server_shows_what_the_watch_found_last(tmp_path: Path) -> None:
    file = tmp_path / "model-drift.prom"
    file.write_text(exposition(), encoding="utf-8")
    registry = CollectorRegistry()
    registry.register(DriftCollector(file))
    shown = samples(generate_latest(registry).decode())
    assert shown[0] == ("assay_model_watch_readable", {}, 1.0)
    assert sorted(shown[1:], key=str) == sorted(samples(exposition()), key=str)
