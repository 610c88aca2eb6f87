"""Ways to gather a snapshot that each let the future in, one kind each, around the honest one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from dataflows.feature_snapshots import feature_snapshot
from dataflows.features import FeatureSnapshot
from nodes.vocabulary.units import Panel

Tables = Mapping[str, pl.DataFrame]
_PRICES = ("open_usd", "high_usd", "low_usd", "close_usd")


def honest(tables: Tables, as_of: datetime) -> FeatureSnapshot:
    """The shipped gathering."""
    return feature_snapshot(tables, as_of)


def adjusted_price(tables: Tables, as_of: datetime) -> FeatureSnapshot:
    """Adjusted price: divided by every split on file, whenever it was announced."""
    snapshot = feature_snapshot(tables, as_of)
    splits = tables["corporate_actions"].filter(pl.col("kind") == "split").select("security_id", "ratio")
    factors = splits.group_by("security_id", maintain_order=True).agg(pl.col("ratio").product())
    named = factors.rename({"security_id": "symbol", "ratio": "factor"})
    joined = snapshot.panel.join(named, on="symbol", how="left", maintain_order="left")
    adjusted = joined.with_columns(pl.col(_PRICES) / pl.col("factor").fill_null(1.0)).drop("factor")
    return replace(snapshot, panel=Panel(adjusted))


def time_zone(tables: Tables, as_of: datetime) -> FeatureSnapshot:
    """Time zone: New York times read as if they were UTC, so that five hours of the evening are known already."""
    shifted = {name: frame.with_columns(pl.col("known_at") - timedelta(hours=5)) for name, frame in tables.items()
               if name not in ("bars_daily", "corporate_actions", "factors")}  # fmt: skip
    return feature_snapshot({**tables, **shifted}, as_of)


def survivorship(tables: Tables, as_of: datetime) -> FeatureSnapshot:
    """Survivorship: only shares that still trade at the end of the file."""
    bars = tables["bars_daily"]
    last_on = bars["session_on"].max()
    alive = bars.filter(pl.col("session_on") == last_on)["security_id"].to_list()
    return feature_snapshot({**tables, "bars_daily": bars.filter(pl.col("security_id").is_in(alive))}, as_of)


def index_hindsight(tables: Tables, as_of: datetime) -> FeatureSnapshot:
    """Index hindsight: the two largest shares, by their volume over the whole file."""
    bars = tables["bars_daily"]
    size = bars.group_by("security_id", maintain_order=True).agg(pl.col("volume_shares").sum())
    largest = size.sort("volume_shares", "security_id")["security_id"].tail(2).to_list()
    return feature_snapshot({**tables, "bars_daily": bars.filter(pl.col("security_id").is_in(largest))}, as_of)


def revised_calendar(tables: Tables, as_of: datetime) -> FeatureSnapshot:
    """Revised calendar: each quarter's date as it was in the end, with the knowledge of its first announcement."""
    calendar = tables["earnings_calendar"]
    key = ["symbol", "fiscal_year", "fiscal_quarter"]
    final = calendar.sort("known_at").unique(key, keep="last", maintain_order=True).select(*key, "scheduled_at")
    revised = calendar.drop("scheduled_at").join(final, on=key, how="left", maintain_order="left")
    return feature_snapshot({**tables, "earnings_calendar": revised.select(calendar.columns)}, as_of)


def late_correction(tables: Tables, as_of: datetime) -> FeatureSnapshot:
    """Restatement: every fact in its newest revision, dated with its first."""
    facts = tables["fundamentals"]
    key = ["symbol", "concept", "period_start_on", "period_end_on"]
    final = facts.sort("known_at").unique(key, keep="last", maintain_order=True).select(*key, "value")
    restated = facts.drop("value").join(final, on=key, how="left", nulls_equal=True, maintain_order="left")
    return feature_snapshot({**tables, "fundamentals": restated.select(facts.columns)}, as_of)


def event_dated(tables: Tables, as_of: datetime) -> FeatureSnapshot:
    """Filing time ignored: everything whose period had ended is taken as known."""
    early = {name: tables[name].with_columns(known_at=pl.min_horizontal("known_at", "event_at"))
             for name in ("short_interest", "fails", "fundamentals")}  # fmt: skip
    return feature_snapshot({**tables, **early}, as_of)
