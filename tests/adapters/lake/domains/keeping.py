"""Offers one row to a lake and says why it was set aside."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.lake.facts.domain import Domain
from adapters.lake.facts.store import FactStore
from tests.adapters.lake.views.holding import at, clock, held

STAMP = at("2014-06-06 20:00")


def set_aside(root: Path, domain: Domain, row: Mapping[str, Any]) -> str:
    """The reason for which a row was set aside, "" when it was kept."""
    store = FactStore(root, clock)
    held(store, domain, [{"event_at": STAMP, "known_at": STAMP, **row}])
    reasons = store.quarantine(domain).collect()["reason"].to_list()
    assert len(reasons) + store.history(domain, clock()).collect().height == 1
    return reasons[0] if reasons else ""
