"""Probes (API-SIG-10): alive, ready, and every dependency by name."""

from __future__ import annotations

from dataclasses import replace

from tests.api.http.serving import Served

CHECKS = {"disk", "log-readable", "generation", "outbox", "checkpoint", "day-plan", "log-writable"}


def test_a_process_that_answers_is_alive(home: Served) -> None:
    assert home.client.get("/livez").json() == {"status": "alive"}


def test_a_server_that_takes_orders_is_ready_and_says_so_without_a_token(home: Served) -> None:
    response = home.client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ready", "down": [], "is_read_only": False})


def test_health_tells_of_every_dependency(home: Served) -> None:
    told = home.client.get("/health").json()
    assert {check["name"] for check in told["checks"]} >= CHECKS
    assert all(check["detail"] for check in told["checks"])


def test_health_names_no_account_and_no_person(home: Served) -> None:
    home.ordered(account_id="hidden")
    assert not any(word in home.client.get("/health").text for word in ("hidden", "trader", "AAPL"))


def test_a_server_that_ends_is_not_ready_but_alive(home: Served) -> None:
    home.parts.health.drain()
    try:
        response = home.client.get("/readyz")
        assert (response.status_code, response.json()["down"]) == (503, ["draining"])
        assert response.headers["retry-after"] == "1"
        assert home.client.get("/health").status_code == 503
        assert home.client.get("/livez").status_code == 200
    finally:
        home.parts.health.is_draining = False


def test_a_server_that_only_reads_says_so_to_whoever_would_send_orders(home: Served) -> None:
    health, service = home.parts.health, home.parts.health.service
    health.service = replace(service, is_read_only=True)
    try:
        assert home.client.get("/readyz").json()["is_read_only"] is True
    finally:
        health.service = service
