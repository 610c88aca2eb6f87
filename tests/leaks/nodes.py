"""Nodes that each know the future in a way that people really write, one kind each; and honest ones beside them."""

from __future__ import annotations

import numpy as np
import polars as pl

from nodes.kernels.arrays import array, column
from nodes.kernels.known import known_values
from nodes.kernels.panels import lagged
from nodes.kernels.statements import balances
from nodes.vocabulary.units import (
    DateColumn,
    DaysColumn,
    FracColumn,
    InstantColumn,
    Panel,
    ScoreColumn,
    Segments,
    SharesColumn,
    SymbolColumn,
    UsdColumn,
)


def lookahead_frac(close_usd: UsdColumn) -> FracColumn:
    """Lookahead: the return that comes next."""
    return FracColumn(close_usd.shift(-1) / close_usd - 1)


def restated_assets_usd(fundamentals: Panel, symbol: SymbolColumn, bar_on: DateColumn) -> UsdColumn:
    """Restatement: the newest revision of each period, whenever it was made."""
    newest = balances(fundamentals, "assets").unique(["symbol", "event_at"], keep="last", maintain_order=True)
    facts = newest.select("symbol", on=pl.col("event_at").dt.date(), value="value").sort("on")
    asked = pl.DataFrame({"symbol": symbol, "on": bar_on}).with_row_index("row").sort("on")
    found = asked.join_asof(facts, on="on", by="symbol", check_sortedness=False).sort("row")
    return UsdColumn(found["value"])


def period_end_assets_usd(fundamentals: Panel, symbol: SymbolColumn, bar_on: DateColumn) -> UsdColumn:
    """Join on the period's end: the first print, but weeks before anybody had it."""
    first = balances(fundamentals, "assets").unique(["symbol", "event_at"], keep="first", maintain_order=True)
    facts = first.select("symbol", on=pl.col("event_at").dt.date(), value="value").sort("on")
    asked = pl.DataFrame({"symbol": symbol, "on": bar_on}).with_row_index("row").sort("on")
    return UsdColumn(asked.join_asof(facts, on="on", by="symbol", check_sortedness=False).sort("row")["value"])


def same_close_vix_score(factors: Panel, bar_on: DateColumn) -> ScoreColumn:
    """Same close: the volatility index of the day itself, which closes a quarter of an hour after the shares."""
    facts = factors.filter(pl.col("factor") == "vix").unique("period_on", keep="first", maintain_order=True)
    levels = facts.select("period_on", "value")
    found = pl.DataFrame({"period_on": bar_on}).join(levels, on="period_on", how="left", maintain_order="left")
    return ScoreColumn(found["value"])


def label_in_feature_frac(close_usd: UsdColumn, segments: Segments) -> FracColumn:
    """Label in a feature: the return of the week that follows, as a target would have it."""
    later = np.full(len(close_usd), np.nan)
    close = array(close_usd)
    later[:-5] = close[5:]
    ends = np.repeat(segments[1:], np.diff(segments))
    later[np.arange(len(later)) + 5 >= ends] = np.nan
    return FracColumn(column(later / close - 1.0))


def unsorted_rating_score(ratings: Panel, symbol: SymbolColumn) -> ScoreColumn:
    """Unsorted join: whatever row stands last in the file, beside every bar."""
    last = ratings.unique("symbol", keep="last", maintain_order=True).select("symbol", "score")
    found = pl.DataFrame({"symbol": symbol}).join(last, on="symbol", how="left", maintain_order="left")
    return ScoreColumn(found["score"])


def filled_across_gap_usd(panel: Panel) -> UsdColumn:
    """Forward fill across a gap: where a share's history begins, the last price of the share above it."""
    is_first = panel["symbol"] != panel["symbol"].shift(1)
    gapped = panel["close_usd"].set(is_first.fill_null(value=True), None)
    return UsdColumn(gapped.fill_null(strategy="forward"))


def interpolated_usd(panel: Panel) -> UsdColumn:
    """A gap filled by a line to the price after it."""
    every_third = pl.Series(np.arange(panel.height) % 3 == 0)
    return UsdColumn(panel["close_usd"].set(every_third, None).interpolate())


def fitted_on_all_score(close_usd: UsdColumn) -> ScoreColumn:
    """Fit on all data: scaled by the least and the most of the whole history."""
    usd = array(close_usd)
    least_usd, most_usd = np.nanmin(usd), np.nanmax(usd)
    return ScoreColumn(column((usd - least_usd) / (most_usd - least_usd)))


def ranked_on_all_score(volume_shares: SharesColumn) -> ScoreColumn:
    """Fit on all data: rank in the whole history."""
    return ScoreColumn(volume_shares.rank().cast(pl.Float64))


def revised_calendar_days(earnings_calendar: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> DaysColumn:
    """Revised calendar: days to the next release, by the dates that were announced in the end."""
    key = ["symbol", "fiscal_year", "fiscal_quarter"]
    newest = earnings_calendar.sort("known_at").unique(key, keep="last", maintain_order=True)
    due = newest.select("symbol", "scheduled_at", at="scheduled_at").sort("at")
    asked = pl.DataFrame({"symbol": symbol, "at": closed_at}).with_row_index("row").sort("at")
    found = asked.join_asof(due, on="at", by="symbol", strategy="forward", check_sortedness=False).sort("row")
    return DaysColumn((found["scheduled_at"] - closed_at).dt.total_days())


def revised_factor_frac(factors: Panel, bar_on: DateColumn) -> FracColumn:
    """Published late: oil of the day itself, which nobody had for another week."""
    levels = factors.filter(pl.col("factor") == "wti").select("period_on", "value").unique("period_on", keep="last")
    found = pl.DataFrame({"period_on": bar_on}).join(levels, on="period_on", how="left", maintain_order="left")
    return FracColumn(found["value"])


def centred_mean_usd(close_usd: UsdColumn) -> UsdColumn:
    """A mean around each row in place of before it."""
    return UsdColumn((close_usd.shift(1) + close_usd + close_usd.shift(-1)) / 3)


def honest_return_frac(close_usd: UsdColumn, segments: Segments) -> FracColumn:
    """The return since the share's row before."""
    close = array(close_usd)
    return FracColumn(column(close / lagged(close, segments, 1) - 1.0))


def honest_assets_usd(fundamentals: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> UsdColumn:
    """Total assets as they were known at the close."""
    return UsdColumn(known_values(balances(fundamentals, "assets"), symbol, closed_at))
