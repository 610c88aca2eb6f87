"""Listed options: quotes, open interest, and what vendors say of volatilities.

A contract is named by its underlying, expiry, strike and right ("C" or "P"). Strikes are as listed: a split gives the
adjusted contracts new strikes, and so new names.
"""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

CALL, PUT = "C", "P"
CONTRACT = ("underlying_id", "expiry_on", "strike_usd", "right")
_CONTRACT = {
    "underlying_id": pl.String(),
    "expiry_on": pl.Date(),
    "strike_usd": pl.Float64(),
    "right": pl.String(),
}

OPTION_QUOTES = Domain(
    name="option_quotes",
    keys={**_CONTRACT, "quoted_at": pl.Datetime("ns", "UTC")},
    values={"bid_usd": pl.Float64(), "ask_usd": pl.Float64(), "bid_size": pl.Int64(), "ask_size": pl.Int64()},
    doc="Best bid and ask of a contract at quoted_at, sizes in contracts. A side without a quote is null, never zero.",
    lag="quoted_at: the end of the bar that the quote closes, or the session's close for daily quotes.",
)
OPTION_OPEN_INTEREST = Domain(
    name="option_open_interest",
    keys=_CONTRACT,
    values={"open_interest": pl.Int64()},
    doc="Contracts open at the previous session's end, as the clearing house reports them the next morning.",
    lag="The report's instant on the next morning; a report that states a day only, that session's opening.",
)
OPTION_TRADES = Domain(
    name="option_trades",
    keys={**_CONTRACT, "bar_s": pl.Int32(), "starts_at": pl.Datetime("ns", "UTC")},
    values={
        "open_usd": pl.Float64(),
        "high_usd": pl.Float64(),
        "low_usd": pl.Float64(),
        "close_usd": pl.Float64(),
        "volume_contracts": pl.Int64(),
    },
    doc="Bar of trades of a contract, bar_s seconds from starts_at on. An interval without a trade has no bar.",
    lag="The bar's end, starts_at + bar_s: a bar is not known while it is being made.",
)
OPTION_ATM_VOLATILITY = Domain(
    name="option_atm_volatility",
    keys={"symbol": pl.String(), "session_on": pl.Date()},
    values={"implied_volatility_frac": pl.Float64()},
    doc="A vendor's volatility of options at the money on a share, as he states it: one number a session.",
    lag="The opening of the session after session_on: the vendor publishes overnight.",
    rules={
        "a volatility is zero, negative or above 1000 %; correct it": pl.col("implied_volatility_frac").is_between(
            0.0, 10.0, closed="right"
        )
    },
)
OPTION_VENDOR_GREEKS = Domain(
    name="option_vendor_greeks",
    keys={**_CONTRACT, "session_on": pl.Date()},
    values={
        "price_usd": pl.Float64(),
        "underlying_usd": pl.Float64(),
        "implied_volatility_frac": pl.Float64(),
        "delta": pl.Float64(),
        "gamma": pl.Float64(),
        "vega": pl.Float64(),
        "theta": pl.Float64(),
        "rho": pl.Float64(),
        "own_volatility_frac": pl.Float64(),
        "finding": pl.String(),
    },
    doc=(
        "A vendor's volatility and Greeks as he states them, beside the volatility that his own price implies, and the "
        "finding: agrees, wrong, not_stated or unchecked. Nothing of ours is computed from his columns."
    ),
    lag="The opening of the session after session_on: the vendor publishes overnight.",
)
