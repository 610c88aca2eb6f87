"""Rows that cannot be true, with the values that say so: bars, quotes and trades as a file gives them.

What is only rare (a gap, a bar without volume, a locked or crossed quote) is a fact of the market and stays.
"""

from __future__ import annotations

import polars as pl

from adapters.lake.checks import row_reason
from adapters.lake.domains.bars import PRICES
from adapters.lake.sentences import sentence


def bar_fault() -> pl.Expr:
    """Why a bar cannot be true, with its prices; null when it can."""
    shown = [pl.col(name).cast(pl.String).fill_null("none") for name in (*PRICES, "volume_shares")]
    said = sentence("open {}, high {}, low {}, close {}, volume {}", *shown)
    reason = row_reason()
    return pl.when(reason.is_not_null()).then(sentence("{}: {}; correct the row", reason, said)).otherwise(None)


def quote_fault() -> pl.Expr:
    """Why a quote bar cannot be true: no side at all, a price below zero, or a high under a low."""
    sides = ("bid", "ask")
    closes = [pl.col(f"{side}_close_usd") for side in sides]
    negative = pl.any_horizontal((close < 0.0).fill_null(value=False) for close in closes)
    crossed = [(pl.col(f"{side}_high_usd") < pl.col(f"{side}_low_usd")).fill_null(value=False) for side in sides]
    return (
        pl.when(pl.all_horizontal(close.is_null() for close in closes))
        .then(pl.lit("neither side has a quote; drop the row"))
        .when(negative)
        .then(pl.lit("a quote is below zero; correct it"))
        .when(pl.any_horizontal(*crossed))
        .then(pl.lit("a side's high is under its low; correct the row"))
        .otherwise(None)
    )


def trade_fault() -> pl.Expr:
    """Why a trade cannot be true: it has no price above zero, or no size."""
    price, size = pl.col("price_usd"), pl.col("size_shares")
    return (
        pl.when(price <= 0.0)
        .then(sentence("price {} is not above zero; correct it", price))
        .when(size <= 0)
        .then(sentence("size {} is not above zero; correct it", size))
        .otherwise(None)
    )
