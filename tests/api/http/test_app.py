"""The application joins routes and conventions."""

from __future__ import annotations

import pytest
from litestar.testing import TestClient

from api.http.app import ROUTERS, app
from tests.api.http.serving import Served, problem_slug


def test_applications_do_not_share_anything(home: Served) -> None:
    first, second = app(home.parts), app(home.parts)
    assert first.asgi_handler is not second.asgi_handler
    assert len({id(router) for router in ROUTERS}) == len(ROUTERS)


def test_an_error_in_a_route_is_told_without_its_insides(home: Served) -> None:
    application = app(home.parts)
    application.state["document"] = lambda: 1 / 0
    with TestClient(application, raise_server_exceptions=False) as client:
        response = client.get("/openapi.json")
    assert (response.status_code, problem_slug(response)) == (500, "internal")
    assert "division" not in response.text


def test_every_wrong_parameter_is_named(home: Served) -> None:
    response = home.get("/api/v1/orders?limit=none&cursor=" + "x" * 100)
    assert problem_slug(response) == "bad-request"
    assert {error["where"] for error in response.json()["errors"]} == {"query limit", "query cursor"}


def test_a_body_beyond_what_any_route_reads_is_refused(home: Served) -> None:
    response = home.put("/internal/kill-switch", content=b" " * 1_100_000, headers={"Content-Type": "application/json"})
    assert (response.status_code, problem_slug(response)) == (413, "too-large")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("OPTIONS", "/internal/decisions?limit=1", "GET, HEAD, OPTIONS"),
        ("PUT", "/internal/decisions", "GET, HEAD, OPTIONS"),
        ("GET", "/api/v1/actions/execute", "OPTIONS, POST"),
    ],
)
def test_what_may_be_asked_of_a_path_includes_head_wherever_get(
    home: Served, method: str, path: str, allowed: str
) -> None:
    """RFC 9110 section 9.3.2: HEAD is answered as GET, so it is named beside it."""
    assert home.client.request(method, path, headers=home.headers()).headers["allow"] == allowed
