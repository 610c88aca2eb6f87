"""What the watch found of each champion as Prometheus metrics: a text that it writes, and a server that shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from adapters.telemetry.measured import MeasuredCollector
from dataflows.audit.model_drift import Drift, ModelDrift
from dataflows.audit.model_watch import Figures, missing_rise
from nodes.vocabulary.verdict import Verdict

FILE = "model-drift.prom"
"""Where a home keeps what was found last."""
VERDICT, ROLLBACK = "assay_model_watch_verdict", "assay_model_rollback_called"
PSI, UNUSUAL_PSI, MISSING = "assay_model_psi", "assay_model_unusual_psi", "assay_model_missing_rise_ratio"
FIGURE, AT = "assay_model_watch_figure", "assay_model_watch_measured_seconds"


@dataclass(frozen=True, slots=True)
class Watched:
    """What was found of one champion.

    Attributes:
        family: of models.
        version: of the champion.
        drift: of its live window; None without one.
        figures: what the policy read.
        verdict: what it said: a denial takes the champion back.
    """

    family: str
    version: int
    drift: ModelDrift | None
    figures: Figures
    verdict: Verdict


def drift_exposition(found: Iterable[Watched], measured_at: datetime) -> str:
    """The text of the metrics. A figure that is not known is left out: it is not nothing."""
    registry = CollectorRegistry()
    model, feature = ["family", "version"], ["family", "version", "feature"]
    verdict = Gauge(
        VERDICT, "What the watch says of a champion: 1 for its verdict.", [*model, "verdict"], registry=registry
    )
    rollback = Gauge(ROLLBACK, "Does the watch take the champion back?", model, registry=registry)
    figure = Gauge(FIGURE, "What the policy's limits are compared with.", [*model, "figure"], registry=registry)
    psi = Gauge(PSI, "Stability index of the live window against training.", feature, registry=registry)
    unusual = Gauge(UNUSUAL_PSI, "The same, 0 where chance or its own past explains it.", feature, registry=registry)
    missing = Gauge(MISSING, "Rise of the share of rows without a value.", feature, registry=registry)
    Gauge(AT, "When the watch last looked, as Unix time.", registry=registry).set(measured_at.timestamp())
    for item in found:
        name = (item.family, str(item.version))
        for each in Verdict:
            verdict.labels(*name, each.label).set(each is item.verdict)
        rollback.labels(*name).set(item.verdict is Verdict.DENY)
        for key, value in item.figures.items():
            _set(figure, (*name, key), value)
        for drift in _drifts(item.drift):
            _set(psi, (*name, drift.name), drift.psi)
            _set(unusual, (*name, drift.name), drift.unusual_psi)
            _set(missing, (*name, drift.name), missing_rise(drift))
    return generate_latest(registry).decode()


class DriftCollector(MeasuredCollector):
    """Shows what the watch found last; of a home where it never looked, nothing."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, "assay_model_watch_readable", "Can the findings of the watch be read?")


def _drifts(drift: ModelDrift | None) -> tuple[Drift, ...]:
    return (*drift.features, drift.prediction) if drift else ()


def _set(gauge: Gauge, labels: tuple[str, ...], value: float | None) -> None:
    """Set a gauge to a value that is known; NaN is not."""
    if value is not None and value == value:  # noqa: PLR0124  # NaN is the one value unequal to itself
        gauge.labels(*labels).set(value)
