"""The domains of the API: which paths are whose, and the port of each when it is served alone.

One process serves all of them by default. `assay serve --only DOMAIN` serves the routers of one, with what every
server has: probes, metrics, problems, keys and documentation. To add a route, see that the first part of its path
behind `/api/v1` stands in a row here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from litestar import Router

from nodes.vocabulary.errors import EdgeError, PlanError

_VERSION = "/api/v1"


@dataclass(frozen=True, slots=True)
class Domain:
    """A part of the API that can be served alone.

    Attributes:
        name: what the command line and the OpenAPI tag call it.
        port: where it listens when it is served alone and no other port is named.
        text: what it is about.
        areas: first parts of its paths, behind `/api/v1` where that is there.
        writes_log: whether some of its operations append to the decision log; others open it for reading.
    """

    name: str
    port: int
    text: str
    areas: frozenset[str]
    writes_log: bool = False


DOMAINS: Mapping[str, Domain] = {
    domain.name: domain
    for domain in (
        Domain(
            "signal",
            8000,
            "Plans, positions, orders and what was decided about them; policies; the decision log.",
            frozenset({"internal", "plan", "alerts", "positions", "orders", "actions", "explain", "risk", "console"}),
            writes_log=True,
        ),
        Domain(
            "market-data",
            8001,
            "Bars, ticks, books, options, factors and macro series; the lake and its sources.",
            frozenset({"market-data", "sources"}),
        ),
        Domain(
            "fundamentals", 8002, "Statements, estimates, ratings, ownership and filings.", frozenset({"fundamentals"})
        ),
        Domain("sentiment", 8003, "Texts, their scores and daily aggregates.", frozenset({"sentiment"})),
        Domain(
            "analysis",
            8004,
            "Research: backtests, scenarios, significance, models, features, forecasts and long jobs.",
            frozenset(
                {
                    "analysis",
                    "backtests",
                    "scenarios",
                    "research",
                    "significance",
                    "models",
                    "features",
                    "forecasts",
                    "jobs",
                }
            ),
            writes_log=True,
        ),
        Domain(
            "strategy",
            8005,
            "Why an order was refused; execution, allocation and borrow.",
            frozenset(
                {"decisions", "execution", "venue-rules", "portfolio", "borrow", "analytics", "latency", "strategy"}
            ),
            writes_log=True,
        ),
        Domain("journal", 8008, "The books of the accounts.", frozenset({"journal"}), writes_log=True),
        Domain("events", 8010, "Corporate actions, calendars and alerts of events.", frozenset({"events"})),
    )
}
"""Every domain by name."""
EVERYWHERE = frozenset({".well-known", "docs", "health", "livez", "metrics", "openapi.json", "problems", "readyz"})
"""First parts of the paths that every server has."""


def domain_named(name: str) -> Domain:
    """The domain of this name. Raises EdgeError that lists them all."""
    if name not in DOMAINS:
        raise EdgeError(f"domain {name!r} is unknown; serve one of {', '.join(DOMAINS)}, or all of them without --only")
    return DOMAINS[name]


def domain_of(path: str) -> Domain | None:
    """Whose a path is; None for what every server has.

    Raises:
        PlanError: no domain has it.
    """
    area = path.removeprefix(_VERSION).strip("/").partition("/")[0]
    if area in EVERYWHERE:
        return None
    for domain in DOMAINS.values():
        if area in domain.areas:
            return domain
    raise PlanError(f"path {path} begins with {area!r}, which no domain has; add it to one in api/http/domains.py")


def domain_of_router(router: Router) -> Domain | None:
    """Whose a router is; None when every server has it.

    Raises:
        PlanError: its paths are of several domains.
    """
    found = {path: domain_of(path) for path in _paths(router)}
    names = sorted({domain.name if domain else "every server" for domain in found.values()})
    if len(names) != 1:
        message = f"one router has paths of {' and '.join(names)}: {', '.join(sorted(found))}; make a router for each"
        raise PlanError(message)
    return next(iter(found.values()))


def served_routers(routers: Sequence[Router], only: Domain | None) -> tuple[Router, ...]:
    """The routers of a server: all of them, or those of one domain and those that every server has.

    Raises:
        EdgeError: the domain has none yet.
    """
    if only is None:
        return tuple(routers)
    owners = {id(router): domain_of_router(router) for router in routers}
    if only not in owners.values():
        started = [name for name, domain in DOMAINS.items() if domain in owners.values()]
        message = (
            f"domain {only.name} has no operation yet, so there is nothing to serve; serve one of {', '.join(started)}"
        )
        raise EdgeError(message)
    return tuple(router for router in routers if owners[id(router)] in {None, only})


def _paths(router: Router) -> Iterable[str]:
    return (route.path for route in router.routes)
