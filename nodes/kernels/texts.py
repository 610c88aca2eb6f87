"""What the texts of late say of a share: how many, how kind, how far apart, at each instant.

A text counts from when it was known until it is so many days old. Scores are added up as whole millionths, so that the
order of texts leaves no mark.
"""

from __future__ import annotations

import polars as pl

from nodes.kernels.arrays import Array
from nodes.kernels.derived import kept
from nodes.kernels.opinions import mean, spread
from nodes.kernels.standing import AMOUNT, at_rows, spells, totals, whole

SCORE_SCALE = 1e6


@kept
def text_steps(scores: pl.DataFrame, life_days: int, channel: str | None = None) -> pl.DataFrame:
    """Steps of count, sum and sum of squares of the scores of texts that are not older than `life_days`.

    Args:
        scores: text_id, symbol, channel, score, known_at, sequence. A retracted score does not count.
        life_days: how long a text counts.
        channel: only texts of this channel; all where None.
    """
    kept = scores if channel is None else scores.filter(pl.col("channel") == channel)
    standing = spells(kept, ["symbol"], ["text_id"], life_days)
    counted = standing if "is_retracted" not in kept.columns else standing.filter(~pl.col("is_retracted"))
    millionths = counted.with_columns(whole(pl.col("score"), SCORE_SCALE).alias(AMOUNT))
    return totals(millionths.with_columns(square=pl.col(AMOUNT) * pl.col(AMOUNT)), ["symbol"])


def texts_at(steps: pl.DataFrame, symbol: pl.Series, at: pl.Series) -> pl.DataFrame:
    """The step in force at each row."""
    return at_rows(steps, {"symbol": symbol}, at)


def text_mean(found: pl.DataFrame) -> Array:
    """Mean score; NaN where no text counts."""
    return mean(found, SCORE_SCALE)


def text_spread(found: pl.DataFrame) -> Array:
    """Sample standard deviation of the scores; NaN for fewer than two texts."""
    return spread(found, SCORE_SCALE)
