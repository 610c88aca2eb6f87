"""Bars of a security, raw as they are kept and, by day, adjusted as of the query.

An adjusted price is a statement about a day and about the actions known since: the close of 2014-06-06 is 645.57 asked
that evening, and 92.22 asked a session later, after 7 for 1. It is computed for every question and never stored.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.lake.domains.bars import BARS_DAILY, BARS_INTRADAY, PRICES
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS, DIVIDEND, SPLIT
from adapters.lake.facts.store import FactStore

_Floats = NDArray[np.float64]


class Adjustment(Enum):
    """What prices are adjusted for."""

    NONE = "none"
    SPLITS = "splits"
    ALL = "all"


def raw(store: FactStore, security_id: str, known_at: datetime) -> pl.DataFrame:
    """The bars of a security as they were paid, by session, in the newest revision known at an instant."""
    bars = store.as_of(BARS_DAILY, known_at, where=pl.col("security_id") == security_id)
    return bars.select(*BARS_DAILY.keys, *BARS_DAILY.values, "known_at").sort("session_on").collect()


def intraday(store: FactStore, security_id: str, bar_s: int, known_at: datetime) -> pl.DataFrame:
    """The bars of `bar_s` seconds that had ended by an instant, extended hours included."""
    own = (pl.col("security_id") == security_id) & (pl.col("bar_s") == bar_s)
    bars = store.as_of(BARS_INTRADAY, known_at, where=own)
    return bars.select(*BARS_INTRADAY.keys, *BARS_INTRADAY.values, "known_at").sort("starts_at").collect()


def actions(store: FactStore, security_id: str, known_at: datetime) -> pl.DataFrame:
    """The splits and dividends of a security that were known and in force at an instant, by ex-date."""
    own = (pl.col("security_id") == security_id) & pl.col("kind").is_in([SPLIT, DIVIDEND])
    known = store.as_of(CORPORATE_ACTIONS, known_at, event_at=known_at, where=own)
    return (
        known.select("kind", "ex_on", "ratio", "amount_usd", "announced_at", "effective_at")
        .sort("ex_on", "kind")
        .collect()
    )


def adjusted(
    store: FactStore, security_id: str, known_at: datetime, adjustment: Adjustment = Adjustment.ALL
) -> pl.DataFrame:
    """Raw bars, with the price and the share factor of each session as of an instant, and the bars under them.

    A split of R multiplies every earlier price by 1 / R and every earlier volume by R. A dividend of D multiplies every
    earlier price by 1 - D / (the close before its ex-date), as CRSP does. An action with an ex-date after the
    last bar has nothing to adjust yet by comparison, and is applied all the same: it is in force.
    """
    bars = raw(store, security_id, known_at)
    kinds = {Adjustment.NONE: [], Adjustment.SPLITS: [SPLIT], Adjustment.ALL: [SPLIT, DIVIDEND]}[adjustment]
    known = actions(store, security_id, known_at).filter(pl.col("kind").is_in(kinds))
    price_factor, share_factor = _factors(bars, known)
    factored = bars.with_columns(price_factor=pl.Series(price_factor), share_factor=pl.Series(share_factor))
    return factored.with_columns(
        *(_adjusted(name) for name in PRICES), adjusted_volume_shares=pl.col("volume_shares") * pl.col("share_factor")
    )


def _adjusted(name: str) -> pl.Expr:
    return (pl.col(name) * pl.col("price_factor")).alias(f"adjusted_{name}")


def _factors(bars: pl.DataFrame, known: pl.DataFrame) -> tuple[_Floats, _Floats]:
    """The price and the share factor of every bar: products over the actions after it, from the newest back."""
    price, shares = np.ones(bars.height), np.ones(bars.height)
    sessions, closes = bars["session_on"].to_list(), bars["close_usd"].to_list()
    before = np.searchsorted(
        np.array(sessions, dtype="datetime64[D]"), np.array(known["ex_on"].to_list(), dtype="datetime64[D]")
    )
    for n_before, (kind, ratio, amount) in zip(before, known.select("kind", "ratio", "amount_usd").rows(), strict=True):
        if n_before == 0:
            continue
        if kind == SPLIT:
            price[:n_before] /= ratio
            shares[:n_before] *= ratio
        else:
            price[:n_before] *= 1.0 - amount / closes[n_before - 1]
    return price, shares
