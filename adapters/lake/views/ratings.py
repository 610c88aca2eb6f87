"""Ratings as they stood: each firm's newest, and the consensus, which anyone can compute again from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from adapters.lake.domains.ratings import RATINGS
from adapters.lake.facts.store import FactStore


@dataclass(frozen=True)
class RatingConsensus:
    """What firms advised at an instant.

    Attributes:
        symbol: share.
        n_buy: firms that said buy.
        n_hold: firms that said hold.
        n_sell: firms that said sell.
        mean_score: mean of their scores, 1 for buy, -1 for sell; None without a firm.
    """

    symbol: str
    n_buy: int
    n_hold: int
    n_sell: int
    mean_score: float | None


def standing_ratings(store: FactStore, symbol: str, known_at: datetime, life: timedelta) -> pl.DataFrame:
    """Each firm's newest rating known at an instant, if it is no older than `life`: firm, rating, score, rated_on.

    A late correction of an older rating is not the firm's newest one.
    """
    facts = store.as_of(RATINGS, known_at, where=pl.col("symbol") == symbol)
    newest = facts.sort("firm", "event_at", "known_at", "sequence").unique("firm", keep="last", maintain_order=True)
    living = newest.filter(pl.col("known_at") + life > known_at)
    return living.select("firm", "rating", "score", "rated_on", "known_at").collect()


def rating_consensus(store: FactStore, symbol: str, known_at: datetime, life: timedelta) -> RatingConsensus:
    """The consensus of an instant, from `standing_ratings` and nothing else."""
    scores = standing_ratings(store, symbol, known_at, life)["score"].drop_nulls()
    n_buy, n_sell = int((scores > 0).sum()), int((scores < 0).sum())
    score = (n_buy - n_sell) / len(scores) if len(scores) else None
    return RatingConsensus(symbol, n_buy, len(scores) - n_buy - n_sell, n_sell, score)


def rating_history(store: FactStore, symbol: str, known_at: datetime) -> pl.DataFrame:
    """Every rating known at an instant, newest first: rated_on, firm, rating, score, known_at."""
    facts = store.history(RATINGS, known_at, pl.col("symbol") == symbol)
    columns = ("rated_on", "firm", "rating", "score", "known_at")
    return facts.sort("known_at", "sequence", descending=True).select(columns).collect()
