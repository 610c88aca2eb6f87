"""Bars of trades and of quotes, raw: prices as they were paid, never adjusted for what came later.

Adjustment is computed when it is asked for, with the corporate actions known by then: `adapters.lake.views.bars`.
"""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

PRICES = ("open_usd", "high_usd", "low_usd", "close_usd")
_INSTANT = pl.Datetime("ns", "UTC")
_OHLCV = {"symbol": pl.String(), **dict.fromkeys(PRICES, pl.Float64()), "volume_shares": pl.Int64()}


def _sound_bar() -> dict[str, pl.Expr]:
    """What holds of every bar, whoever sent it."""
    low, high = pl.col("low_usd"), pl.col("high_usd")
    within = [pl.col(name).is_between(low, high) for name in ("open_usd", "close_usd")]
    return {
        "a price is missing; supply it": pl.all_horizontal(pl.col(name).is_not_null() for name in PRICES),
        "a price is zero or negative; correct it": pl.all_horizontal(pl.col(name) > 0.0 for name in PRICES),
        "open or close lies outside low to high; correct the row": pl.all_horizontal(*within, low <= high),
        "volume is missing or negative; correct it": (pl.col("volume_shares") >= 0).fill_null(value=False),
    }


def _sound_quote() -> dict[str, pl.Expr]:
    """What holds of every quote bar: a side may be missing, a locked or crossed one is a fact."""
    closes = [pl.col(f"{side}_close_usd") for side in ("bid", "ask")]
    return {
        "neither side has a quote; drop the row": pl.any_horizontal(close.is_not_null() for close in closes),
        "a quote is zero or negative, which is none; leave it empty": pl.all_horizontal(
            (close > 0.0).fill_null(value=True) for close in closes
        ),
    }


BARS_DAILY = Domain(
    name="bars_daily",
    keys={"security_id": pl.String(), "session_on": pl.Date()},
    values=_OHLCV,
    doc="Raw bar of a session, in dollars of the day; symbol is the ticker of that day.",
    lag="The session's close, half days included. A correction is known when it came.",
    rules=_sound_bar(),
)
BARS_INTRADAY = Domain(
    name="bars_intraday",
    keys={"security_id": pl.String(), "bar_s": pl.Int32(), "starts_at": _INSTANT},
    values=_OHLCV,
    doc="Raw bar of bar_s seconds from starts_at on. An interval without a trade has no bar.",
    lag="The bar's end, starts_at + bar_s: a bar is not known while it is being made.",
    rules=_sound_bar(),
)
QUOTES_INTRADAY = Domain(
    name="quotes_intraday",
    keys={"security_id": pl.String(), "bar_s": pl.Int32(), "starts_at": _INSTANT},
    values={
        "symbol": pl.String(),
        **{f"{side}_{part}_usd": pl.Float64() for side in ("bid", "ask") for part in ("open", "high", "low", "close")},
        "bid_shares": pl.Int64(),
        "ask_shares": pl.Int64(),
    },
    doc="Best bid and ask over bar_s seconds, with the sizes at its end. A side without a quote is null, never zero.",
    lag="The bar's end, starts_at + bar_s.",
    rules=_sound_quote(),
)
