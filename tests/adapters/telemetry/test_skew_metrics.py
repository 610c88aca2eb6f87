"""Skew as metrics, and the alert rules over them. Promtool is not here: the expressions are evaluated by a reader of
the part of PromQL that they use, `max by (labels) (metric) > number` and `time() - max(metric) > number`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from adapters.telemetry.skew_metrics import skew_exposition
from dataflows.audit.skew import Pair, feature_skews
from tests.architecture.code import ROOT

RULES = ROOT / "deploy" / "prometheus" / "feature-skew.rules.yml"
NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
_BY = re.compile(r"max by \(([a-z, ]+)\) \(([a-z_]+)\) > ([0-9.]+)")
_AGE = re.compile(r"time\(\) - max\(([a-z_]+)\) > ([0-9.]+)")


def exposition(served: float, recomputed: float, measured_at: datetime = NOW) -> str:
    pairs = [Pair("momentum_frac", "A", date(2026, 11, 20), served, recomputed, "correction")]
    return skew_exposition(feature_skews(pairs), measured_at)


def samples(text: str) -> list[tuple[str, Mapping[str, str], float]]:
    families = text_string_to_metric_families(text)
    return [(item.name, item.labels, item.value) for family in families for item in family.samples]


def rules() -> dict[str, dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def fires(expression: str, text: str, now: datetime) -> bool:
    """Whether an expression returns a series."""
    found = samples(text)
    if aged := _AGE.fullmatch(expression):
        newest = max(value for name, _, value in found if name == aged[1])
        return now.timestamp() - newest > float(aged[2])
    by = _BY.fullmatch(expression)
    assert by, f"{expression} is beyond what this reader knows"
    known = [(labels, value) for name, labels, value in found if name == by[2]]
    assert known, f"{by[2]} is not exported"
    assert all(set(by[1].split(", ")) <= labels.keys() for labels, _ in known)
    return any(value > float(by[3]) for _, value in known)


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
    assert fires(rules()[alert]["expr"], exposition(served, recomputed), NOW) is expected


@pytest.mark.parametrize(("hours", "expected"), [(1, False), (49, True)])
def test_an_alert_fires_when_nothing_was_measured_for_two_days(hours: int, *, expected: bool) -> None:
    text = exposition(1.0, 1.0, NOW - timedelta(hours=hours))
    assert fires(rules()["FeatureSkewNotMeasured"]["expr"], text, NOW) is expected


def test_every_alert_says_what_to_do() -> None:
    assert all({"summary", "mend"} <= rule["annotations"].keys() for rule in rules().values())
