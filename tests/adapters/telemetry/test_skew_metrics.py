"""Skew as metrics, and the alert rules over them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from adapters.telemetry.skew_metrics import SkewCollector, skew_exposition
from dataflows.audit.skew import Pair, feature_skews
from tests.adapters.telemetry.alerting import RULES, fires, rules, samples

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)


def exposition(served: float, recomputed: float, measured_at: datetime = NOW) -> str:
    pairs = [Pair("momentum_frac", "A", date(2026, 11, 20), served, recomputed, "correction")]
    return skew_exposition(feature_skews(pairs), measured_at)


def test_a_mismatch_is_exported_with_its_feature_cause_and_first_session() -> None:
    found = {name: (labels, value) for name, labels, value in samples(exposition(1.0, 2.0))}
    assert found["assay_feature_skew_ratio"] == ({"feature": "momentum_frac", "cause": "correction"}, 1.0)
    assert found["assay_feature_skew_since_seconds"][1] == datetime(2026, 11, 20, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(("alert", "served", "recomputed", "expected"), [
    ("FeatureSkew", 1.0, 1.0, False), ("FeatureSkew", 1.0, 1.0000000001, True),
    ("FeatureDrift", 1.0, 1.0, False), ("FeatureDrift", 1.0, 5.0, True),
])  # fmt: skip
def test_an_alert_fires_on_skew_and_is_silent_without(
    alert: str, served: float, recomputed: float, *, expected: bool
) -> None:
    assert fires(rules("feature-skew")[alert]["expr"], exposition(served, recomputed), NOW) is expected


@pytest.mark.parametrize(("hours", "expected"), [(1, False), (49, True)])
def test_an_alert_fires_when_nothing_was_measured_for_two_days(hours: int, *, expected: bool) -> None:
    text = exposition(1.0, 1.0, NOW - timedelta(hours=hours))
    assert fires(rules("feature-skew")["FeatureSkewNotMeasured"]["expr"], text, NOW) is expected


def test_every_alert_says_what_to_do() -> None:
    files = sorted(file.name.removesuffix(".rules.yml") for file in RULES.glob("*.rules.yml"))
    told = {alert: rule["annotations"].keys() for name in files for alert, rule in rules(name).items()}
    assert [alert for alert, words in told.items() if not {"summary", "mend"} <= words] == []
    assert all((RULES / f"{name}.test.yml").is_file() for name in files)


def _collected(file: Path) -> str:
    registry = CollectorRegistry()
    registry.register(SkewCollector(file))
    return generate_latest(registry).decode()


def test_a_server_shows_what_was_measured_last(tmp_path: Path) -> None:
    file = tmp_path / "feature-skew.prom"
    assert _collected(file) == ""
    file.write_text(exposition(1.0, 2.0), encoding="utf-8")
    shown = {(name, tuple(labels.items())): value for name, labels, value in samples(_collected(file))}
    own = {(name, tuple(labels.items())): value for name, labels, value in samples(exposition(1.0, 2.0))}
    assert shown == {**own, ("assay_feature_skew_readable", ()): 1.0}


def test_a_measurement_that_cannot_be_read_is_told_and_is_no_skew_of_zero(tmp_path: Path) -> None:
    file = tmp_path / "feature-skew.prom"
    file.write_text("assay_feature_skew_ratio{feature=", encoding="utf-8")
    assert samples(_collected(file)) == [("assay_feature_skew_readable", {}, 0.0)]
