"""Made-up markets: random walks, or walks in which last week's losers gain a little. Each follows from its seed.

What a research process finds in a random walk is luck; how often its gates let that in is their error rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from dataflows.features import FeatureSnapshot
from nodes.vocabulary.units import Panel

_FIRST_ON = date(2010, 1, 4)
_DAILY_FRAC = 0.015
_INDEX_FRAC = 0.008
_WEEK = 5
_VOLUME_SHARES = 5_000_000
_CLOSE_HOUR = 21


@dataclass(frozen=True)
class MadeUpMarket:
    """What a market is made of.

    Attributes:
        n_shares: shares.
        n_sessions: sessions.
        reversal_frac: share of last week's own return that a share gives back within the next session; 0.0 for noise.
        seed: of all chance in it.
    """

    n_shares: int
    n_sessions: int
    reversal_frac: float
    seed: int


def made_up_snapshot(market: MadeUpMarket) -> FeatureSnapshot:
    """The bars of a market as features read them."""
    random = np.random.default_rng(np.random.SeedSequence(market.seed))
    returns = _returns(market, random)
    days = np.busday_offset(np.datetime64(_FIRST_ON), np.arange(market.n_sessions))
    sessions = pl.Series("session_on", days.astype("datetime64[D]"))
    parts = [_bars(f"S{place:02d}", sessions, returns[:, place], random) for place in range(market.n_shares)]
    index = np.exp(np.cumsum(random.normal(0.0, _INDEX_FRAC, market.n_sessions)))
    index_panel = pl.DataFrame({"session_on": sessions, "close_usd": 1000.0 * index})
    last_on: date = sessions[-1]
    return FeatureSnapshot(Panel(pl.concat(parts)), Panel(index_panel), last_on)


def _returns(market: MadeUpMarket, random: np.random.Generator) -> np.ndarray:
    """Log returns, one column a share."""
    noise = random.normal(0.0, _DAILY_FRAC, (market.n_sessions, market.n_shares))
    if market.reversal_frac == 0.0:
        return noise
    found = noise.copy()
    for place in range(_WEEK, market.n_sessions):
        found[place] -= market.reversal_frac * found[place - _WEEK : place].sum(axis=0)
    return found


def _bars(symbol: str, sessions: pl.Series, returns: np.ndarray, random: np.random.Generator) -> pl.DataFrame:
    close = 100.0 * np.exp(np.cumsum(returns))
    opened = np.concatenate(([100.0], close[:-1])) * np.exp(random.normal(0.0, _DAILY_FRAC / 4, len(close)))
    wide = np.abs(random.normal(0.0, _DAILY_FRAC / 3, (2, len(close))))
    closed_at = sessions.cast(pl.Datetime("ns")).dt.offset_by(f"{_CLOSE_HOUR}h").dt.replace_time_zone("UTC")
    return pl.DataFrame(
        {
            "symbol": [symbol] * len(close),
            "session_on": sessions,
            "open_usd": opened,
            "high_usd": np.maximum(opened, close) * np.exp(wide[0]),
            "low_usd": np.minimum(opened, close) * np.exp(-wide[1]),
            "close_usd": close,
            "volume_shares": random.integers(_VOLUME_SHARES // 2, _VOLUME_SHARES * 2, len(close)),
            "adjustment_ratio": np.ones(len(close)),
            "closed_at": closed_at,
            "split_ratio": np.ones(len(close)),
        }
    )
