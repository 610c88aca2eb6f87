"""What the alert board says at the moment someone asks, as metrics: right for any number of workers.

A home where no alert was ever armed or raised has no board, and shows nothing; one that cannot be read says
`assay_alert_board_up 0` and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric

from adapters.sql.alert_board import AlertBoard
from adapters.telemetry.fact_collector import FactCollector


def alert_collector(file: Path, clock: Callable[[], datetime]) -> FactCollector:
    """The alert board of a home as metrics."""
    opened = cache(lambda: AlertBoard(file, clock))
    return FactCollector(
        "assay_alert_board_up",
        "Can alerts be read? Alert: AlertBoardUnreadable",
        lambda: _families(opened(), clock()) if file.exists() else None,
    )


def _families(board: AlertBoard, now: datetime) -> Iterator[Metric]:
    armed, sent, active = board.counts()
    due_at = board.oldest_due()
    late_s = 0.0 if due_at is None else max(0.0, (now - due_at).total_seconds())
    yield GaugeMetricFamily(
        "assay_alert_delivery_late_seconds",
        "Do alerts arrive? Age of the oldest delivery that is due. Alert: AlertsNotDelivered",
        value=late_s,
    )
    conditions = GaugeMetricFamily("assay_alert_conditions", "What is watched? Conditions by state", labels=("state",))
    for state, n_rows in sorted(armed.items()):
        conditions.add_metric([state], n_rows)
    deliveries = GaugeMetricFamily(
        "assay_alert_deliveries",
        "How do channels do? Deliveries by channel and state. Alert: AlertsDead",
        labels=("channel", "state"),
    )
    for (channel, state), n_rows in sorted(sent.items()):
        deliveries.add_metric([channel, state], n_rows)
    alerts = GaugeMetricFamily(
        "assay_alerts_active", "What has nobody taken on? Active alerts by severity", labels=("severity",)
    )
    for severity, n_rows in sorted(active.items()):
        alerts.add_metric([severity], n_rows)
    yield from (conditions, deliveries, alerts)
