"""`GET /api/v1/latency/report`: who may read it, and that every hop is named."""

from __future__ import annotations

from api.use_cases.latency import HOPS
from tests.api.http.serving import Served


def test_every_hop_is_reported_with_its_source(home: Served) -> None:
    """API-STR-08."""
    report = home.get("/api/v1/latency/report").json()
    assert {hop["hop"]: hop["text"] for hop in report["hops"]} == HOPS
    assert {hop["source"] for hop in report["hops"]} == {"worker", "log"}
    assert 0.0 < report["precision_frac"] < 0.01


def test_it_takes_the_scope_of_an_auditor(home: Served) -> None:
    response = home.client.get("/api/v1/latency/report", headers=home.headers("orders:write"))
    assert response.status_code == 403
