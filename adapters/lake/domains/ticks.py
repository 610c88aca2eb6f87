"""Single trades, best quotes and book events, in the order their source gives them.

Many share one instant, so each carries its number within its file's day: `tick_no` is part of the key.
"""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

_KEYS = {"security_id": pl.String(), "session_on": pl.Date(), "tick_no": pl.Int64()}

TRADES = Domain(
    name="trades",
    keys=_KEYS,
    values={
        "symbol": pl.String(),
        "price_usd": pl.Float64(),
        "size_shares": pl.Int64(),
        "venue": pl.String(),
        "condition": pl.String(),
        "is_suspicious": pl.Boolean(),
    },
    doc="One trade with its venue and sale condition.",
    lag="The instant of the trade, as the consolidated tape stamps it.",
    rules={
        "a trade has no price above zero; correct it": (pl.col("price_usd") > 0.0).fill_null(value=False),
        "a trade has no size above zero; correct it": (pl.col("size_shares") > 0).fill_null(value=False),
    },
)
QUOTES = Domain(
    name="quotes",
    keys=_KEYS,
    values={
        "symbol": pl.String(),
        "bid_usd": pl.Float64(),
        "bid_shares": pl.Int64(),
        "ask_usd": pl.Float64(),
        "ask_shares": pl.Int64(),
        "venue": pl.String(),
        "condition": pl.String(),
        "is_suspicious": pl.Boolean(),
    },
    doc="One change of the best bid, the best ask or both; the side that did not change is null.",
    lag="The instant of the change.",
    rules={
        "neither side has a quote; drop the row": pl.col("bid_usd").is_not_null() | pl.col("ask_usd").is_not_null(),
        "a quote is zero or negative, which is none; leave it empty": (pl.col("bid_usd").fill_null(1.0) > 0.0)
        & (pl.col("ask_usd").fill_null(1.0) > 0.0),
    },
)
BOOK_EVENTS = Domain(
    name="book_events",
    keys=_KEYS,
    values={
        "kind": pl.String(),
        "order_id": pl.Int64(),
        "size_shares": pl.Int64(),
        "price_usd": pl.Float64(),
        "side": pl.String(),
    },
    doc="One event of an order book: add, reduce, delete, execute, execute_hidden, cross or halt; side is bid or ask.",
    lag="The instant of the event.",
)
BOOK_LEVELS = Domain(
    name="book_levels",
    keys={**_KEYS, "level": pl.Int32()},
    values={
        "bid_usd": pl.Float64(),
        "bid_shares": pl.Int64(),
        "ask_usd": pl.Float64(),
        "ask_shares": pl.Int64(),
    },
    doc="A level of the book right after the event of the same tick_no, 1 the best. An empty level is null.",
    lag="The instant of the event.",
)
