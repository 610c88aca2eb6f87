"""Open interest as it was known at instants."""

from __future__ import annotations

import numpy as np
import polars as pl

from nodes.kernels.arrays import Array
from nodes.kernels.options.chains import Chains, chains_as_of


def put_call_ratios(interest: pl.DataFrame, symbol: pl.Series, at: pl.Series, max_age_s: int) -> Array:
    """Open puts over open calls of each symbol at each instant; NaN without a young report or without an open call.

    Args:
        interest: underlying_id, expiry_on, strike_usd, right, open_interest, event_at, known_at, sequence.
        symbol: underlying of each instant.
        at: the instants.
        max_age_s: oldest report that counts, in seconds before the instant.
    """
    counted = interest.with_columns(
        quoted_at=pl.col("event_at"), bid_usd=pl.col("open_interest").cast(pl.Float64), ask_usd=pl.lit(None, pl.Float64)
    )
    chains = chains_as_of(counted, symbol, at, max_age_s)
    puts, calls = (_totals(chains, len(symbol), is_call=is_call) for is_call in (False, True))
    return np.where(calls > 0, puts / np.maximum(calls, 1), np.nan)


def _totals(chains: Chains, n_rows: int, *, is_call: bool) -> Array:
    """Contracts of one right by row. Whole numbers add up exactly in any order."""
    of_right = (chains.quotes.is_call == is_call) & np.isfinite(chains.quotes.bid_usd)
    counts = np.bincount(chains.row[of_right], weights=chains.quotes.bid_usd[of_right], minlength=n_rows)
    return counts.astype(np.float64)
