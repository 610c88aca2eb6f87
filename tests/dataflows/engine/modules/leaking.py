"""Nodes that each see the future in another way, to prove that the leak audit finds them; and two that do not."""

from __future__ import annotations

import numpy as np

from nodes.vocabulary.units import FracColumn, ScoreColumn, UsdColumn


def next_return_frac(close_usd: UsdColumn) -> FracColumn:
    """The return that comes next."""
    return FracColumn(close_usd.shift(-1) / close_usd - 1)


def centred_mean_usd(close_usd: UsdColumn) -> UsdColumn:
    """A mean around each row instead of before it."""
    return UsdColumn((close_usd.shift(1) + close_usd + close_usd.shift(-1)) / 3)


def backfilled_usd(close_usd: UsdColumn) -> UsdColumn:
    """A missing price taken from later."""
    return UsdColumn(close_usd.fill_null(strategy="backward"))


def full_sample_score(close_usd: UsdColumn) -> ScoreColumn:
    """A score against the range of the whole history."""
    known = sorted(close_usd.drop_nulls().to_list())
    return ScoreColumn((close_usd - known[0]) / (known[-1] - known[0]))


def share_of_peak_frac(close_usd: UsdColumn) -> FracColumn:
    """Price over a peak that may be still to come."""
    return FracColumn(close_usd / float(np.nanmax(close_usd.to_numpy())))


def history_rank_score(close_usd: UsdColumn) -> ScoreColumn:
    """Rank in the whole history."""
    return ScoreColumn(close_usd.rank() * 1.0)


def adjusted_close_usd(close_usd: UsdColumn) -> UsdColumn:
    """A vendor's adjusted price: the past divided by what is known only today."""
    last = close_usd.drop_nulls()[-1]
    return UsdColumn(close_usd / last)


def own_height_score(close_usd: UsdColumn) -> ScoreColumn:
    """How much history there will be."""
    return ScoreColumn(close_usd * 0 + len(close_usd))


def honest_return_frac(close_usd: UsdColumn) -> FracColumn:
    """The return since the row before."""
    return FracColumn(close_usd / close_usd.shift(1) - 1)


def honest_peak_usd(close_usd: UsdColumn) -> UsdColumn:
    """The highest price so far."""
    return UsdColumn(close_usd.cum_max())
