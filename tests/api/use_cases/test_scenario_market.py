"""The lake of a scenario: what is told and what is traded may differ, and dividends go with the price."""

from __future__ import annotations

from datetime import date

import polars as pl

from adapters.lake.actions import ActionKind
from adapters.lake.lake import Lake
from api.use_cases.scenario_market import scenario_lake
from policies.scenario import Scenario, parsed_scenario

HEAD = b"""scenario: mine
version: 1
title: t
owner: tests
why: to see
basis: hypothetical
first_on: 2012-07-02
last_on: 2012-08-31
"""


def scenario(change: str) -> Scenario:
    return parsed_scenario(HEAD + f"changes: [{change}]".encode(), "mine.yaml")


def test_a_silent_feed_tells_nothing_while_the_market_trades_on(lake: Lake) -> None:
    """SCN-01."""
    day = date(2012, 7, 10)
    found = scenario_lake(lake, scenario(f"{{kind: feed-outage, first_on: {day}, last_on: {day}, symbols: [IBM]}}"))
    heard = found.panel.filter(pl.col("session_on") == day)["symbol"].to_list()
    assert ("IBM" in heard, "AAPL" in heard) == (False, True)
    assert found.bars_on(day)["IBM"] == lake.bars_on(day)["IBM"]


def test_a_dividend_is_paid_in_step_with_its_price_and_splits_stay(lake: Lake) -> None:
    found = scenario_lake(lake, scenario("{kind: shock, on: 2012-07-10, price_frac: -0.5}"))
    before, after = (
        next(each for each in actions if each.symbol == "AAPL" and each.ex_on == date(2012, 8, 9))
        for actions in (lake.actions, found.actions)
    )
    assert before.kind is ActionKind.DIVIDEND
    assert abs(float(after.dividend_usd / before.dividend_usd) - 0.5) < 1e-4
    splits = [[each for each in actions if each.kind is ActionKind.SPLIT] for actions in (lake.actions, found.actions)]
    assert splits[0] == splits[1]


def test_made_up_sessions_have_no_corporate_actions(lake: Lake) -> None:
    found = scenario_lake(lake, scenario("{kind: bootstrap, drawn_from: 2008-06-02, drawn_to: 2008-12-31}"))
    assert all(action.ex_on < date(2012, 7, 2) for action in found.actions)
