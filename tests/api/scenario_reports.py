"""A scenario that runs in seconds, and its report: three weeks of October 2008 under a drawdown limit of a fifth."""

from __future__ import annotations

from pathlib import Path

from adapters.lake.lake import Lake
from api.scenario_parts import FolderBench
from api.settings import SHIPPED_POLICY, Settings
from api.use_cases.scenarios import ScenarioReport, ScenarioRequest, scenario_report
from policies.scenario import parsed_scenario

LIMIT_FRAC = 0.2
TEXT = b"""scenario: october-2008
version: 1
title: Three weeks of October 2008
owner: tests
why: a replay that takes seconds
basis: real
first_on: 2008-10-01
last_on: 2008-10-21
lead_sessions: 10
"""
POLICY = SHIPPED_POLICY.read_bytes().replace(
    b"max_account_drawdown_frac: 0.30", f"max_account_drawdown_frac: {LIMIT_FRAC}".encode()
)


def october(lake: Lake, kept: Path, text: bytes = TEXT, *, by_rule: bool = True) -> ScenarioReport:
    """The report of a scenario under the stricter policy; the log of the run stays in a folder."""
    settings = Settings(home=kept.parent / "home")
    request = ScenarioRequest(
        parsed_scenario(text, "october.yaml"), POLICY, "v1.yaml", lake, "demo", settings.opening_cash_usd, by_rule
    )
    return scenario_report(request, FolderBench(settings, kept), lambda *_: None)
