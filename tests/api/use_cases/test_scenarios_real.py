"""The crises of which there are real bars beside the checkout: March 2020, and the hours of 6 May 2010."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.lean import lean_folder
from adapters.feeds.files.leases import no_leases
from adapters.feeds.files.parsed import in_batches
from adapters.lake.calendar import xnys_calendar
from adapters.lake.domains.factors import FACTORS
from adapters.lake.facts.store import FactStore
from api.scenario_parts import FolderBench, named_scenario, scenario_request
from api.settings import Settings
from api.use_cases.scenarios import ScenarioReport, scenario_report
from policies.scenario import Scenario
from tests.adapters.feeds.files.lean_writing import daily_zip, shared_folder
from tests.adapters.lake.views.holding import clock, held

UNIVERSE = ("AAPL", "AIG", "BAC", "IBM")
pytestmark = pytest.mark.shared_data


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Settings:
    """An installation whose lake has daily bars to 2021, the index, and the hours of the crashes."""
    root = tmp_path_factory.mktemp("crises")
    folder = shared_folder(shared_data, root / "lean", UNIVERSE)
    hours = pl.read_parquet(shared_data / "a8_hour_crash_windows.parquet")
    for ticker in UNIVERSE:
        daily_zip(folder, ticker, hours.filter(pl.col("file_symbol") == ticker), "ts", "hour")
    store = FactStore(root / "lake", clock)
    for part in in_batches(lean_folder(folder, no_leases())):
        store.ingested(part.domain, part.facts, part.source, part.rejected)
    levels = (
        pl.read_parquet(shared_data / "a5_adjclose_20_plus_sp500_wide.parquet").select("date", "SP500").drop_nulls()
    )
    calendar = xnys_calendar(date(2008, 1, 2), date(2021, 3, 31))
    days = {day.date() if hasattr(day, "date") else day: level for day, level in levels.iter_rows()}
    closes = dict(zip(calendar.session_ons, calendar.closed_at, strict=True))
    rows = [
        {"factor": "sp500", "period_on": day, "value": days[day], "unit": "points", "event_at": at, "known_at": at}
        for day, at in closes.items()
        if day in days
    ]
    held(store, FACTORS, rows)
    return Settings(home=root / "home", lake=root / "lake", universe=UNIVERSE)


def told(settings: Settings, scenario: Scenario) -> ScenarioReport:
    request = scenario_request(settings, scenario, by_rule=False)
    return scenario_report(request, FolderBench(settings), lambda *_: None)


def test_march_2020_through_the_live_policy(settings: Settings) -> None:
    """SCN-01, on real bars of four shares."""
    scenario = named_scenario("covid-2020").model_copy(update={"last_on": date(2020, 3, 12), "lead_sessions": 6})
    path = told(settings, scenario).paths[0]
    assert round(path.index_return_frac, 3) == -0.264
    assert {"daily-loss", "daily-move", "price-collar"} & {row.rule for row in path.guardrails}
    assert path.guarded.return_frac < 0.0


def test_the_hours_of_6_may_2010_are_judged_one_by_one(settings: Settings) -> None:
    """SCN-01: nothing is sent; each hour's purchase and sale meet the live order plan."""
    scenario = named_scenario("flash-crash-2010")
    near = scenario.model_copy(update={"first_on": date(2010, 5, 6), "last_on": date(2010, 5, 7), "lead_sessions": 5})
    hours = told(replace(settings), near).hours
    assert {row.symbol for row in hours} == {"AAPL", "AIG", "BAC"}  # there are no hours of IBM of that day
    assert min(row.move_frac for row in hours) < -0.04
    wild = [row for row in hours if abs(row.move_frac) > 0.08]
    assert all("daily-move" in row.buy_rules for row in wild)
    assert {row.buy for row in hours} <= {"act", "hold", "deny"}
