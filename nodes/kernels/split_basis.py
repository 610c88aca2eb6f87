"""Which shares a number is stated in: splits lie between the day it was stated and the day it is used."""

from __future__ import annotations

import numpy as np
import polars as pl

from nodes.kernels.arrays import Array, Index, array, column
from nodes.kernels.panels import lagged
from nodes.kernels.standing import FROM, UNTIL

_NEW_YORK = "America/New_York"
SPLIT = ("symbol", "ex_on", "ratio")


def split_rows(symbol: pl.Series, bar_on: pl.Series, split_ratio: pl.Series) -> pl.DataFrame:
    """The splits of a panel: symbol, ex_on and ratio (7.0 for a 7:1 split) of the bars on which one takes effect."""
    bars = pl.DataFrame({"symbol": symbol, "ex_on": bar_on, "ratio": split_ratio})
    ratio = split_ratio.to_numpy()
    with np.errstate(invalid="ignore"):
        splits = np.flatnonzero((ratio != 1.0) & (ratio > 0.0))
    return bars[splits].sort("ex_on", "symbol") if len(splits) else bars.clear()


def factors_since(
    stated_at: pl.Series, symbol: pl.Series, bar_on: pl.Series, split_ratio: pl.Series, segments: Index
) -> Array:
    """New shares on each row's day for one share of the day on which its number was stated; NaN where that is unknown.

    Formula: product of the ratios of the splits with stated day < ex-date <= day of the row, oldest first. A number
    stated before the panel's first bar of the symbol may have seen splits that the panel does not show: unknown.
    """
    stated_on = _days(stated_at.cast(pl.Date))
    days = _days(bar_on)
    first_on = np.repeat(days[segments[:-1]], np.diff(segments)) if len(segments) > 1 else days
    factors = np.where(stated_on >= first_on, 1.0, np.nan)
    splits = split_rows(symbol, bar_on, split_ratio)
    blocks = _blocks(symbol, segments) if splits.height else {}
    for name, ex_on, ratio in splits.iter_rows():
        start, end = blocks[name]
        ex_day = np.datetime64(ex_on, "D").astype(np.int64)
        crossed = (days[start:end] >= ex_day) & (stated_on[start:end] < ex_day)
        factors[start:end][crossed] *= ratio
    return factors


def cut_at_splits(standing: pl.DataFrame, splits: pl.DataFrame, name: str, power: int) -> pl.DataFrame:
    """Spells cut at every split that they span; what `name` holds behind the cut times (or, for -1, over) the ratio.

    Args:
        standing: symbol, from_at, until_at and the column, in the shares of the day of from_at.
        splits: symbol, ex_on, ratio, oldest first.
        name: the column to bring to new shares.
        power: 1 for numbers of shares, -1 for amounts a share.
    """
    placed = splits.select(*SPLIT, _opening(pl.col("ex_on")).alias("ex_at"))
    turns = placed.with_columns(turn=pl.int_range(pl.len()).over("symbol"))
    whole = standing
    for turn in range(int(turns["turn"].to_numpy().max(initial=-1)) + 1):
        whole = _cut_once(whole, turns.filter(pl.col("turn") == turn), name, power)
    return whole


def _cut_once(whole: pl.DataFrame, splits: pl.DataFrame, name: str, power: int) -> pl.DataFrame:
    """Spells cut at one split of each share at most."""
    of_share = splits.select("symbol", "ex_at", factor="ratio")
    beside = whole.join(of_share, on="symbol", how="left", maintain_order="left")
    ends_later = pl.col(UNTIL).is_null() | (pl.col(UNTIL) > pl.col("ex_at"))
    spans = ((pl.col(FROM) < pl.col("ex_at")) & ends_later).fill_null(value=False)
    spanning = beside.filter(spans)
    if spanning.is_empty():
        return whole
    told = _in_new_shares(spanning[name], array(spanning["factor"]), power)
    before = spanning.with_columns(pl.col("ex_at").alias(UNTIL))
    after = spanning.with_columns(pl.col("ex_at").alias(FROM), told)
    return pl.concat([part.select(whole.columns) for part in (beside.filter(~spans), before, after)])


def _opening(day: pl.Expr) -> pl.Expr:
    """The instant at which a day begins in New York."""
    return day.cast(pl.Datetime("ns")).dt.replace_time_zone(_NEW_YORK).dt.convert_time_zone("UTC")


def lagged_a_share(
    amounts: pl.Series, of_what: pl.Series, split_ratio: pl.Series, segments: Index, lag: int
) -> pl.Series:
    """Amounts a share of `lag` rows before, in the shares of each row; null where they were of something else.

    Formula: amount of the row before / product of the split ratios since, oldest first
    """
    before, then = lagged(array(amounts), segments, lag), lagged(array(of_what), segments, lag)
    ratio = np.nan_to_num(array(split_ratio), nan=1.0)
    factors = np.ones(len(ratio))
    for steps in range(lag - 1, -1, -1):
        factors = factors * np.nan_to_num(lagged(ratio, segments, steps), nan=1.0)
    same = then == array(of_what)
    return column(np.where(same, before / factors, np.nan))


def _in_new_shares(told: pl.Series, ratio: Array, power: int) -> pl.Series:
    """By numpy's arithmetic: polars divides a long column by a scalar as a product with 1 / ratio, a short one not."""
    numbers = array(told)
    return column(numbers * ratio if power > 0 else numbers / ratio).alias(told.name)


def _blocks(symbol: pl.Series, segments: Index) -> dict[str, tuple[int, int]]:
    """First and last row of each share, the last one not included."""
    ends = zip(segments[:-1].tolist(), segments[1:].tolist(), strict=True)
    return dict(zip(symbol.gather(segments[:-1]).to_list(), ends, strict=True))


def _days(column: pl.Series) -> Index:
    numbers = column.cast(pl.Date).cast(pl.Int32)
    return array(numbers.fill_null(-(2**31)) if numbers.null_count() else numbers).astype(np.int64)
