"""The market around a share: volatility, rates, oil, gold, the dollar, credit; each as it was known at the close."""

from __future__ import annotations

from nodes.kernels.arrays import array, column
from nodes.kernels.factors import growth, lagged_beta, lagged_days, period_levels, standing_levels
from nodes.kernels.panels import change_over, lagged
from nodes.kernels.regimes import held_state, trend_state, volatility_tercile
from nodes.kernels.rolling import window_rank
from nodes.vocabulary.units import (
    DateColumn,
    FracColumn,
    InstantColumn,
    Panel,
    ScoreColumn,
    Segments,
    Sessions,
    UsdColumn,
)

_PERCENT = 0.01


def vix_score(factors: Panel, closed_at: InstantColumn) -> ScoreColumn:
    """The volatility index as last known at the close: that of the session before, since it closes after the shares.

    Formula: newest vix known at the close
    Unit: points. Missing: null until one is known.
    Source: Cboe Volatility Index methodology (2023); its close is at 16:15.
    """
    return ScoreColumn(column(standing_levels(factors, "vix", closed_at)))


def vix_change_score(vix_score: ScoreColumn, segments: Segments, week_sessions: Sessions) -> ScoreColumn:
    """By how much the volatility index rose over a week.

    Formula: vix_score - vix_score of week_sessions bars before
    Unit: points. Missing: null where either is.
    Source: Ang, Hodrick, Xing, Zhang (2006), J. Finance 61(1): innovations of aggregate volatility.
    """
    return ScoreColumn(column(change_over(array(vix_score), segments, week_sessions)))


def vix_rank_frac(vix_score: ScoreColumn, segments: Segments, regime_sessions: Sessions) -> FracColumn:
    """Share of the window's earlier sessions with a lower volatility index.

    Formula: percentile rank of vix_score in the last regime_sessions bars, ties counted half
    Unit: fraction, 0 to 1. Missing: null until the window is full or where it misses one.
    Source: definition of a percentile rank.
    """
    return FracColumn(column(window_rank(array(vix_score), segments, regime_sessions)))


def volatility_regime_score(
    vix_score: ScoreColumn, segments: Segments, regime_sessions: Sessions, regime_hold_sessions: Sessions
) -> ScoreColumn:
    """State of the market's volatility: 0 calm, 1 usual, 2 turbulent.

    Formula: third of the window that vix_score lies in, once it lasted regime_hold_sessions bars
    Unit: state. Missing: null until the window is full, and where no state lasted.
    Source: terciles of a window that ends with the session: nothing is fitted on later data.
    """
    third = volatility_tercile(array(vix_score), segments, regime_sessions)
    return ScoreColumn(column(held_state(third, segments, regime_hold_sessions)))


def trend_regime_score(
    index_close_usd: UsdColumn, segments: Segments, fast_sma_sessions: Sessions, regime_trend_sessions: Sessions
) -> ScoreColumn:
    """State of the index's trend: 1 up, 0 sideways, -1 down.

    Formula: 1 while level and fast average stand over the slow one, -1 while both stand under it, else 0
    Unit: state. Missing: null until the slow window is full or where it misses a level.
    Source: Faber (2007), J. Wealth Management 9(4).
    """
    level = array(index_close_usd)
    return ScoreColumn(column(trend_state(level, segments, fast_sma_sessions, regime_trend_sessions)))


def rate_10y_frac(factors: Panel, closed_at: InstantColumn) -> FracColumn:
    """Yield of the ten-year Treasury as last known at the close.

    Formula: newest y_10year known at the close
    Unit: fraction a year. Missing: null until one is known.
    Source: US Treasury, daily par yield curve; published in the evening, so known at the next opening.
    """
    return FracColumn(column(standing_levels(factors, "y_10year", closed_at)))


def term_slope_frac(factors: Panel, rate_10y_frac: FracColumn, closed_at: InstantColumn) -> FracColumn:
    """How much more the ten-year Treasury yields than the two-year.

    Formula: newest y_10year - newest y_2year, both known at the close
    Unit: fraction a year. Missing: null where either is.
    Source: Estrella and Hardouvelis (1991), J. Finance 46(2).
    """
    short = standing_levels(factors, "y_2year", closed_at)
    return FracColumn(column(array(rate_10y_frac) - short))


def rate_change_frac(rate_10y_frac: FracColumn, segments: Segments, month_sessions: Sessions) -> FracColumn:
    """By how much the ten-year yield rose over a month.

    Formula: rate_10y_frac - rate_10y_frac of month_sessions bars before
    Unit: fraction a year. Missing: null where either is.
    Source: Campbell (1987), J. Financial Economics 18(2).
    """
    return FracColumn(column(change_over(array(rate_10y_frac), segments, month_sessions)))


def oil_change_frac(
    factors: Panel, closed_at: InstantColumn, segments: Segments, month_sessions: Sessions
) -> FracColumn:
    """By how much oil rose over a month, by the prices published by the close.

    Formula: newest wti / newest wti of month_sessions bars before - 1, where both are positive
    Unit: fraction. Missing: null where either is not known or not positive (oil was negative on 2020-04-20).
    Source: Driesprong, Jacobsen, Maat (2008), J. Financial Economics 89(2).
    """
    level = standing_levels(factors, "wti", closed_at)
    return FracColumn(column(growth(level, lagged(level, segments, month_sessions))))


def gold_change_frac(
    factors: Panel, closed_at: InstantColumn, segments: Segments, month_sessions: Sessions
) -> FracColumn:
    """By how much gold rose over a month, by the prices known at the close.

    Formula: newest gold / newest gold of month_sessions bars before - 1
    Unit: fraction. Missing: null where either is not known.
    Source: Baur and McDermott (2010), J. Banking and Finance 34(8): gold as a safe haven.
    """
    level = standing_levels(factors, "gold", closed_at)
    return FracColumn(column(growth(level, lagged(level, segments, month_sessions))))


def eurusd_change_frac(
    factors: Panel, closed_at: InstantColumn, segments: Segments, month_sessions: Sessions
) -> FracColumn:
    """By how much the euro rose against the dollar over a month, by the rates known at the close.

    Formula: newest eurusd / newest eurusd of month_sessions bars before - 1
    Unit: fraction. Missing: null where either is not known.
    Source: Lustig, Roussanov, Verdelhan (2014), J. Financial Economics 111(3): the dollar factor.
    """
    level = standing_levels(factors, "eurusd", closed_at)
    return FracColumn(column(growth(level, lagged(level, segments, month_sessions))))


def credit_spread_frac(factors: Panel, closed_at: InstantColumn) -> FracColumn:
    """How much more Baa bonds yield than the ten-year Treasury, as last known at the close.

    Formula: newest baa_10year known at the close, from per cent
    Unit: fraction a year. Missing: null until one is known.
    Source: Fama and French (1989), J. Financial Economics 25(1): default spread.
    """
    return FracColumn(column(standing_levels(factors, "baa_10year", closed_at) * _PERCENT))


def oil_beta_frac(
    factors: Panel,
    total_return_frac: FracColumn,
    bar_on: DateColumn,
    closed_at: InstantColumn,
    segments: Segments,
    oil_lag_sessions: Sessions,
    beta_sessions: Sessions,
) -> FracColumn:
    """Slope of the share's return on oil's of the same day, of days whose oil price was published by the close.

    Formula: cov / var of returns oil_lag_sessions bars back, over beta_sessions of them
    Unit: fraction of oil's move. Missing: null until the window is full, where a day has no price, or one is negative.
    Source: Driesprong, Jacobsen, Maat (2008), J. Financial Economics 89(2).
    """
    day, before = (lagged_days(bar_on, segments, lag) for lag in (oil_lag_sessions, oil_lag_sessions + 1))
    moves = growth(period_levels(factors, "wti", day, closed_at), period_levels(factors, "wti", before, closed_at))
    return FracColumn(column(lagged_beta(array(total_return_frac), moves, segments, oil_lag_sessions, beta_sessions)))


def vix_beta_frac(
    factors: Panel,
    total_return_frac: FracColumn,
    bar_on: DateColumn,
    closed_at: InstantColumn,
    segments: Segments,
    vix_lag_sessions: Sessions,
    beta_sessions: Sessions,
) -> FracColumn:
    """Slope of the share's return on the relative change of the volatility index of the same day, of known days.

    Formula: cov / var of returns vix_lag_sessions bars back, over beta_sessions of them
    Unit: fraction of the index's move. Missing: null until the window is full or where a day has no level.
    Source: Ang, Hodrick, Xing, Zhang (2006), J. Finance 61(1).
    """
    day, before = (lagged_days(bar_on, segments, lag) for lag in (vix_lag_sessions, vix_lag_sessions + 1))
    moves = growth(period_levels(factors, "vix", day, closed_at), period_levels(factors, "vix", before, closed_at))
    return FracColumn(column(lagged_beta(array(total_return_frac), moves, segments, vix_lag_sessions, beta_sessions)))
