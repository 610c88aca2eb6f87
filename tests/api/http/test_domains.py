"""Which paths are whose, and what of them a server of one domain has."""

from __future__ import annotations

import pytest
from litestar import Router, get

from api.http.access import PUBLIC
from api.http.app import ROUTERS
from api.http.domains import DOMAINS, EVERYWHERE, domain_named, domain_of, domain_of_router, served_routers
from api.http.openapi import document
from nodes.vocabulary.errors import EdgeError, PlanError


def _router(*paths: str) -> Router:
    @get(list(paths), opt={"scope": PUBLIC}, sync_to_thread=False)
    def handler() -> str:
        return "here"

    return Router("/", route_handlers=[handler])


def test_each_domain_has_the_port_that_users_know() -> None:
    """PORT-01."""
    assert {name: domain.port for name, domain in DOMAINS.items()} == {
        "signal": 8000,
        "market-data": 8001,
        "fundamentals": 8002,
        "sentiment": 8003,
        "analysis": 8004,
        "strategy": 8005,
        "journal": 8008,
        "events": 8010,
    }


def test_no_area_belongs_to_two_domains() -> None:
    areas = [area for domain in DOMAINS.values() for area in domain.areas] + sorted(EVERYWHERE)
    assert len(set(areas)) == len(areas)


def test_every_router_belongs_to_one_domain_or_to_every_server() -> None:
    """SCOPE-01: a new route names its domain here, or this fails."""
    owners = [domain_of_router(router) for router in ROUTERS]
    assert {domain.name for domain in owners if domain} >= {"signal", "market-data", "fundamentals", "events"}
    assert None in owners


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/v1/plan", "signal"),
        ("/internal/policy/versions/{policy_digest}", "signal"),
        ("/api/v1/market-data/bars/{symbol}", "market-data"),
        ("/api/v1/significance/spa", "analysis"),
        ("/decisions/why_not/{decision}", "strategy"),
    ],
)
def test_a_path_is_told_by_its_first_part(path: str, name: str) -> None:
    found = domain_of(path)
    assert found is not None
    assert found.name == name


def test_a_path_of_no_domain_is_refused_with_the_place_to_mend() -> None:
    with pytest.raises(PlanError, match=r"begins with 'weather'.*api/http/domains\.py"):
        domain_of("/api/v1/weather/today")


def test_a_router_of_two_domains_is_refused() -> None:
    with pytest.raises(PlanError, match=r"paths of events and signal: .*make a router for each"):
        domain_of_router(_router("/api/v1/plan", "/api/v1/events/alerts"))


def test_an_unknown_domain_is_refused_with_the_list() -> None:
    with pytest.raises(EdgeError, match=r"'prices' is unknown; serve one of signal, market-data, .*, events"):
        domain_named("prices")


def test_a_domain_without_operations_does_not_start() -> None:
    with pytest.raises(EdgeError, match=r"domain journal has no operation yet.*serve one of signal"):
        served_routers(
            [router for router in ROUTERS if domain_of_router(router) != DOMAINS["journal"]], DOMAINS["journal"]
        )


def test_every_operation_carries_the_tag_of_its_domain() -> None:
    """SCOPE-01: own OpenAPI tag."""
    found = document(served_routers(ROUTERS, DOMAINS["fundamentals"]))
    assert [tag["name"] for tag in found["tags"]] == ["fundamentals"]
    assert "Alone on port 8002." in found["tags"][0]["description"]
    tags = {path: operation["tags"] for path, item in found["paths"].items() for operation in item.values()}
    own = {path for path, names in tags.items() if "fundamentals" in names}
    assert own == {path for path in tags if path.startswith("/api/v1/fundamentals/")}
    assert {"/health", "/livez", "/readyz", "/metrics", "/problems"} <= tags.keys() - own
