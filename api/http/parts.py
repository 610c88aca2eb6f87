"""What the routes are given: the service behind them, and how requests are let in.

A handler names what it needs as an argument of the same name: `service: ServiceHere`, `principal: PrincipalHere`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from litestar import Request
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation
from prometheus_client.registry import Collector

from adapters.sql.jobs import JOBS, JobBox
from adapters.telemetry.telemetry import Telemetry
from api.http.access import Access
from api.http.tokens import Principal, Tokens
from api.settings import Settings
from api.use_cases.data_reading import DataRoom
from api.use_cases.health import Health
from api.use_cases.service import Service

ServiceHere = NamedDependency[SkipValidation[Service]]
"""The service: `service: ServiceHere`."""
PrincipalHere = NamedDependency[SkipValidation[Principal]]
"""Who asks: `principal: PrincipalHere`; only on routes that need a scope."""


@dataclass(frozen=True)
class Parts:
    """Everything that HTTP works with.

    Attributes:
        service: what the use cases work with.
        settings: how the server runs.
        tokens: issues and verifies tokens.
        access: lets requests in.
        data: the lake, for whoever reads it.
        telemetry: what this process tells about itself.
        observed: what else its metrics tell: of the home and of the lake.
    """

    service: Service
    settings: Settings
    tokens: Tokens
    access: Access
    data: DataRoom
    telemetry: Telemetry = field(default_factory=Telemetry)
    observed: tuple[Collector, ...] = ()

    @cached_property
    def jobs(self) -> JobBox:
        """Long work: asked for here, done beside the server."""
        return JobBox(self.settings.home / JOBS, self.service.clock)

    @cached_property
    def health(self) -> Health:
        """How everything is that the server depends on."""
        return Health(self.service, self.telemetry.watch, self.settings.home, self.settings.policy_folder)


PartsHere = NamedDependency[SkipValidation[Parts]]
"""All of it: `parts: PartsHere`."""


def dependencies(parts: Parts | None) -> dict[str, Provide]:
    """What handlers get by name; None where they are only described."""
    return {
        "service": Provide(lambda: parts and parts.service, sync_to_thread=False),
        "parts": Provide(lambda: parts, sync_to_thread=False),
        "principal": Provide(principal_of, sync_to_thread=False),
    }


def principal_of(request: Request[Principal, Any, Any]) -> Principal:
    """Who asks, as the guard found out."""
    return request.user
