"""Figures of a run: right against the tables, each with what it rests on."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from api.use_cases.backtest_figures import backtest_figures, by_name, column
from api.use_cases.backtest_tables import BacktestTables
from tests.api.backtest_samples import ran_backtest


@pytest.fixture(scope="module")
def tables() -> BacktestTables:
    return ran_backtest().found.tables


def test_figures_follow_from_the_tables(tables: BacktestTables) -> None:
    values = by_name(backtest_figures(tables))
    equity = column(tables.sessions, "equity_usd")
    returns = equity[1:] / equity[:-1] - 1
    assert values["return_frac"] == pytest.approx(equity[-1] / equity[0] - 1)
    assert values["yearly_volatility_frac"] == pytest.approx(np.std(returns, ddof=1) * math.sqrt(252))
    assert values["sharpe_ratio"] == pytest.approx(returns.mean() / np.std(returns, ddof=1) * math.sqrt(252))
    assert values["max_drawdown_frac"] == pytest.approx(-(equity / np.maximum.accumulate(equity) - 1).min())
    kinds = ("spread", "impact", "latency", "commission", "sell_fee", "venue_fee", "borrow")
    assert values["cost_usd"] == pytest.approx(sum(values[f"{kind}_cost_usd"] for kind in kinds))
    assert 0.0 < values["mean_gross_frac"] <= values["max_gross_frac"] <= 1.0
    assert values["n_decisions"] == tables.orders.height


def test_what_a_figure_rests_on_is_in_its_tables(tables: BacktestTables) -> None:
    known = {*tables.sessions["plan_entry"], *tables.orders["decision_id"]}
    figures = backtest_figures(tables)
    traced = [identity for figure in figures for identity in figure.traced]
    assert traced
    assert set(traced) <= known
    assert len({figure.name for figure in figures}) == len(figures)
    assert all(figure.table in tables.by_name and figure.says for figure in figures)


def test_one_session_has_no_deviation(tables: BacktestTables) -> None:
    first = BacktestTables(
        tables.sessions.head(1), tables.orders.head(0), tables.positions.head(0), tables.trips.head(0)
    )
    values = by_name(backtest_figures(first))
    assert values["return_frac"] == 0.0
    assert "sharpe_ratio" not in values
    assert math.isnan(values["cost_bps"])
    assert math.isnan(values["calmar_ratio"])


def test_the_longest_time_under_water_ends_with_the_last_session(tables: BacktestTables) -> None:
    """Lopez de Prado (2018), snippet 14.4: from a mark to the next one, or to the last observation."""
    sessions = tables.sessions.head(6).with_columns(equity_usd=pl.Series([100.0, 110.0, 90.0, 110.0, 80.0, 100.0]))
    kept = BacktestTables(sessions, tables.orders, tables.positions, tables.trips)
    assert by_name(backtest_figures(kept))["longest_under_water_sessions"] == 4.0
