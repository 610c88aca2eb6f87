"""Upgrades and downgrades as CSV: ticker, rating_date, analyst_firm, rating.

Firms have their own words; `SCORES` brings them to three: buy 1, hold 0, sell -1. A word that is not in the table has
no score: it is kept as said, and counts neither way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.feeds.files.entries import day_of, read_csv_entries, text_of
from adapters.feeds.files.parsed import Parsed
from adapters.lake.domains.ratings import RATINGS
from adapters.lake.knowledge import with_day_knowledge

_COLUMNS = ("ticker", "rating_date", "analyst_firm", "rating")
_BUY = (
    "accumulate", "add", "buy", "conviction buy", "long-term buy", "market outperform", "moderate buy", "outperform",
    "overweight", "positive", "sector outperform", "strong buy", "strong-buy", "top pick",
)  # fmt: skip
_HOLD = (
    "equal weight", "equal-weight", "fair value", "hold", "in-line", "market perform", "mixed", "neutral",
    "peer perform", "perform", "sector perform", "sector weight",
)  # fmt: skip
_SELL = (
    "moderate sell", "negative", "reduce", "sector underperform", "sell", "strong sell", "underperform", "underweight",
)  # fmt: skip
SCORES: Mapping[str, float] = {**dict.fromkeys(_BUY, 1.0), **dict.fromkeys(_HOLD, 0.0), **dict.fromkeys(_SELL, -1.0)}
"""Three steps from the firms' words, as Yahoo Finance groups them."""


def analyst_ratings(text: bytes) -> Parsed:
    """Facts of the domain `ratings`, in the order of their days. Raises DataError when the file is of another kind."""
    schema = {**RATINGS.keys, **RATINGS.values}
    parsed = read_csv_entries("ratings", text, _COLUMNS, _rating, schema)
    ordered = parsed.accepted.sort("rated_on", "symbol", "firm", maintain_order=True)
    return Parsed(RATINGS, "ratings-csv", with_day_knowledge(ordered, "rated_on", "rated_on"), parsed.rejected)


def _rating(row: Mapping[str, Any]) -> dict[str, Any]:
    rating = text_of(row, "rating")
    return {
        "symbol": text_of(row, "ticker"),
        "firm": text_of(row, "analyst_firm"),
        "rated_on": day_of({"rating_date": text_of(row, "rating_date")[:10]}, "rating_date"),
        "rating": rating,
        "score": SCORES.get(rating.lower()),
    }
