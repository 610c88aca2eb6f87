"""Services on paper homes for the tests of the use cases: a market that begins on 2013-01-02."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.lake.lake import Lake
from api.bootstrap import open_service
from api.settings import Settings
from api.use_cases.market import opened_market
from api.use_cases.ordering import OrderCommand, OrderOutcome, submitted_order
from api.use_cases.service import Service

ACCOUNT = "paper"
ROOMY = {
    "duplicate_from_count: 1}": "duplicate_from_count: 1000000}",
    "max_day_orders_count: 3}": "max_day_orders_count: 1000000}",
    "max_order_shares: 5000}": "max_order_shares: 1000000}",
    "max_order_notional_usd: 150000}": "max_order_notional_usd: 100000000}",
    "max_participation_frac: 0.0004}": "max_participation_frac: 1.0}",
    "max_weight_frac: 0.41}": "max_weight_frac: 10.0}",
    "{clip: gross_cap_shares}": "deny",
    "min_cash_usd: 5000}": "min_cash_usd: -100000000}",
}
"""Edits of the shipped policy after which only gross exposure stands in the way of a large order, which it denies."""


def paper_settings(home: Path, **changes: Any) -> Settings:
    return replace(Settings(home=home, origin="paper"), **changes)


@contextmanager
def service_at(home: Path, lake: Lake, **changes: Any) -> Iterator[Service]:
    """A service whose market has had its first session."""
    with open_service(paper_settings(home, **changes), lake) as service:
        opened_market(service, "assay")
        yield service


def command(key: str = "k1", **changes: Any) -> OrderCommand:
    return replace(OrderCommand(ACCOUNT, "alice", key, "IBM", 100), **changes)


def submitted(service: Service, asked: OrderCommand) -> Future[OrderOutcome]:
    return submitted_order(service, asked)


def ordered(service: Service, key: str = "k1", **changes: Any) -> OrderOutcome:
    return submitted_order(service, command(key, **changes)).result()


def edited_policy(folder: Path, edits: dict[str, str]) -> Path:
    """The shipped policy with some words replaced; its cases, which it would fail, are left out."""
    text = Settings().policy.read_text(encoding="utf-8")
    for old, new in edits.items():
        assert old in text, old
        text = text.replace(old, new)
    file = folder / "v1.yaml"
    file.write_text(text, encoding="utf-8")
    return file
