"""The bar path of sweeps agrees with the event path where the models agree: scores always, money in a kind market."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from adapters.lake.lake import Lake, bundled_lake
from api.bootstrap import open_desk
from api.settings import Settings
from api.use_cases.backtest_run import trial_run
from api.use_cases.backtest_tables import BacktestTables, backtest_tables
from dataflows.backtest.assumptions import changed_assumptions
from dataflows.backtest.shared import SharedSessions
from dataflows.backtest.sweep import SweepMarket, bar_targets, sweep
from dataflows.engine.plan import Plan
from nodes.kernels.simulator.bars import BarTerms, FillAt, book_run
from nodes.vocabulary.errors import EdgeError
from tests.dataflows.engine.shipped import POLICY

FIRST_ON, LAST_ON = date(2006, 2, 16), date(2006, 3, 17)
"""No dividend and no split of a share that is held."""
KIND = {
    "max_fill_participation_frac": 1.0,
    "auction_volume_frac": 1.0,
    "max_auction_participation_frac": 1.0,
    "spread_frac": 0.0,
    "impact_coefficient": 0.0,
    "commission_price_usd": 0.0,
    "min_commission_usd": 0.0,
    "sell_fee_frac": 0.0,
    "venue_fee_frac": 0.0,
    "auction_fee_usd": 0.0,
    "unlisted_fee_usd": 0.0,
    "halt_rate_frac": 0.0,
}
"""A market of the event path in which every order that goes to the opening trades whole at its price."""
ALL_TO_THE_OPENING = ("max_auction_participation_frac: 0.0003", "max_auction_participation_frac: 0.9")
"""Of the policy's route: no part of an order waits for the session."""


@pytest.fixture(scope="module")
def lake() -> Lake:
    return bundled_lake()


@pytest.fixture(scope="module")
def event_path(
    lake: Lake, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Plan, BacktestTables, dict[date, list[float]]]:
    """A trial in the kind market: its plan, its tables, and the scores of each session run."""
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "v1.yaml").write_text(POLICY.read_text().replace(*ALL_TO_THE_OPENING))
    with open_desk(Settings(home=folder / "home", policy=folder / "v1.yaml"), lake=lake) as opened:
        desk = replace(opened.desk, assumptions=changed_assumptions(opened.desk.assumptions, KIND))
        plan = desk.active.session.plan
        shared, sessions = SharedSessions(plan), lake.sessions(FIRST_ON, LAST_ON)
        run = trial_run(desk, sessions, shared, lambda *_: None)
        tables = backtest_tables(run, lake, desk.active.order.layout, desk.opening_cash_usd)
        empty = {
            "positions": pl.DataFrame(schema={"symbol": pl.String, "position_shares": pl.Int64}),
            "equity_usd": desk.opening_cash_usd,
        }
        scores = {day: shared.run(day, empty).values["composite_score"].to_list() for day in sessions}
    return plan, tables, scores


def test_scores_are_those_of_the_session_runs_bit_for_bit(
    event_path: tuple[Plan, BacktestTables, dict[date, list[float]]], lake: Lake
) -> None:
    plan, _, scores = event_path
    targets = bar_targets(plan, SweepMarket(lake.panel, lake.index_panel, FIRST_ON, LAST_ON), {})
    held = [name for name in targets.symbols if name != "FB"]
    columns = [targets.symbols.index(name) for name in held]
    assert targets.sessions == tuple(scores)
    for at, day in enumerate(targets.sessions):
        assert targets.scores[at, columns].tolist() == scores[day][: len(held)], day


def test_money_of_both_paths_agrees_where_every_order_trades_at_the_opening(
    event_path: tuple[Plan, BacktestTables, dict[date, list[float]]], lake: Lake
) -> None:
    """The event path's own holdings, put through the bar path: equal to the cent at every close."""
    plan, tables, _ = event_path
    days, symbols = tables.sessions["session_on"].to_list(), tables.positions["symbol"].unique().sort().to_list()
    assert (tables.orders.drop_nulls("price_usd")["spread_usd"] == 0.0).all()
    held = np.zeros((len(days), len(symbols)))
    for day, symbol, shares in tables.positions.select("session_on", "symbol", "position_shares").iter_rows():
        held[days.index(day), symbols.index(symbol)] = shares
    market = SweepMarket(lake.panel, lake.index_panel, FIRST_ON, LAST_ON)
    bars = bar_targets(plan, market, {}).bars
    raw = [
        np.array([[lake.bars_on(day)[symbol][f"{name}_usd"] for symbol in symbols] for day in days])
        for name in ("open", "close")
    ]
    panel = replace(
        bars, opens=raw[0], closes=raw[1], volume_shares=np.ones_like(held), volatility_frac=np.zeros_like(held)
    )
    wanted = np.vstack([held[1:], held[-1:]])
    run = book_run(wanted, panel, 1e6, BarTerms(FillAt.NEXT_OPEN))
    assert tables.orders["filled_shares"].null_count() < tables.orders.height
    assert run.equity == pytest.approx(tables.sessions["equity_usd"].to_numpy(), abs=0.01)


def test_a_sweep_says_what_each_setting_comes_to(
    event_path: tuple[Plan, BacktestTables, dict[date, list[float]]], lake: Lake
) -> None:
    market = SweepMarket(lake.panel, lake.index_panel, FIRST_ON, LAST_ON)
    one, three, dear = (
        *sweep(event_path[0], market, [{"n_selected": 1}, {}], 0.0),
        *sweep(event_path[0], market, [{}], 50.0),
    )
    assert one.setting == {"n_selected": 1}
    assert one.yearly_return_frac != three.yearly_return_frac
    assert dear.yearly_return_frac < three.yearly_return_frac
    assert dear.yearly_turnover_frac == three.yearly_turnover_frac > 0.0
    assert 0.0 <= three.max_drawdown_frac < 1.0


def test_a_parameter_that_session_runs_do_not_have_is_refused(
    event_path: tuple[Plan, BacktestTables, dict[date, list[float]]], lake: Lake
) -> None:
    market = SweepMarket(lake.panel, lake.index_panel, FIRST_ON, LAST_ON)
    with pytest.raises(EdgeError, match="fantasy is no parameter of session runs; vary one of adv_sessions"):
        sweep(event_path[0], market, [{"fantasy": 1}], 0.0)
