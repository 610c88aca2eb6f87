"""What the exchanges and clearing houses publish about single names: halts, short interest, fails, borrow."""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

_INSTANT = pl.Datetime("ns", "UTC")

HALTS = Domain(
    name="halts",
    keys={"symbol": pl.String(), "halted_at": _INSTANT},
    values={"resumed_at": _INSTANT, "reason": pl.String(), "market": pl.String()},
    doc="A trading halt. While resumed_at is null nobody knows when it ends: its end is a later fact of the same key.",
    lag="The instant of the halt; the end, the instant of the resumption.",
    rules={"a halt ends before it begins; correct one of its instants": pl.col("resumed_at") >= pl.col("halted_at")},
)
SHORT_INTEREST = Domain(
    name="short_interest",
    keys={"symbol": pl.String(), "settled_on": pl.Date()},
    values={"shares": pl.Int64()},
    doc="Shares sold short on a settlement date.",
    lag="FINRA publishes on the seventh session after the settlement date: the opening of the eighth.",
    rules={"short interest is missing or negative; correct it": (pl.col("shares") >= 0).fill_null(value=False)},
)
FAILS = Domain(
    name="fails",
    keys={"symbol": pl.String(), "settled_on": pl.Date()},
    values={"shares": pl.Int64(), "price_usd": pl.Float64()},
    doc="Balance of shares that were not delivered, over all holders; not a day's new fails.",
    lag=(
        "The SEC publishes the first half of a month at its end and the second half about the 15th of the next: the"
        " opening of the session after that day."
    ),
    rules={"a balance of fails is missing or negative; correct it": (pl.col("shares") >= 0).fill_null(value=False)},
)
BORROW = Domain(
    name="borrow",
    keys={"symbol": pl.String(), "day_on": pl.Date()},
    values={"available_shares": pl.Int64(), "fee_rate_frac": pl.Float64(), "rebate_rate_frac": pl.Float64()},
    doc="What a broker had to lend and at what yearly rate. The broker caps what it shows at 10,000,000 shares.",
    lag="The stamp at the head of the file; for a file without one, the end of its day.",
    rules={"what is available is missing or negative": (pl.col("available_shares") >= 0).fill_null(value=False)},
)
