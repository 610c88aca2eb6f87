"""What every request and every answer has, whatever route they take."""

from __future__ import annotations

import pytest
from litestar.testing import TestClient

from api.http.app import app
from api.http.edge import Call
from api.http.replies import Reply
from tests.api.http.serving import EXECUTE, ORDER, Served, problem_slug

PATHS = ["/livez", "/api/v1/plan", "/nowhere", EXECUTE, "/problems", "/docs"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_security_headers_once(home: Served, path: str) -> None:
    headers = home.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert all(len(headers.get_list(name)) == 1 for name in headers)


@pytest.mark.parametrize("path", PATHS)
def test_a_trace_is_continued_under_a_span_of_our_own(home: Served, path: str) -> None:
    """OPS-06."""
    sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    _, trace_id, span_id, flags = home.get(path, headers={"traceparent": sent}).headers["traceparent"].split("-")
    assert (trace_id, flags) == ("4bf92f3577b34da6a3ce929d0e0e4736", "01")
    assert span_id != "00f067aa0ba902b7"


def test_a_problem_names_the_trace_that_it_belongs_to(home: Served) -> None:
    sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    for path in ("/nowhere", "/api/v1/orders/none"):
        assert home.get(path, headers={"traceparent": sent}).json()["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    ("method", "path", "slug"),
    [
        ("GET", "/nowhere", "not-found"),
        ("GET", EXECUTE, "method-not-allowed"),
        ("DELETE", "/api/v1/plan", "method-not-allowed"),
        ("GET", "/api/v1/orders?limit=many", "bad-request"),
        ("GET", "/api/v1/plan?as_of=yesterday", "bad-request"),
        ("GET", "/problems/none", "not-found"),
    ],
)
def test_errors_of_the_framework_come_out_as_problems(home: Served, method: str, path: str, slug: str) -> None:
    response = home.client.request(method, path, headers=home.headers())
    assert problem_slug(response) == slug


def test_an_error_that_nobody_foresaw_is_told_without_its_insides(home: Served) -> None:
    class Broken:
        async def __call__(self, _call: Call) -> Reply:
            raise ZeroDivisionError("secret of the inside")

    application = app(home.parts)
    edge = application.asgi_handler
    edge._fast = {("POST", EXECUTE): Broken()}  # type: ignore[attr-defined]
    with TestClient(application) as client:
        response = client.post(EXECUTE, json=ORDER)
    assert (response.status_code, problem_slug(response)) == (500, "internal")
    assert "secret" not in response.text


def test_what_is_left_of_the_rate_is_told(home: Served) -> None:
    headers = home.get("/api/v1/plan").headers
    assert headers["ratelimit-policy"] == '"principal";q=100000'
    assert headers["ratelimit"].startswith('"principal";r=')


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/internal/kill-switch", "GET, HEAD, OPTIONS, PUT"),
        ("/internal/log/checkpoint", "GET, HEAD, OPTIONS, POST"),
        ("/api/v1/plan", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_path_names_all_its_methods(home: Served, path: str, methods: str) -> None:
    """Litestar alone names those of the handler that it was told of first."""
    answer = home.client.options(path)
    assert (answer.status_code, answer.headers["allow"]) == (204, methods)


@pytest.mark.parametrize("path", ["/livez", "/api/v1/plan", "/docs", "/problems"])
def test_head_tells_the_headers_of_get_and_no_body(home: Served, path: str) -> None:
    """Load balancers and caches ask so (RFC 9110 section 9.3.2)."""
    got, headed = home.get(path), home.client.head(path, headers=home.headers())
    assert (headed.status_code, headed.content) == (200, b"")
    assert headed.headers["content-length"] == got.headers["content-length"]


def test_head_of_a_stream_ends(home: Served) -> None:
    answer = home.client.head("/internal/log/events", headers=home.headers())
    assert (answer.status_code, answer.content) == (200, b"")


def test_head_places_no_order(home: Served) -> None:
    assert home.client.head(EXECUTE, headers=home.headers()).status_code == 405
