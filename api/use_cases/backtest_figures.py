"""The figures of a run, each with its definition and with the rows and entries that it comes from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from api.use_cases.backtest_tables import COST_KINDS, BacktestTables
from nodes.kernels.arrays import Array
from nodes.kernels.track_records import (
    Fall,
    autocorrelation,
    deviation,
    drawdown_path,
    falls,
    returns_of,
    sortino_ratio,
    trip_statistics,
    yearly_return,
    yearly_sharpe,
)

SESSIONS_A_YEAR = 252
_BPS = 1e4
_MOST_TRACED = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a report.

    Attributes:
        name: with its unit as suffix.
        value: NaN where it is not defined.
        says: what it is, in words.
        table: the table that it is computed from.
        traced: ids of the entries or decisions that it rests on most, to look closer.
    """

    name: str
    value: float
    says: str
    table: str
    traced: tuple[str, ...] = ()


def backtest_figures(tables: BacktestTables) -> tuple[Figure, ...]:
    """The figures of a run."""
    makers: tuple[Callable[[BacktestTables], tuple[Figure, ...]], ...] = (
        _growth,
        _falls,
        _exposure,
        _costs,
        _orders,
        _trips,
    )
    return tuple(figure for maker in makers for figure in maker(tables))


def by_name(figures: tuple[Figure, ...]) -> Mapping[str, float]:
    """The values of figures by name."""
    return {figure.name: figure.value for figure in figures}


def column(frame: pl.DataFrame, name: str) -> Array:
    """A column of numbers; a missing one is NaN."""
    found: Array = frame[name].cast(pl.Float64).fill_null(math.nan).to_numpy()
    return found


def _growth(tables: BacktestTables) -> tuple[Figure, ...]:
    sessions = tables.sessions
    equity, index = column(sessions, "equity_usd"), column(sessions, "index_level")
    ends = (sessions["plan_entry"][0], sessions["plan_entry"][-1])
    if len(equity) < 3:  # noqa: PLR2004  # a deviation of returns needs two of them
        return (
            Figure("return_frac", float(equity[-1] / equity[0]) - 1.0, "Gain on what was paid in.", "sessions", ends),
        )
    returns = returns_of(equity)
    rho = autocorrelation(returns)
    year = float(SESSIONS_A_YEAR)
    yearly = yearly_return(equity, year)
    sharpe = yearly_sharpe(returns, year)
    lo_says = f"The same where returns go on from day to day as these do (autocorrelation {rho:.3f}; Lo 2002)."
    return (
        Figure("return_frac", float(equity[-1] / equity[0]) - 1.0, "Gain on what was paid in.", "sessions", ends),
        Figure("yearly_return_frac", yearly, "Compound growth a year of 252 sessions.", "sessions", ends),
        Figure(
            "index_yearly_return_frac",
            yearly_return(index, year),
            "The same of the index, without dividends.",
            "sessions",
            ends,
        ),
        Figure(
            "yearly_volatility_frac",
            deviation(returns) * math.sqrt(year),
            "Deviation of daily returns, a year.",
            "sessions",
        ),
        Figure(
            "sharpe_ratio", sharpe, "Mean daily return by its deviation, a year; no interest taken off.", "sessions"
        ),
        Figure("sharpe_lo_ratio", yearly_sharpe(returns, year, rho), lo_says, "sessions"),
        Figure(
            "sortino_ratio",
            sortino_ratio(returns, year),
            "Mean daily return by the root mean square of losses, a year.",
            "sessions",
        ),
    )


def _falls(tables: BacktestTables) -> tuple[Figure, ...]:
    sessions = tables.sessions
    equity, index = column(sessions, "equity_usd"), column(sessions, "index_level")
    found, entries = falls(equity), sessions["plan_entry"]
    worst = max(found, key=lambda fall: fall.depth_frac, default=None)
    longest = max(found, key=lambda fall: _sessions_under_water(fall, len(equity)), default=None)
    depth = 0.0 if worst is None else worst.depth_frac
    traced = () if worst is None else (entries[worst.peak_at], entries[worst.trough_at])
    under = 0 if longest is None else _sessions_under_water(longest, len(equity))
    growth = yearly_return(equity, float(SESSIONS_A_YEAR)) if len(equity) > 1 else math.nan
    since = () if longest is None else (entries[longest.peak_at],)
    return (
        Figure("max_drawdown_frac", depth, "Deepest fall of closing equity from an earlier peak.", "sessions", traced),
        Figure("index_max_drawdown_frac", -float(drawdown_path(index).min()), "The same of the index.", "sessions"),
        Figure(
            "longest_under_water_sessions",
            float(under),
            "Longest time from a peak until it was passed, or to the last session.",
            "sessions",
            since,
        ),
        Figure(
            "calmar_ratio",
            growth / depth if depth > 0.0 else math.nan,
            "Yearly growth by the deepest fall.",
            "sessions",
            traced,
        ),
    )


def _sessions_under_water(fall: Fall, n_sessions: int) -> int:
    """Source: Lopez de Prado (2018), Advances in Financial Machine Learning, snippet 14.4."""
    return (n_sessions - 1 if fall.ended_at is None else fall.ended_at) - fall.peak_at


def _exposure(tables: BacktestTables) -> tuple[Figure, ...]:
    sessions = tables.sessions
    equity = column(sessions, "equity_usd")
    gross = (column(sessions, "long_usd") + column(sessions, "short_usd")) / equity
    net = (column(sessions, "long_usd") - column(sessions, "short_usd")) / equity
    traded = column(sessions, "traded_usd")
    years = len(equity) / SESSIONS_A_YEAR
    most = int(np.argmax(gross))
    turnover = float(traded.sum()) / 2.0 / float(equity.mean()) / years
    return (
        Figure("mean_gross_frac", float(gross.mean()), "Mean of absolute holdings by equity.", "sessions"),
        Figure(
            "max_gross_frac",
            float(gross.max()),
            "The most of it at a close.",
            "sessions",
            (sessions["plan_entry"][most],),
        ),
        Figure("mean_net_frac", float(net.mean()), "Mean of long less short holdings by equity.", "sessions"),
        Figure("yearly_turnover_frac", turnover, "Half of what was bought and sold a year, by mean equity.", "orders"),
    )


def _costs(tables: BacktestTables) -> tuple[Figure, ...]:
    sessions, orders = tables.sessions, tables.orders
    traded = float(column(sessions, "traded_usd").sum())
    figures = []
    for kind in COST_KINDS:
        total = float(column(sessions, kind).sum())
        traced = _largest(orders, kind) if kind in orders.columns else ()
        figures.append(Figure(f"{kind.removesuffix('_usd')}_cost_usd", total, _COST_WORDS[kind], "orders", traced))
    total = sum(figure.value for figure in figures)
    delay = float(column(sessions, "delay_usd").sum())
    bps = total / traded * _BPS if traded else math.nan
    return (
        *figures,
        Figure("cost_usd", total, "All of these together.", "orders", _largest(orders, "realised_cost_usd")),
        Figure("cost_bps", bps, "The same by what was traded.", "orders"),
        Figure(
            "delay_usd",
            delay,
            "What prices did against the orders between decision and market.",
            "orders",
            _largest(orders, "delay_usd"),
        ),
        Figure(
            "dividends_usd",
            float(column(sessions, "dividends_usd").sum()),
            "Dividends received, less those paid.",
            "sessions",
        ),
    )


_COST_WORDS = {
    "spread_usd": "Crossing the spread, and the tick.",
    "impact_usd": "What our own size moved prices by.",
    "latency_usd": "What prices did while orders were on their way; it may be a gain.",
    "commission_usd": "Commissions.",
    "sell_fee_usd": "Fees on sales.",
    "venue_fee_usd": "Fees of venues, less what they paid.",
    "borrow_usd": "Fees for what was borrowed to be short.",
}


def _orders(tables: BacktestTables) -> tuple[Figure, ...]:
    orders = tables.orders
    acted = orders.filter(pl.col("action") == "act")
    wanted = float(np.nansum(np.abs(column(acted, "order_shares"))))
    filled = float(np.nansum(np.abs(column(acted, "filled_shares"))))
    denied = orders.filter(pl.col("action") == "deny")
    missed = acted.filter(pl.col("filled_shares").is_null())
    return (
        Figure("n_decisions", float(orders.height), "Orders that the guardrails judged.", "orders"),
        Figure("n_denied", float(denied.height), "Of these, denied.", "orders", _newest(denied)),
        Figure("n_unfilled", float(missed.height), "Accepted, of which nothing traded.", "orders", _newest(missed)),
        Figure(
            "fill_frac",
            filled / wanted if wanted else math.nan,
            "Part of accepted shares that traded.",
            "orders",
            _newest(missed),
        ),
    )


def _trips(tables: BacktestTables) -> tuple[Figure, ...]:
    trips = tables.trips
    gains = column(trips, "pnl_usd") - column(trips, "fees_usd")
    found = trip_statistics(gains, column(trips, "adverse_usd"), column(trips, "favourable_usd"))
    best = tuple(trips.sort("pnl_usd", descending=True)["closing_decision"].head(1))
    worst = tuple(trips.sort("pnl_usd")["closing_decision"].head(1))
    return (
        Figure("n_trips", float(found.n_trips), "Round trips, oldest shares closed first.", "trips"),
        Figure("win_frac", found.win_frac, "Part of them that gained after fees.", "trips", best),
        Figure("mean_trip_usd", found.mean_usd, "Mean gain of one after fees.", "trips"),
        Figure("profit_factor", found.profit_factor, "Gains by losses.", "trips", best + worst),
        Figure(
            "mean_adverse_usd", found.mean_adverse_usd, "Mean of the furthest that each was against us.", "trips", worst
        ),
        Figure(
            "mean_favourable_usd",
            found.mean_favourable_usd,
            "Mean of the furthest that each was for us.",
            "trips",
            best,
        ),
    )


def _largest(orders: pl.DataFrame, kind: str) -> tuple[str, ...]:
    known = orders.filter(pl.col(kind).is_not_null() & (pl.col(kind) != 0.0))
    return tuple(known.sort(kind, descending=True)["decision_id"].head(_MOST_TRACED))


def _newest(orders: pl.DataFrame) -> tuple[str, ...]:
    return tuple(orders["decision_id"].tail(_MOST_TRACED))
