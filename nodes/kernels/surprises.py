"""How far announced earnings were from what was expected, alone and against the company's own past."""

from __future__ import annotations

import numpy as np
import polars as pl

from nodes.kernels.arrays import array
from nodes.kernels.derived import kept
from nodes.kernels.panels import lagged
from nodes.kernels.rolling import window_std
from nodes.kernels.standing import unretracted
from nodes.kernels.statements import FACT

NOT_POINT_IN_TIME = "not-point-in-time"
"""Basis of numbers that embed splits which nobody knows: they are compared with nothing."""


@kept
def surprises(actuals: pl.DataFrame, measure: str) -> pl.DataFrame:
    """The facts of (actual - consensus) / |consensus|: symbol, event_at, known_at, sequence, value.

    A quarter without consensus, with a consensus of zero, or of unknown basis has no surprise. What takes a number back
    takes its surprise back: is_retracted, where the facts have it.
    """
    own = actuals.filter(pl.col("measure") == measure)
    expected = pl.col("consensus").cast(pl.Float64).abs()
    has_one = (pl.col("basis") != NOT_POINT_IN_TIME) & (expected > 0.0) & pl.col("value").is_not_null()
    surprise = ((pl.col("value") - pl.col("consensus")) / expected).alias("value")
    if "is_retracted" not in own.columns:
        return own.filter(has_one).with_columns(surprise).select(FACT)
    return own.filter(has_one | pl.col("is_retracted")).with_columns(surprise).select(*FACT, "is_retracted")


@kept
def standardised(facts: pl.DataFrame, n_before: int) -> pl.DataFrame:
    """Facts divided by the sample standard deviation of the `n_before` events told before them, by first prints.

    Events are taken in the order in which they became known: one that was told late counts for what is told after it,
    and changes nothing that was known already. Events without enough history, or without any variation in it, are left
    out.
    """
    firsts = (
        unretracted(facts)
        .sort("known_at", "sequence")
        .unique(["symbol", "event_at"], keep="first", maintain_order=True)
        .sort("symbol", "known_at", "event_at", maintain_order=True)
    )
    values = array(firsts["value"])
    sizes = firsts.group_by("symbol", maintain_order=True).len()["len"].to_numpy()
    segments = np.append(0, np.cumsum(sizes)).astype(np.int64)
    spread = lagged(window_std(values, segments, n_before), segments, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.where(spread > 0.0, values / spread, np.nan)
    scored = firsts.with_columns(value=pl.Series(scores))
    return scored.filter(pl.col("value").is_finite()).select(FACT)
