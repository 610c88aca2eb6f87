"""Tables of a run come to the equity that its log states, and each row names its entries."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

from api.use_cases.backtest_run import RunEntries, run_entries
from api.use_cases.backtest_tables import COST_KINDS, backtest_tables, fill_costs
from governance.entries import EntryKind
from nodes.vocabulary.errors import DataError
from tests.api.backtest_samples import ran_backtest, sample_bars
from tests.api.use_cases.homes import desk_at

FACTS = {
    "fill_shares": -100,
    "fill_price_usd": Decimal("9.90"),
    "trading_cost_usd": Decimal(10),
    "impact_cost_usd": Decimal(3),
    "latency_cost_usd": Decimal(-1),
    "commission_usd": Decimal(1),
    "sell_fee_usd": Decimal("0.03"),
    "venue_fee_usd": Decimal("-0.02"),
}


def test_costs_of_a_fill_by_kind_and_the_delay_before_it() -> None:
    """A sale decided at 10.10 that met 10.00 and got 9.90: a dime a share lost to delay, a dime to trading."""
    costs = fill_costs(FACTS, 10.10)
    assert costs["spread_usd"] == 8.0
    assert costs["delay_usd"] == pytest.approx(10.0)
    assert sum(costs[kind] for kind in COST_KINDS if kind in costs) == pytest.approx(11.01)


def test_every_row_can_be_found_in_the_log() -> None:
    ran = ran_backtest()
    tables = ran.found.tables
    with desk_at(ran.home, sample_bars()) as opened, opened.desk.store.reader() as reader:
        known = {record.entry_id.hex() for record in reader.records(0, reader.head().size)}
        assert {*tables.sessions["plan_entry"], *tables.orders["fill_entry"].drop_nulls()} <= known
        decisions = [
            *tables.orders["decision_id"],
            *tables.trips["opening_decision"],
            *tables.trips["closing_decision"],
        ]
        assert decisions
        assert all(len(reader.decisions(identity)) == 1 for identity in decisions)


def test_costs_add_up_from_orders_to_sessions() -> None:
    tables = ran_backtest().found.tables
    for kind in COST_KINDS:
        if kind in tables.orders.columns:
            assert tables.sessions[kind].sum() == pytest.approx(tables.orders[kind].fill_null(0.0).sum())
    filled = tables.orders.drop_nulls("filled_shares")
    notional = (filled["filled_shares"].abs() * filled["price_usd"]).sum()
    assert tables.sessions["traded_usd"].sum() == pytest.approx(notional)


def test_positions_and_cash_are_the_equity_of_every_session() -> None:
    tables = ran_backtest().found.tables
    held = {row["session_on"]: 0.0 for row in tables.sessions.to_dicts()}
    for row in tables.positions.to_dicts():
        held[row["session_on"]] += row["value_usd"]
    for row in tables.sessions.to_dicts():
        assert held[row["session_on"]] + row["cash_usd"] == pytest.approx(row["equity_usd"])
    assert tables.positions.filter(pl.col("symbol") == "AAPL").height > 0


@pytest.fixture(scope="module")
def run() -> RunEntries:
    ran = ran_backtest()
    with desk_at(ran.home, sample_bars()) as opened, opened.desk.store.reader() as reader:
        found = run_entries(reader, "demo")
        bodies = {
            entry.facts["trace_ref"]: reader.body(entry.facts["trace_ref"])
            for entry in found.entries
            if "trace_ref" in entry.facts
        }
    return replace(found, body=bodies.__getitem__)


def test_entries_that_do_not_come_to_their_equity_are_refused(run: RunEntries) -> None:
    with desk_at(ran_backtest().home, sample_bars()) as opened:
        layout = opened.desk.active.order.layout
    gone = next(entry for entry in run.entries if entry.kind is EntryKind.FILL)
    lacking = replace(run, entries=tuple(entry for entry in run.entries if entry is not gone))
    with pytest.raises(DataError, match=r"session 2005-02-\d\d: fills and actions come to .* USD, the plan entry says"):
        backtest_tables(lacking, sample_bars(), layout, Decimal(1_000_000))
    with pytest.raises(DataError, match="account 'demo' has no session in this run"):
        backtest_tables(replace(run, entries=()), sample_bars(), layout, Decimal(1_000_000))
