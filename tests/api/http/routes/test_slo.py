"""`GET /internal/slo/status` (API-SIG-07)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from tests.api.http.serving import Served


def test_every_objective_is_shown_with_its_windows(home: Served) -> None:
    found = home.get("/internal/slo/status").json()
    assert found["policy"] == "operations v1"
    named = {each["objective"]: each for each in found["objectives"]}
    assert named["orders-answered"]["good_frac"] == 0.999
    assert [each["window"] for each in named["orders-in-time"]["windows"]] == ["fast", "medium", "slow"]


def test_what_a_server_counts_is_what_it_shows(home: Served) -> None:
    now = home.service.clock()
    for number in range(3):
        home.parts.telemetry._scraped = (0.0, b"")  # what is shown is at most a second old
        home.get("/api/v1/plan")
        at = now - timedelta(seconds=90 - 30 * number)
        replace(home.parts.slo, clock=partial(_instant, at)).look()
    named = {each["objective"]: each for each in home.get("/internal/slo/status").json()["objectives"]}
    assert named["requests-answered"]["total"] >= 2
    assert named["log-readable"]["bad"] == 0.0
    assert named["log-readable"]["windows"][0]["long_ratio"] == 0.0


def _instant(at: datetime) -> datetime:
    return at


def test_a_token_without_the_scope_is_turned_away(home: Served) -> None:
    answer = home.client.get("/internal/slo/status", headers=home.headers("plan:read"))
    assert answer.status_code == 403
