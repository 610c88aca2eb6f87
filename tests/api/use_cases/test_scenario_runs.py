"""Runs of a scenario: what they begin with, what a lender does, and where two of them part."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.scenario_parts import FolderBench
from api.settings import SHIPPED_POLICY, Settings
from api.use_cases.scenario_runs import begun, differences, opening_state, run_facts, run_through
from nodes.kernels.fees import exact
from nodes.kernels.portfolio.borrow import Loan, borrow_fee_usd
from nodes.vocabulary.errors import DataError
from policies.scenario import parsed_scenario
from policies.without import without_rules
from tests.api.scenario_reports import october

RECALL = b"""scenario: recalled
version: 1
title: A short that is wanted back
owner: tests
why: the buy-in
basis: hypothetical
first_on: 2012-01-03
last_on: 2012-01-10
lead_sessions: 1
opening_shares: {AAPL: -1500}
changes:
  - {kind: borrow-recall, on: 2012-01-03, symbol: AAPL, deadline_sessions: 1}
  - {kind: feed-outage, first_on: 2012-01-09, last_on: 2012-01-09}
"""


def test_a_recalled_short_is_bought_in_at_its_deadline_and_silence_denies_new_risk(lake: Lake, tmp_path: Path) -> None:
    """SCN-01."""
    path = october(lake, tmp_path / "kept", RECALL, by_rule=False).paths[0]
    assert [text.partition(" at ")[0] for text in path.buy_ins] == ["buy-in of 1136 AAPL"]
    assert {row.rule: row.saved_usd for row in path.guardrails}["stale-bar"] is None
    assert any("stale-bar" in row.fired for row in path.sessions if str(row.session_on) == "2012-01-09")


def test_an_account_may_begin_short_and_its_books_balance(lake: Lake) -> None:
    scenario = parsed_scenario(RECALL, "recalled.yaml")
    state = opening_state(lake, scenario, "demo", Decimal(1_000_000), date(2011, 12, 30))
    assert (state.position_shares("AAPL"), state.equity_usd) == (-1500, Decimal(1_000_000))
    assert state.imbalance_usd == 0
    assert state.marked_on == date(2011, 12, 29)


def test_what_is_short_is_charged_for_each_night_from_the_first_session_on(lake: Lake, tmp_path: Path) -> None:
    """PF-03: the loan of a scenario accrues its fee, weekends included, and the report tells it apart."""
    scenario, policy = parsed_scenario(RECALL, "recalled.yaml"), SHIPPED_POLICY.read_bytes()
    sessions = lake.sessions(date(2012, 1, 3), date(2012, 1, 4))
    state = opening_state(lake, scenario, "demo", Decimal(1_000_000), sessions[0])
    with FolderBench(Settings(home=tmp_path / "home")).desk(policy, lake, is_kept=False) as desk:
        begun(desk, state, "test")
        run = run_facts(desk, state, tuple(run_through(desk, scenario, sessions)))
        rate = exact(desk.assumptions.borrow_fee_frac)
    first, second = run.charges
    price_usd = exact(lake.bars_on(date(2011, 12, 30))["AAPL"]["close_usd"])
    assert (first["position_shares"], first["nights"], second["nights"]) == (-1500, 4, 1)
    assert first["fee_usd"] == borrow_fee_usd(Loan(1500, rate), price_usd, 4)


def test_shares_without_a_bar_cannot_be_begun_with(lake: Lake) -> None:
    text = RECALL.replace(b"{AAPL: -1500}", b"{AAPL: -1500, FB: 10}")
    with pytest.raises(DataError, match=r"begins with \['FB'\], which have no bar on 2011-12-29"):
        opening_state(lake, parsed_scenario(text, "x.yaml"), "demo", Decimal(1_000_000), date(2011, 12, 30))


def test_two_policies_part_at_the_first_order_that_they_judge_otherwise(lake: Lake, tmp_path: Path) -> None:
    scenario, policy = parsed_scenario(RECALL, "recalled.yaml"), SHIPPED_POLICY.read_bytes()
    bench = FolderBench(Settings(home=tmp_path / "home"))
    sessions = lake.sessions(date(2012, 1, 3), date(2012, 1, 4))
    state = opening_state(lake, scenario, "demo", Decimal(1_000_000), sessions[0])
    with bench.desk(policy, lake, is_kept=False) as desk:
        begun(desk, state, "test")
        run = run_facts(desk, state, tuple(run_through(desk, scenario, sessions)))
    assert differences(bench.order_runner(policy), run.steps) == ()
    other = without_rules(policy, "v1.yaml", frozenset({"notional"}))
    assert differences(bench.order_runner(other), run.steps)[0] == 0
    assert run.steps[0].before == state
