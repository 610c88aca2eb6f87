"""What many analysts think at an instant: their newest statements, as long as those live."""

from __future__ import annotations

import numpy as np
import polars as pl

from nodes.kernels.arrays import Array, array
from nodes.kernels.derived import kept
from nodes.kernels.runs import before_in_run
from nodes.kernels.split_basis import cut_at_splits
from nodes.kernels.standing import AMOUNT, FROM, UNTIL, at_rows, newest_events, spells, totals, unretracted, whole
from nodes.kernels.surprises import NOT_POINT_IN_TIME

EPS_SCALE = 1e4
_QUARTERS = 4
_SCORE_SCALE = 1.0
PERIOD = "period"


def period_number(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with `period`: fiscal quarters counted through, four a year."""
    year, quarter = pl.col("fiscal_year").cast(pl.Int64), pl.col("fiscal_quarter").cast(pl.Int64)
    return frame.with_columns((year * _QUARTERS + quarter - 1).alias(PERIOD))


def period_ahead(actuals: pl.DataFrame, symbol: pl.Series, at: pl.Series) -> pl.Series:
    """The fiscal quarter after the newest one whose results were known at each row; null before the first."""
    return at_rows(_newest_periods(actuals), {"symbol": symbol}, at)[PERIOD] + 1


@kept
def _newest_periods(actuals: pl.DataFrame) -> pl.DataFrame:
    """Steps of the newest fiscal quarter with known results: symbol, period, at."""
    known = period_number(unretracted(actuals)).sort("symbol", "known_at", PERIOD)
    steps = known.with_columns(pl.col(PERIOD).cum_max().over("symbol")).unique(
        ["symbol", "known_at"], keep="last", maintain_order=True
    )
    return steps.select("symbol", PERIOD, at="known_at")


@kept
def estimate_steps(estimates: pl.DataFrame, measure: str, splits: pl.DataFrame, life_days: int) -> pl.DataFrame:
    """Steps of count, sum and sum of squares of the analysts' standing estimates: symbol, period, at.

    Estimates are brought to the shares of each instant. Those of unknown basis count nowhere.

    Args:
        estimates: facts of the domain.
        measure: which number.
        splits: symbol, ex_on, ratio, oldest first.
        life_days: after how many days an estimate that was not renewed lapses.
    """
    told = estimates.filter(pl.col("measure") == measure, pl.col("basis") != NOT_POINT_IN_TIME)
    standing = spells(period_number(told), ["symbol", PERIOD], ["analyst"], life_days)
    basis = cut_at_splits(standing, splits, "value", -1).with_columns(whole(pl.col("value"), EPS_SCALE).alias(AMOUNT))
    return totals(basis.with_columns(square=pl.col(AMOUNT) * pl.col(AMOUNT)), ["symbol", PERIOD])


def estimates_at(steps: pl.DataFrame, symbol: pl.Series, period: pl.Series, at: pl.Series) -> pl.DataFrame:
    """Count, sum and sum of squares of the estimates for a period of each row, standing at an instant of each row."""
    return at_rows(steps, {"symbol": symbol, PERIOD: period.cast(pl.Int64)}, at)


def mean(found: pl.DataFrame, scale: float) -> Array:
    """The mean of what was added up; NaN where nothing stands."""
    count = array(found["count"])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count > 0.0, array(found[AMOUNT]) / count / scale, np.nan)


def spread(found: pl.DataFrame, scale: float) -> Array:
    """The sample standard deviation of what was added up; NaN for fewer than two.

    Formula: sqrt((n * sum of squares - square of the sum) / (n * (n - 1)))
    """
    count, total, square = (array(found[name]) for name in ("count", AMOUNT, "square"))
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.maximum(count * square - total * total, 0.0) / (count * (count - 1.0))
        return np.where(count > 1.0, np.sqrt(variance) / scale, np.nan)


@kept
def rating_steps(ratings: pl.DataFrame, life_days: int) -> pl.DataFrame:
    """Steps of count and sum of the firms' standing scores: symbol, at. A word without a score counts nowhere."""
    standing = spells(ratings, ["symbol"], ["firm"], life_days)
    return totals(standing.with_columns(whole(pl.col("score"), _SCORE_SCALE).alias(AMOUNT)), ["symbol"])


def rating_mean(steps: pl.DataFrame, symbol: pl.Series, at: pl.Series) -> Array:
    """The mean standing score at each row; NaN where none stands."""
    return mean(at_rows(steps, {"symbol": symbol}, at), _SCORE_SCALE)


@kept
def change_steps(ratings: pl.DataFrame) -> pl.DataFrame:
    """Steps of the number of upgrades less downgrades so far: symbol, at, amount. A firm's first rating is neither."""
    ordered = newest_events(unretracted(ratings).drop_nulls("score"), ["symbol", "firm"])
    change = (ordered["score"] - before_in_run(ordered, ["symbol", "firm"], "score")).sign().fill_null(0.0)
    signed = ordered.select("symbol", pl.col("known_at").alias(FROM), change.cast(pl.Int64).alias(AMOUNT))
    never = pl.lit(None, pl.Datetime("ns", "UTC")).alias(UNTIL)
    return totals(signed.with_columns(never), ["symbol"])
