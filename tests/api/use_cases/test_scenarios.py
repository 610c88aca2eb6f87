"""Scenarios through the live plans: pinned, deterministic, halted at the limit, each figure in a log that replays."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.use_cases.replaying import replayed
from api.use_cases.scenarios import ScenarioReport
from dataflows.engine.recorded import recorded_run
from governance.entries import EntryKind
from governance.replay import ReplayOutcome
from nodes.vocabulary.errors import DataError
from tests.api.scenario_reports import LIMIT_FRAC, TEXT, october

DRAWN = b"""scenario: drawn
version: 1
title: Days of 2008
owner: tests
why: the draws
basis: hypothetical
first_on: 2012-02-01
last_on: 2012-02-03
lead_sessions: 2
changes: [{kind: bootstrap, drawn_from: 2008-09-02, drawn_to: 2008-12-31, n_paths: 2, seed: 1}]
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("october") / "kept"


@pytest.fixture(scope="module")
def report(lake: Lake, kept: Path) -> ScenarioReport:
    return october(lake, kept)


def inputs(reader: Any, facts: Any) -> Any:
    """What an order run read and computed, from its archived trace."""
    return recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["order_manifest_ref"])).values


def test_the_outcome_of_october_2008_is_pinned(report: ScenarioReport) -> None:
    """SCN-01. A difference here is a difference in what the policy would have done."""
    path = report.paths[0]
    assert (report.basis, report.n_sessions, str(report.lead_on)) == ("real", 15, "2008-09-17")
    assert (round(path.index_return_frac, 3), round(path.guarded.return_frac, 3)) == (-0.181, -0.176)
    assert [(row.rule, row.n_orders, str(row.first_on)) for row in path.guardrails[:5]] == [
        ("daily-loss", 2, "2008-10-07"),
        ("daily-move", 1, "2008-10-07"),
        ("price-collar", 7, "2008-10-07"),
        ("cost", 14, "2008-10-07"),
        ("drawdown", 4, "2008-10-08"),
    ]
    assert [str(day) for day in path.halts["drawdown"]] == ["2008-10-08", "2008-10-09", "2008-10-10", "2008-10-21"]


def test_a_rule_that_changed_no_order_saved_nothing(report: ScenarioReport) -> None:
    rows = report.paths[0].guardrails
    assert all(row.saved_usd == 0 for row in rows if row.n_changed == 0)
    assert any(row.saved_usd != 0 for row in rows)
    assert {row.saved_usd for row in rows if row.verdict == "warn"} == {Decimal(0)}


def test_the_whole_is_what_the_run_without_any_rule_lacks(report: ScenarioReport) -> None:
    path = report.paths[0]
    assert path.saved_usd == path.guarded.end_usd - path.bare.end_usd
    assert path.bare.n_denied == 0
    assert (path.sessions[-1].equity_usd, path.sessions[-1].bare_usd) == (path.guarded.end_usd, path.bare.end_usd)


def test_no_new_risk_is_taken_beyond_the_drawdown_limit_and_a_replay_says_the_same(
    report: ScenarioReport, kept: Path
) -> None:
    """GOV-04: the halt begins at the first close beyond the limit, and the decision replays bit for bit."""
    folder = log_folder_to_read(kept)
    with folder.store.reader() as reader:
        records = list(reader.of_kind(EntryKind.DECISION))
        seen = [(record, inputs(reader, record.entry.facts)) for record in records]
    beyond = [(record, values) for record, values in seen if values["account_drawdown_frac"] > LIMIT_FRAC]
    assert beyond
    increasing = [record for record, values in beyond if not values["order_reduces_risk"]]
    assert {record.entry.facts["action"] for record in increasing} == {"deny"}
    halted = [record for record, _ in seen if "drawdown" in record.entry.facts["reasons"]]
    assert halted == increasing
    assert [report.outcome for report in replayed(folder.store, halted[:1])] == [ReplayOutcome.IDENTICAL]
    assert report.paths[0].halts["drawdown"][0] == halted[0].entry.facts["session_on"]


def test_the_log_of_a_scenario_verifies_to_the_last_byte(report: ScenarioReport, kept: Path) -> None:
    assert report.n_sessions
    assert log_folder_to_read(kept).verification().is_intact


def test_drawn_paths_differ_from_one_another_and_are_the_same_again(lake: Lake, tmp_path: Path) -> None:
    """SCN-01: deterministic."""
    first, second = (october(lake, tmp_path / name, DRAWN, by_rule=False) for name in ("one", "two"))
    assert first == second
    assert [path.number for path in first.paths] == [1, 2]
    assert first.paths[0].index_return_frac != first.paths[1].index_return_frac
    assert {path.start_usd for path in first.paths} == {first.paths[0].start_usd}


def test_a_lake_that_does_not_cover_the_span_is_refused(lake: Lake, tmp_path: Path) -> None:
    early = TEXT.replace(b"2008-10-01", b"2020-03-02").replace(b"2008-10-21", b"2020-03-31")
    with pytest.raises(DataError, match="bars go from 2000-03-01 to 2013-03-01, ask for sessions between them"):
        october(lake, tmp_path / "kept", early)
