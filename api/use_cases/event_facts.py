"""What an order run is told of events: how near the share's next results are, by the calendar known at the close."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from adapters.lake.lake import Lake
from dataflows.engine.plan import Plan

NEXT_EVENT = "next_event_sessions"


def event_facts(plan: Plan, lake: Lake, symbol: str, as_of: datetime) -> dict[str, Any]:
    """The field of an order's snapshot about events; {} for a plan that does not read it, None where nobody knows."""
    if NEXT_EVENT not in plan.inputs:
        return {}
    return {NEXT_EVENT: None if lake.events is None else lake.events.sessions_to(symbol, as_of, lake.calendar)}
