"""A served paper home for tests of the HTTP API: a real service on the bundled data, and tokens for it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar
from litestar.testing import TestClient

from adapters.lake.lake import Lake
from api.bootstrap import http_parts, open_service, token_keys
from api.http.app import app
from api.http.parts import Parts
from api.http.tokens import SCOPES, Grant
from api.settings import SHIPPED_POLICY, Settings
from api.use_cases.market import opened_market
from api.use_cases.service import Service

EXECUTE = "/api/v1/actions/execute"
ORDER = {"symbol": "AAPL", "qty": "10", "side": "buy", "type": "market", "time_in_force": "day"}
ACCOUNTS = ("paper", "second", "cash", "pages", "one", "hidden", "tagged", "split", "joint")
"""The shipped policy lets an account order a share once a session, so a test that needs an order has its own."""
_keys = itertools.count()


def policy_in_force(folder: Path) -> Path:
    """The shipped policy with its cases, in force since long ago."""
    text = SHIPPED_POLICY.read_text(encoding="utf-8")
    since = next(line for line in text.splitlines() if line.startswith("effective_from:"))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / SHIPPED_POLICY.name
    file.write_text(text.replace(since, "effective_from: 2020-01-01T00:00:00Z"), encoding="utf-8")
    cases = SHIPPED_POLICY.with_name("v1.cases.yaml")
    file.with_name(cases.name).write_bytes(cases.read_bytes())
    return file


def paper_settings(home: Path, **changes: Any) -> Settings:
    given = {"accounts": ACCOUNTS, "rate_limit": "100000/second", **changes}
    return Settings(home=home, origin="paper", policy=policy_in_force(home / "policies"), **given)


@dataclass(frozen=True)
class Served:
    """A service with its application and a client of it."""

    settings: Settings
    service: Service
    parts: Parts
    application: Litestar
    client: TestClient[Litestar]

    def token(self, *scopes: str, principal: str = "trader", accounts: tuple[str, ...] = ("*",)) -> str:
        grant = Grant(principal, scopes or tuple(SCOPES), accounts, 3600)
        return self.parts.tokens.issued(grant).text

    def headers(self, *scopes: str, **more: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(*scopes, **more)}"}

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, headers=self.headers() | more.pop("headers", {}), **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.client.post(path, headers=self.headers() | more.pop("headers", {}), **more)

    def put(self, path: str, **more: Any) -> httpx.Response:
        return self.client.put(path, headers=self.headers() | more.pop("headers", {}), **more)

    def ordered(self, key: str | None = None, **changes: Any) -> httpx.Response:
        """An order of ten shares of AAPL, or as changed, under a new key."""
        headers = {"Idempotency-Key": key or new_key()}
        return self.post(EXECUTE, json={**ORDER, **changes}, headers=headers)


def new_key() -> str:
    return f"key-{next(_keys)}"


@contextmanager
def served(settings: Settings, lake: Lake) -> Iterator[Served]:
    """A home with its first session run, served in this process."""
    with open_service(settings, lake) as service:
        opened_market(service, "assay")
        if not token_keys(settings).ring().keys:
            token_keys(settings).rotated()
        parts = http_parts(service, settings)
        application = app(parts)
        with TestClient(application, raise_server_exceptions=False) as client:
            yield Served(settings, service, parts, application, client)


def problem_slug(response: httpx.Response) -> str:
    """What kind of problem an answer tells; the answer must be one in every respect."""
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == response.status_code
    assert {"type", "title", "detail", "instance", "mend", "trace_id"} <= told.keys()
    return str(told["type"]).removeprefix("/problems/")
