"""Cross-asset factors beside the rows of a panel: only what was known when each bar closed.

A factor is one number a period. Its newest known value is not that of the bar's own day: oil of a Monday is known eight
days later. So levels are read as they stood, and a move that is to be set beside a share's move is read of the same
day for both, as many sessions back as the factor's publication takes.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from nodes.kernels.arrays import Array, Index, array
from nodes.kernels.as_of import newest_known
from nodes.kernels.derived import kept
from nodes.kernels.panels import lagged
from nodes.kernels.rolling import window_beta

_INSTANT = pl.Datetime("ns", "UTC")
_NEVER_ON, _NEVER_AT = -700_000, -(2**62)
"""A day and an instant before all that is known."""


def standing_levels(factors: pl.DataFrame, factor: str, at: pl.Series) -> Array:
    """The factor's newest level known at each instant; NaN before the first.

    Args:
        factors: factor, period_on, value, event_at, known_at, sequence.
        factor: which one.
        at: instants, the same one for many shares.
    """
    facts = factor_facts(factors, factor)
    once, place = np.unique(_numbers(at.cast(_INSTANT)), return_inverse=True)
    questions = pl.DataFrame({"factor": [factor] * len(once), "at": _instants(once)})
    return array(newest_known(facts, ["factor"], questions, ["value"])["value"])[place]


@kept
def factor_facts(factors: pl.DataFrame, factor: str) -> pl.DataFrame:
    """The facts of one factor."""
    return factors.filter(pl.col("factor") == factor)


def period_levels(factors: pl.DataFrame, factor: str, period_on: pl.Series, at: pl.Series) -> Array:
    """The factor's level of a day as it was known at an instant, for each pair of them; NaN where it was not."""
    facts = factor_facts(factors, factor)
    days, day_place = np.unique(_numbers(period_on), return_inverse=True)
    instants, place = np.unique(_numbers(at.cast(_INSTANT)), return_inverse=True)
    pairs, pair_place = np.unique(place * len(days) + day_place, return_inverse=True)
    period = pl.Series(days[pairs % len(days)] if len(pairs) else days).cast(pl.Int32).cast(pl.Date)
    asked_at = _instants(instants[pairs // len(days)] if len(pairs) else instants)
    known = newest_known(facts, ["period_on"], pl.DataFrame({"period_on": period, "at": asked_at}), ["value"])
    return array(known["value"])[pair_place]


def lagged_days(bar_on: pl.Series, segments: Index, lag: int) -> pl.Series:
    """The day of the symbol's bar `lag` rows before each row; null where it has none."""
    days = lagged(array(bar_on.cast(pl.Date).cast(pl.Int32)), segments, lag)
    return pl.Series(days, nan_to_null=True).cast(pl.Int32).cast(pl.Date)


def lagged_beta(returns: Array, moves: Array, segments: Index, lag: int, window: int) -> Array:
    """Slope of a share's returns on a factor's moves of the same days, `lag` rows back, over `window` of them."""
    return window_beta(lagged(returns, segments, lag), moves, segments, window)


def growth(level: Array, before: Array) -> Array:
    """The growth level / before - 1 where both are positive, else NaN: a negative factor has no growth."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((level > 0.0) & (before > 0.0), level / before - 1.0, np.nan)


def _numbers(moments: pl.Series) -> Index:
    """Days or instants as whole numbers; one at which nothing was known in place of those that are missing."""
    is_day = moments.dtype == pl.Date
    numbers = moments.cast(pl.Int32).cast(pl.Int64) if is_day else moments.cast(pl.Int64)
    return (numbers.fill_null(_NEVER_ON if is_day else _NEVER_AT) if numbers.null_count() else numbers).to_numpy()


def _instants(numbers: Index) -> pl.Series:
    return pl.Series(numbers).cast(_INSTANT)
