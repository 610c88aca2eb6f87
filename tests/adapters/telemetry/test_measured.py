"""What was measured is shown as it was written; what cannot be read is told, and is no measurement of nothing."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest

from adapters.telemetry.measured import MeasuredCollector
from tests.adapters.telemetry.alerting import Samples, samples


def collected(file: Path) -> Samples:
    registry = CollectorRegistry()
    registry.register(MeasuredCollector(file, "measured_readable", "Can it be read?"))
    return samples(generate_latest(registry).decode())


def test_what_was_measured_last_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "measured.prom"
    assert collected(file) == []
    for value in (1.0, 2.0):
        file.write_text(f"# TYPE a gauge\na {value}\n", encoding="utf-8")
        assert collected(file) == [("measured_readable", {}, 1.0), ("a", {}, value)]


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "measured.prom"
    file.write_text("a{b=", encoding="utf-8")
    assert collected(file) == [("measured_readable", {}, 0.0)]
    assert collected(tmp_path) == [("measured_readable", {}, 0.0)]
