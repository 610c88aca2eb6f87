"""Skew of features as Prometheus metrics: a text that `assay pit skew` writes, and a server of that home shows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from adapters.telemetry.measured import MeasuredCollector
from dataflows.audit.skew import FeatureSkew

FILE = "feature-skew.prom"
"""Where a home keeps what was measured last."""
RATIO, PSI, KS = "assay_feature_skew_ratio", "assay_feature_skew_psi", "assay_feature_skew_ks"
SINCE, AT = "assay_feature_skew_since_seconds", "assay_feature_skew_measured_seconds"


def skew_exposition(skews: Iterable[FeatureSkew], measured_at: datetime) -> str:
    """The text of the metrics."""
    registry = CollectorRegistry()
    differing = "Served values that differ from recomputed ones, of all compared."
    ratio = Gauge(RATIO, differing, ["feature", "cause"], registry=registry)
    psi = Gauge(PSI, "Population stability index of recomputed against served values.", ["feature"], registry=registry)
    distance = Gauge(KS, "Greatest distance of their distribution functions.", ["feature"], registry=registry)
    since = Gauge(SINCE, "First session with a difference, as Unix time.", ["feature"], registry=registry)
    Gauge(AT, "When the skew was measured, as Unix time.", registry=registry).set(measured_at.timestamp())
    for skew in skews:
        ratio.labels(skew.feature, skew.causes[0] if skew.causes else "none").set(skew.mismatch_frac)
        for gauge, value in ((psi, skew.psi), (distance, skew.ks)):
            if value is not None:
                gauge.labels(skew.feature).set(value)
        if skew.since_on is not None:
            since.labels(skew.feature).set(datetime.combine(skew.since_on, time(0), UTC).timestamp())
    return generate_latest(registry).decode()


class SkewCollector(MeasuredCollector):
    """Shows the skew that was measured last; of a home where it never was, nothing."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, "assay_feature_skew_readable", "Can the skew be read that was measured last?")
