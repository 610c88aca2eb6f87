"""Node functions with banned reductions and with a number that belongs in a policy."""

from __future__ import annotations

import numpy as np
import polars as pl

from nodes.vocabulary.units import Frac, Shares


def summed_frac(adv_shares: Shares) -> Frac:
    """Sums with polars."""
    return Frac(float(pl.Series([adv_shares]).sum()))


def rolled_frac(adv_shares: Shares) -> Frac:
    """Rolls with polars."""
    return Frac(float(pl.Series([adv_shares]).rolling_mean(1)[0]))


def multiplied_frac(adv_shares: Shares) -> Frac:
    """Multiplies matrices."""
    return Frac(float(np.array([adv_shares]) @ np.array([1.0])))


def defaulted_frac(adv_shares: Shares, patience_frac: Frac = Frac(0.5)) -> Frac:  # noqa: B008  # the fault under test
    """Hides a policy in a default."""
    return Frac(adv_shares * patience_frac)
