"""Skew of features as Prometheus metrics, for the textfile collector of node_exporter or any scraper of a file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from dataflows.audit.skew import FeatureSkew

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
