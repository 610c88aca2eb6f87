"""What analysts' firms advise: how good, how many, and where they are moving."""

from __future__ import annotations

from nodes.kernels.arrays import array, column
from nodes.kernels.opinions import change_steps, rating_mean, rating_steps
from nodes.kernels.panels import change_over
from nodes.kernels.standing import AMOUNT, at_rows
from nodes.vocabulary.units import (
    CountColumn,
    Days,
    InstantColumn,
    Panel,
    ScoreColumn,
    Segments,
    Sessions,
    SymbolColumn,
)


def rating_score(ratings: Panel, symbol: SymbolColumn, closed_at: InstantColumn, rating_life_days: Days) -> ScoreColumn:
    """Mean advice of the firms: 1 is buy, 0 hold, -1 sell.

    Formula: mean over firms of the newest score, given in the last rating_life_days
    Unit: score from -1 to 1. Missing: null where no rating stands.
    Source: Barber, Lehavy, McNichols and Trueman (2001), J. Finance 56(2): consensus ratings, here in three steps.
    """
    return ScoreColumn(column(rating_mean(rating_steps(ratings, rating_life_days), symbol, closed_at)))


def ratings_count(
    ratings: Panel, symbol: SymbolColumn, closed_at: InstantColumn, rating_life_days: Days
) -> CountColumn:
    """How many firms have a standing rating.

    Formula: firms whose newest rating was given in the last rating_life_days
    Unit: firms. Missing: null until the first rating.
    Source: Hong, Lim and Stein (2000), J. Finance 55(1): coverage.
    """
    return CountColumn(at_rows(rating_steps(ratings, rating_life_days), {"symbol": symbol}, closed_at)["count"])


def rating_change_score(rating_score: ScoreColumn, segments: Segments, rating_change_sessions: Sessions) -> ScoreColumn:
    """By how much the mean advice moved.

    Formula: rating score - rating score of rating_change_sessions bars before
    Unit: score from -2 to 2. Missing: null where either is.
    Source: Jegadeesh, Kim, Krische and Lee (2004), J. Finance 59(3): the change says more than the level.
    """
    return ScoreColumn(column(change_over(array(rating_score), segments, rating_change_sessions)))


def net_upgrades_count(
    ratings: Panel,
    symbol: SymbolColumn,
    closed_at: InstantColumn,
    segments: Segments,
    rating_change_sessions: Sessions,
) -> CountColumn:
    """Upgrades less downgrades of late.

    Formula: firms' score changes up less those down that became known in the last rating_change_sessions bars
    Unit: ratings. Missing: null until the symbol's first rating, and until the window is full.
    Source: Womack (1996), J. Finance 51(1).
    """
    so_far = at_rows(change_steps(ratings), {"symbol": symbol}, closed_at)[AMOUNT]
    return CountColumn(column(change_over(array(so_far), segments, rating_change_sessions)))
