"""A plan of contracted features, with a sheet that a test may break."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from dataflows.engine.catalog import NodeModule
from dataflows.engine.compile import compiled_dataflow
from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.plan import Plan
from nodes.market import bars, closes
from nodes.vocabulary.units import Panel
from policies.contracts import parsed_sheet
from policies.parse import parsed_policy
from tests.dataflows.engine.modules import contracted

SHEET = """
family: contracted
owner: research
sources:
  bars_daily: {lag: 0s, max_staleness: 7d}
  ratings: {lag: 9h, max_staleness: 30d}
features:
  price_usd:
    sources: [bars_daily]
    unit: usd
    range: [1.0, 100.0]
    window: lag_sessions + 1
  mood_score:
    sources: [bars_daily, ratings]
    unit: score
    range: [-1.0, 1.0]
  raters_count:
    sources: [bars_daily, ratings]
    unit: count
    dtype: int64
    range: [0, 9]
    missing: never
"""
_POLICY = """
policy: contracted
version: 1
strategy: contracted
supersedes: null
owner: tests
effective_from: 2020-01-01T00:00:00Z
why: Features with contracts.
params: {lag_sessions: 1}
rules: []
"""
OUTPUTS = ("price_usd", "mood_score", "raters_count", "symbol")
FIRST_ON = date(2020, 1, 1)


@dataclass(frozen=True)
class Snapshot:
    """What the features read."""

    panel: Panel
    ratings: Panel
    session_on: date


def plan(sheet: str = SHEET) -> Plan:
    """The plan under a sheet."""
    parsed = parsed_sheet(sheet.encode(), "contracted.contracts.yaml")
    dataflow = Dataflow("contracted", Kind.SESSION, ("market", "features"), Snapshot, OUTPUTS)
    modules = [NodeModule("market", bars), NodeModule("market", closes), NodeModule("features", contracted, parsed)]
    return compiled_dataflow(parsed_policy(_POLICY.encode(), "contracted.yaml"), dataflow, modules)


def at(day: int) -> datetime:
    """The close of a day."""
    return datetime(2020, 1, 1, 21, tzinfo=UTC) + timedelta(days=day)


def snapshot(closes: list[float], rated_day: int = -1, lag_h: int = 20, score: float = 0.5) -> Snapshot:
    """A share's bars, and one rating."""
    days = [FIRST_ON + timedelta(days=row) for row in range(len(closes))]
    closed = pl.Series([at(row) for row in range(len(closes))], dtype=pl.Datetime("ns", "UTC"))
    panel = pl.DataFrame({"symbol": "A", "session_on": days, "close_usd": closes, "closed_at": closed})
    known = at(rated_day)
    stamps = pl.DataFrame({"symbol": ["A"], "score": [score], "event_at": [known - timedelta(hours=lag_h)],
                           "known_at": [known], "sequence": [1]})  # fmt: skip
    ratings = stamps.with_columns(pl.col("event_at", "known_at").cast(pl.Datetime("ns", "UTC")))
    return Snapshot(Panel(panel), Panel(ratings), days[-1])
