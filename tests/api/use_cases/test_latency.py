"""Hops that the log knows: how long a broker took to answer, in percentiles."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from adapters.telemetry.metrics import OrderTimes, metrics
from api.use_cases import broker
from api.use_cases.latency import HOPS, hop_report, logged_hops
from api.use_cases.market import dispatch
from api.use_cases.order_changes import CancelCommand, cancelled_order
from tests.api.use_cases.services import ordered, service_at


def test_the_log_tells_the_hops_to_the_broker(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """API-STR-08."""
    monkeypatch.setattr(broker, "PAUSE_S", 3600.0)
    with service_at(tmp_path / "home", lake) as service:
        order = ordered(service).cl_ord_id or ""
        dispatch(service)
        cancelled_order(service, CancelCommand(order, "alice", "no more")).result()
        dispatch(service)
        with service.store.reader() as reader:
            to_broker, cancel = logged_hops(reader)
    assert (to_broker.hop, to_broker.n_values, cancel.hop, cancel.n_values) == ("broker", 1, "cancel", 1)
    assert 0 < to_broker.percentiles_ns[50.0] <= to_broker.percentiles_ns[100.0]


def test_a_worker_measures_its_own_hops() -> None:
    times = OrderTimes(metrics())
    times.committed(4, lock_s=0.001, run_s=0.004, commit_s=0.002)
    times.committed(0, lock_s=0.001, run_s=0.0, commit_s=0.002)
    times.answered("pass", "act", 0.009)
    found = {hop: hop_report(hop, histogram) for hop, histogram in times.hops.items()}
    assert {hop: report.n_values for hop, report in found.items()} == {"lock": 2, "decide": 1, "commit": 2, "total": 1}
    assert found["decide"].percentiles_ns[50.0] / 1e9 == pytest.approx(0.001, rel=0.01)
    assert set(found) < set(HOPS)


def test_without_orders_there_are_no_percentiles() -> None:
    times = OrderTimes(metrics())
    assert hop_report("total", times.hops["total"]).percentiles_ns == {}
