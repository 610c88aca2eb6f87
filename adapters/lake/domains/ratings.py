"""Ratings of shares by analysts' firms."""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

RATINGS = Domain(
    name="ratings",
    keys={"symbol": pl.String(), "firm": pl.String(), "rated_on": pl.Date()},
    values={"rating": pl.String(), "score": pl.Float64()},
    doc=(
        "One row a rating. score is -1 (sell), 0 (hold) or 1 (buy) by the table in"
        " adapters/feeds/files/ratings.py; null for a word that is not in it. event_at is the end of rated_on."
    ),
    rules={"the score lies outside -1 to 1; correct it": pl.col("score").is_between(-1.0, 1.0)},
    lag="09:30 New York of the session after rated_on: the source states days.",
)
