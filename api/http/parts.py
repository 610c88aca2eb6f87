"""What the routes are given: the service behind them, and how requests are let in.

A handler names what it needs as an argument of the same name: `service: ServiceHere`, `principal: PrincipalHere`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from litestar import Request
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation
from prometheus_client.registry import Collector

from adapters.sql.alert_board import ALERT_BOARD, AlertBoard
from adapters.sql.jobs import JOBS, JobBox
from adapters.sql.shadow_board import SHADOWS, ShadowBoard
from adapters.sql.slo_samples import SLO_SAMPLES, SloSamples
from adapters.telemetry.telemetry import Telemetry
from api.http.access import Access
from api.http.tokens import Principal, Tokens
from api.settings import Settings
from api.use_cases.attribution import Attribution, AttributionReport
from api.use_cases.attribution_decay import AlphaDecay
from api.use_cases.data_reading import DataRoom
from api.use_cases.health import Health
from api.use_cases.journal import Journal, journal
from api.use_cases.operations import Operations
from api.use_cases.service import Service
from api.use_cases.slo import SloKeeper, slo_policy
from api.use_cases.upstreams import Upstreams
from api.views.bundles import Draw

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
        page: draws the operator's page.
        attribution_page: draws the page of an attribution.
        bundle_page: draws the page of an audit bundle.
        telemetry: what this process tells about itself.
        observed: what else its metrics tell: of the home and of the lake.
        upstreams: what it asks and does not own.
        domain: the one that is served alone; "" where all are.
    """

    service: Service
    settings: Settings
    tokens: Tokens
    access: Access
    data: DataRoom
    page: Callable[[Operations], str]
    attribution_page: Callable[[Attribution, AttributionReport, AlphaDecay], str]
    bundle_page: Draw
    telemetry: Telemetry = field(default_factory=Telemetry)
    observed: tuple[Collector, ...] = ()
    upstreams: Upstreams = field(default_factory=Upstreams)
    domain: str = ""

    @cached_property
    def jobs(self) -> JobBox:
        """Long work: asked for here, done beside the server."""
        return JobBox(self.settings.home / JOBS, self.service.clock)

    @cached_property
    def shadow_board(self) -> ShadowBoard:
        """What policies in the shadow made of decisions."""
        return ShadowBoard(self.settings.home / SHADOWS)

    @cached_property
    def alert_board(self) -> AlertBoard:
        """Armed conditions, alerts and their deliveries."""
        return AlertBoard(self.settings.home / ALERT_BOARD, self.service.clock)

    @cached_property
    def journal(self) -> Journal:
        """The books that follow from the log."""
        return journal(self.service.store, self.settings.home)

    @cached_property
    def slo(self) -> SloKeeper:
        """Service level objectives, as the home's servers counted for them."""
        return SloKeeper(
            policy=slo_policy(self.settings.slo_policy),
            samples=SloSamples(self.settings.home / SLO_SAMPLES),
            exposition=lambda: self.telemetry.exposition(self.service.store, self.observed),
            clock=self.service.clock,
            source=self.domain,
        )

    @cached_property
    def health(self) -> Health:
        """How everything is that the server depends on."""
        return Health(
            self.service,
            self.telemetry.watch,
            self.settings.home,
            self.settings.policy_folder,
            upstreams=self.upstreams,
        )


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
