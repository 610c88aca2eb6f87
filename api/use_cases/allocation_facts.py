"""What a market knows of shares at an instant, for portfolios: prices, volume, beta, returns, by the nodes' own code.

The same functions that feed session runs are called on the same window of the lake, so that an allocation and a day
plan of one instant see the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import polars as pl

from adapters.lake.lake import Lake
from nodes.features.beta import beta_frac
from nodes.features.liquidity import adv_shares, adv_usd, estimated_spread_bps
from nodes.features.returns import index_return_frac, total_return_frac
from nodes.kernels.arrays import Array, array
from nodes.kernels.panels import last_values, rectangle
from nodes.market import bars
from nodes.vocabulary.units import Panel, Sessions

ADV_SESSIONS = Sessions(20)
BETA_SESSIONS = Sessions(126)
SPREAD_SESSIONS = Sessions(20)


@dataclass(frozen=True)
class ShareFacts:
    """What is known of one share; NaN where it is not.

    Attributes:
        price_usd: its last close, raw; NaN when its last bar is older than the session.
        adv_shares: average volume of 20 sessions.
        beta_frac: slope on the index over 126 sessions.
        half_spread_bps: half the spread that highs and lows of 20 sessions suggest: an estimate.
        returns: total return of each session asked for, oldest first.
    """

    price_usd: float
    adv_shares: float
    beta_frac: float
    half_spread_bps: float
    returns: Array


@dataclass(frozen=True)
class MarketFacts:
    """What a market knew at an instant.

    Attributes:
        as_of: the instant.
        session_on: the last session that had closed.
        shares: by symbol.
    """

    as_of: datetime
    session_on: date
    shares: Mapping[str, ShareFacts]


def market_facts(lake: Lake, as_of: datetime, n_sessions: int) -> MarketFacts:
    """What the lake knew at an instant, with returns of `n_sessions`.

    Raises DataError where no session had closed by then.
    """
    window = lake.session_window(as_of, 1 + max(n_sessions, BETA_SESSIONS))
    if not window.panel.height:
        return MarketFacts(as_of, window.session_on, {})
    panel, index_panel = Panel(window.panel), Panel(window.index_panel)
    symbol, bar_on = bars.symbol(panel), bars.bar_on(panel)
    segments = bars.segments(symbol, bar_on, window.session_on)
    close, ratio = bars.close_usd(panel), bars.adjustment_ratio(panel)
    high, low = bars.high_usd(panel), bars.low_usd(panel)
    returned = total_return_frac(close, ratio, segments)
    index = index_return_frac(bars.index_close_usd(index_panel, bar_on), segments)
    volume = adv_shares(adv_usd(close, bars.volume_shares(panel), segments, ADV_SESSIONS), close)
    spread = estimated_spread_bps(high, low, close, ratio, segments, SPREAD_SESSIONS)
    beta = beta_frac(returned, index, segments, BETA_SESSIONS)
    is_fresh = (last_values(bar_on, segments) == window.session_on).to_numpy()
    last: list[Array] = [array(last_values(each, segments)) for each in (close, volume, beta, spread)]
    table = rectangle(array(returned), bar_on, segments, n_sessions)
    return MarketFacts(
        as_of,
        window.session_on,
        {
            name: ShareFacts(
                price_usd=float(last[0][place]) if is_fresh[place] else np.nan,
                adv_shares=float(last[1][place]),
                beta_frac=float(last[2][place]),
                half_spread_bps=float(last[3][place]) / 2.0,
                returns=table[:, place],
            )
            for place, name in enumerate(_names(bars.symbols(symbol, segments)))
        },
    )


def _names(symbols: pl.Series) -> list[str]:
    return [str(name) for name in symbols.to_list()]
