"""Best quotes and trades of a tape as market events, from frames as the lake holds them.

A tape stamps a trade and the change of the quote that it made with times that are often equal: then the trade comes
first.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

from nodes.kernels.arrays import Index
from nodes.kernels.simulator.events import BookName, EventKind, MarketEvents, market_events, merged
from nodes.vocabulary.trading import E4_PER_USD


def tape_events(
    book: BookName, quotes: pl.DataFrame, trades: pl.DataFrame, venues: Collection[str] | None = None
) -> MarketEvents:
    """The events of a tape.

    Args:
        book: which book they are to be of: the consolidated one, or that of a venue.
        quotes: event_at, bid_usd, bid_shares, ask_usd, ask_shares: the best quote after every change, null for a side
            that nobody quotes.
        trades: event_at, price_usd, size_shares, venue, is_suspicious.
        venues: of which venues trades count; None for all. Trades that are reported from elsewhere, as those of the
            trade reporting facilities are, never met a displayed order.
    """
    kept = trades.filter(~pl.col("is_suspicious").fill_null(value=False))
    if venues is not None:
        kept = kept.filter(pl.col("venue").is_in(list(venues)))
    prints = market_events(
        (book,),
        {
            "at_ns": _ns(kept["event_at"]),
            "kind": np.full(kept.height, EventKind.TRADE),
            "price_e4": _e4(kept["price_usd"]),
            "shares": _numbers(kept["size_shares"]),
        },
    )
    tops = market_events(
        (book,),
        {
            "at_ns": _ns(quotes["event_at"]),
            "kind": np.full(quotes.height, EventKind.QUOTE),
            "price_e4": _e4(quotes["bid_usd"]),
            "shares": _numbers(quotes["bid_shares"]),
            "ask_e4": _e4(quotes["ask_usd"]),
            "ask_shares": _numbers(quotes["ask_shares"]),
        },
    )
    return merged([prints, tops])


def _ns(instants: pl.Series) -> Index:
    return instants.dt.epoch("ns").to_numpy()


def _e4(usd: pl.Series) -> Index:
    return _numbers((usd * E4_PER_USD).round(0))


def _numbers(column: pl.Series) -> Index:
    return column.fill_null(0).cast(pl.Int64).to_numpy()
