"""A session by the hour: each probe meets the live order plan at the hour's price, and nothing is sent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl

from adapters.lake.lake import Lake
from api.scenario_parts import FolderBench
from api.settings import SHIPPED_POLICY, Settings
from api.use_cases.scenario_hours import HourRow, hour_rows
from api.use_cases.scenario_runs import begun, opening_state, run_through
from governance.entries import EntryKind
from policies.scenario import parsed_scenario

TEXT = b"""scenario: hours
version: 1
title: An afternoon
owner: tests
why: the hours
basis: real
first_on: 2010-05-05
last_on: 2010-05-06
lead_sessions: 1
opening_shares: {IBM: 100}
hours_on: 2010-05-06
"""
HOURS_ON = date(2010, 5, 6)
SCHEMA = {
    "symbol": pl.String(),
    "starts_at": pl.Datetime("us", "UTC"),
    "open_usd": pl.Float64(),
    "close_usd": pl.Float64(),
}


def hours(lake: Lake, home: Path) -> tuple[tuple[HourRow, ...], int]:
    """Two hours of made-up prices of IBM, and how many decisions the log has beside those of the sessions."""
    scenario = parsed_scenario(TEXT, "hours.yaml")
    before = lake.bars_on(date(2010, 5, 5))["IBM"]["close_usd"]
    bars = pl.DataFrame(
        [
            ("IBM", datetime(2010, 5, 6, 17, tzinfo=UTC), before, before * 0.99),
            ("IBM", datetime(2010, 5, 6, 18, tzinfo=UTC), before * 0.99, before * 0.87),
            ("ZZZ", datetime(2010, 5, 6, 18, tzinfo=UTC), 1.0, 1.0),
        ],
        schema=SCHEMA,
        orient="row",
    )
    sessions = lake.sessions(date(2010, 5, 5), HOURS_ON)
    state = opening_state(lake, scenario, "demo", Decimal(1_000_000), sessions[0])
    with FolderBench(Settings(home=home)).desk(SHIPPED_POLICY.read_bytes(), lake, is_kept=False) as desk:
        begun(desk, state, "test")
        steps = tuple(run_through(desk, scenario, sessions))
        found = hour_rows(desk, steps, HOURS_ON, bars, scenario.probe_usd)
        with desk.store.reader() as reader:
            n_decisions = sum(1 for _ in reader.of_kind(EntryKind.DECISION))
    return found, n_decisions - sum(len(step.judged) for step in steps)


def test_each_hour_has_its_own_verdict_and_no_probe_is_an_order(lake: Lake, tmp_path: Path) -> None:
    """SCN-01."""
    found, n_more = hours(lake, tmp_path / "home")
    assert n_more == 0
    assert [(row.symbol, row.ended_at[11:16]) for row in found] == [("IBM", "18:00"), ("IBM", "19:00")]
    calm, wild = found
    assert "daily-move" not in calm.buy_rules
    assert "daily-move" in wild.buy_rules
    assert "daily-move" not in wild.sell_rules
    assert (wild.buy != "act", wild.sell is not None) == (True, True)
    assert round(wild.move_frac, 2) == -0.13
