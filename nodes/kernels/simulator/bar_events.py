"""Bars as market events, so that the event path can run where nothing finer than bars was recorded.

A bar becomes four moments: its open, its nearer extreme, its farther one, its close. Each is a quote around the price
and a print of a quarter of the volume. A bar does not say in which order its extremes came, nor how wide the spread
stood: the first is an assumption, the second is given by the caller.

Source: nautilus_trader, docs/concepts/backtesting.md, "Bar execution": adaptive ordering by the nearer extreme.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.simulator.events import BookName, EventKind, MarketEvents, market_events
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.trading import E4_PER_USD

N_MOMENTS = 4


@dataclass(frozen=True)
class Bars:
    """Bars of one symbol in time order.

    Attributes:
        start_ns: first instant of each.
        end_ns: first instant after each.
        opens: first price, USD.
        highs: highest price, USD.
        lows: lowest price, USD.
        closes: last price, USD.
        volume_shares: shares traded.
        half_spread_usd: half the spread at the time, as the caller estimates it.
        shown_shares: shares shown at each best price, as the caller estimates them.
    """

    start_ns: Index
    end_ns: Index
    opens: Array
    highs: Array
    lows: Array
    closes: Array
    volume_shares: Index
    half_spread_usd: Array
    shown_shares: Index


def bar_events(book: BookName, bars: Bars) -> MarketEvents:
    """Eight events a bar: four quotes, each followed by a print; none of a bar that traded nothing.

    Raises DataError for a bar whose prices are no prices or do not hold together.
    """
    _require_bars(bars)
    rows = np.flatnonzero(bars.volume_shares > 0)
    goes_up_first = (bars.highs - bars.opens <= bars.opens - bars.lows)[rows]
    first = np.where(goes_up_first, bars.highs[rows], bars.lows[rows])
    second = np.where(goes_up_first, bars.lows[rows], bars.highs[rows])
    price_e4 = _e4(np.stack([bars.opens[rows], first, second, bars.closes[rows]], axis=1))
    tick, half_e4 = book.tick_e4, _e4(bars.half_spread_usd[rows])[:, None]
    bid_e4 = np.maximum((price_e4 - half_e4) // tick * tick, tick)
    ask_e4 = np.maximum(-((-price_e4 - half_e4) // tick) * tick, bid_e4 + tick)
    quarters = np.repeat((bars.volume_shares[rows] // N_MOMENTS)[:, None], N_MOMENTS, axis=1)
    quarters[:, -1] += bars.volume_shares[rows] - quarters.sum(axis=1)
    up = np.where(goes_up_first, -1, 1)
    sides = np.stack([np.zeros(len(rows), np.int64), up, -up, np.zeros(len(rows), np.int64)], axis=1)
    shown = np.repeat(bars.shown_shares[rows][:, None], N_MOMENTS, axis=1)
    nothing = np.zeros_like(price_e4)
    quote = {"kind": nothing + EventKind.QUOTE, "price_e4": bid_e4, "shares": shown, "ask_e4": ask_e4}
    print_ = {"kind": nothing + EventKind.TRADE, "price_e4": price_e4, "shares": quarters, "side": sides}
    columns = {
        name: _twined(quote.get(name, nothing), print_.get(name, nothing))
        for name in ("kind", "side", "price_e4", "shares", "ask_e4")
    }
    at_ns = _moments_ns(bars, rows)
    found = market_events((book,), {**columns, "at_ns": _twined(at_ns, at_ns), "ask_shares": _twined(shown, nothing)})
    return found.chosen(found.shares > 0)


def _moments_ns(bars: Bars, rows: Index) -> Index:
    start, span = bars.start_ns[rows], (bars.end_ns - bars.start_ns)[rows] - 1
    return np.stack([start + span * moment // (N_MOMENTS - 1) for moment in range(N_MOMENTS)], axis=1)


def _twined(quotes: Index, prints: Index) -> Index:
    """Quotes and prints of each bar in turn."""
    return np.stack([quotes, prints], axis=2).reshape(-1)


def _e4(usd: Array) -> Index:
    return np.rint(usd * E4_PER_USD).astype(np.int64)


def _require_bars(bars: Bars) -> None:
    prices = np.stack([bars.opens, bars.highs, bars.lows, bars.closes])
    is_whole = np.isfinite(prices).all(axis=0) & (prices > 0.0).all(axis=0) & (bars.volume_shares >= 0)
    is_ordered = (bars.highs == prices.max(axis=0)) & (bars.lows == prices.min(axis=0)) & (bars.start_ns < bars.end_ns)
    is_given = np.isfinite(bars.half_spread_usd) & (bars.half_spread_usd >= 0.0) & (bars.shown_shares > 0)
    is_bad = ~(is_whole & is_ordered & is_given)
    if is_bad.any():
        row = int(np.flatnonzero(is_bad)[0])
        shown = {name: column[row].item() for name, column in vars(bars).items()}
        message = f"bar {row} of {len(is_bad)} is {shown}, and {int(is_bad.sum()) - 1} more do not hold together"
        raise DataError(f"{message}; give prices, low <= open, close <= high, start < end, a spread and a size")
