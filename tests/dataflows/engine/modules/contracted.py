"""Features with contracts, which tests give them."""

from __future__ import annotations

import polars as pl

from nodes.vocabulary.units import CountColumn, InstantColumn, Panel, ScoreColumn, Sessions, UsdColumn


def price_usd(panel: Panel, lag_sessions: Sessions) -> UsdColumn:
    """Close some bars before."""
    return UsdColumn(panel["close_usd"].shift(lag_sessions))


def mood_score(ratings: Panel, closed_at: InstantColumn) -> ScoreColumn:
    """The last rating, beside every bar."""
    return ScoreColumn(pl.repeat(ratings["score"][-1], len(closed_at), dtype=pl.Float64, eager=True))


def raters_count(ratings: Panel, closed_at: InstantColumn) -> CountColumn:
    """How many ratings there are."""
    return CountColumn(pl.repeat(ratings.height, len(closed_at), dtype=pl.Int64, eager=True))
