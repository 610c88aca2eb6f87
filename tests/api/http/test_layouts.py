"""One process or eight: a domain that is served alone answers what the whole application answers, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.bootstrap import data_room, open_service_to_read
from api.http.app import ROUTERS, app
from api.http.domains import DOMAINS, served_routers
from api.http.parts import Parts
from tests.api.http.serving import Served, problem_slug
from tests.api.sample_lake import AS_OF

DATED = {"as_of": AS_OF}
ASKED: Mapping[str, tuple[tuple[str, Mapping[str, Any]], ...]] = {
    "signal": (
        ("/internal/log", {}),
        ("/internal/log/entries", {"limit": 3}),
        ("/internal/policy/versions", {}),
        ("/api/v1/orders", {"account_id": "paper"}),
        ("/api/v1/positions", {"account_id": "paper"}),
    ),
    "market-data": (
        ("/api/v1/market-data/bars/ACME", DATED),
        ("/api/v1/market-data/options/ACME/chain", DATED),
        ("/api/v1/market-data/factors", DATED),
        ("/api/v1/market-data/bars/NOBODY", DATED),
        ("/api/v1/sources/tables", DATED),
    ),
    "fundamentals": (
        ("/api/v1/fundamentals/ACME/facts/us-gaap:Assets", {"period_end_on": "2019-12-31", **DATED}),
        ("/api/v1/fundamentals/ACME/ratings", DATED),
        ("/api/v1/fundamentals/ACME/ratings", {"as_of": "yesterday"}),
    ),
    "sentiment": (("/api/v1/sentiment/ACME/texts", DATED), ("/api/v1/sentiment/ACME/daily", DATED)),
    "strategy": (("/decisions/why_not/1", {}), ("/decisions/why_not/none", {})),
    "events": (
        ("/api/v1/events/corporate-actions", DATED),
        ("/api/v1/events/macro", {"start_on": "2020-06-01", "end_on": "2020-06-30", **DATED}),
    ),
}
"""Some questions to each domain, also such as have no answer."""
OWN = frozenset({"traceparent", "date", "age", "cache-status"})
"""Headers that no two answers share; and so does the number of the trace in a problem."""


@pytest.fixture(scope="module")
def parts(home: Served, sample_lake: Path) -> Parts:
    """A paper home whose server shows a lake."""
    settings = replace(home.settings, lake=sample_lake)
    return replace(home.parts, settings=settings, data=data_room(settings))


@pytest.fixture(scope="module")
def whole(parts: Parts) -> Iterator[TestClient[Litestar]]:
    with TestClient(app(parts), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def split(parts: Parts) -> Iterator[Mapping[str, TestClient[Litestar]]]:
    """A server of each domain, over the same home; those that write no log open it for reading."""
    with ExitStack() as stack:
        reading = stack.enter_context(open_service_to_read(parts.settings, parts.service.lake))
        found = {}
        for name in ASKED:
            service = parts.service if DOMAINS[name].writes_log else reading
            application = app(replace(parts, service=service), served_routers(ROUTERS, DOMAINS[name]))
            found[name] = stack.enter_context(TestClient(application, raise_server_exceptions=False))
        yield found


def _told(response: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    content = response.content
    if response.headers["content-type"] == "application/problem+json":
        content = content.replace(response.json()["trace_id"].encode(), b"")
    return response.status_code, content, {name: each for name, each in response.headers.items() if name not in OWN}


@pytest.mark.parametrize("name", ASKED)
def test_a_domain_alone_answers_as_the_whole_does(
    name: str, home: Served, whole: TestClient[Litestar], split: Mapping[str, TestClient[Litestar]]
) -> None:
    """SCOPE-01: same status, same bytes, same headers, entity tags among them."""
    headers = home.headers()
    tags = set()
    for path, query in ASKED[name]:
        alone = split[name].get(path, params=query, headers=headers)
        together = whole.get(path, params=query, headers=headers)
        assert _told(alone) == _told(together)
        tags.add(alone.headers.get("etag"))
    assert len(tags) > 1 or name in {"signal", "strategy"}


@pytest.mark.parametrize("name", ASKED)
def test_a_domain_alone_has_no_other_domain(name: str, home: Served, split: Mapping[str, TestClient[Litestar]]) -> None:
    """SCOPE-01: what is another's is not there; what every server has is."""
    for other in ASKED.keys() - {name}:
        path, query = ASKED[other][0]
        response = split[name].get(path, params=query, headers=home.headers())
        assert (response.status_code, problem_slug(response)) == (404, "not-found")
    for path in ("/livez", "/readyz", "/health", "/metrics", "/problems", "/.well-known/jwks.json"):
        assert split[name].get(path).status_code == 200, path
    told = split[name].get("/openapi.json").json()
    assert [tag["name"] for tag in told["tags"]] == [name]


def test_an_etag_of_one_layout_is_known_in_the_other(
    home: Served, whole: TestClient[Litestar], split: Mapping[str, TestClient[Litestar]]
) -> None:
    path, query = ASKED["market-data"][0]
    tag = whole.get(path, params=query, headers=home.headers()).headers["etag"]
    headers = {**home.headers(), "if-none-match": tag}
    assert split["market-data"].get(path, params=query, headers=headers).status_code == 304


def test_only_the_signal_domain_takes_orders(home: Served, split: Mapping[str, TestClient[Litestar]]) -> None:
    order = {"symbol": "AAPL", "qty": "10", "side": "buy", "account_id": "split"}
    said = {
        name: client.post(
            "/api/v1/actions/execute", json=order, headers={**home.headers(), "Idempotency-Key": f"layout-{name}"}
        ).status_code
        for name, client in split.items()
    }
    assert said.pop("signal") == 200
    assert set(said.values()) == {404}
