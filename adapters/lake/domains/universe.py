"""Which names there were: index membership and the daily cross-section, dead names included."""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

MEMBERSHIP = Domain(
    name="membership",
    keys={"index": pl.String(), "symbol": pl.String(), "start_on": pl.Date()},
    values={"end_on": pl.Date()},
    doc="A stay in an index from the opening of start_on up to the opening of end_on (null: still in it).",
    lag="The opening of start_on; that it ended is a later fact of the same key, known at the opening of end_on.",
    rules={"a stay ends before it begins; correct one of its days": pl.col("end_on") > pl.col("start_on")},
)
UNIVERSE = Domain(
    name="universe",
    keys={"security_id": pl.String(), "session_on": pl.Date()},
    values={
        "symbol": pl.String(),
        "close_usd": pl.Float64(),
        "volume_shares": pl.Int64(),
        "dollar_volume_usd": pl.Float64(),
    },
    doc="Every security that traded in a session, whatever became of it.",
    lag="The session's close.",
)
