"""What is told of a real decision, put in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.archived_code import COUNTERFACTUALS, ChildProcess
from adapters.lake.lake import bundled_lake
from adapters.log_folder import log_folder_to_read
from api.http.schemas.why_not import WhyNotView, why_not_view
from api.use_cases.finding import DecisionFilter, newest_decisions
from api.use_cases.why_not import why_not
from tests.api.use_cases.homes import FIRST_ON, run_home


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_home(tmp_path_factory.mktemp("words") / "home", bundled_lake(), FIRST_ON)


def view(ran: Path, verdict: str) -> WhyNotView:
    with log_folder_to_read(ran).store.reader() as reader:
        record = next(newest_decisions(reader, DecisionFilter(verdict=verdict)))
        return why_not_view(why_not(reader, record, ChildProcess(COUNTERFACTUALS)))


def test_the_summary_names_the_rules_and_the_size_that_would_do(ran: Path) -> None:
    found = view(ran, "clip")
    assert found.to_pass is not None
    assert all(rule.rule in found.summary for rule in found.rules)
    assert f"with an order of {int(found.to_pass.needed.exact):,} shares no rule would have spoken" in found.summary


def test_a_change_is_told_so_that_its_neighbour_looks_different(ran: Path) -> None:
    for rule in view(ran, "clip").rules:
        for change in rule.changes:
            assert change.needed.text != change.fails_at.text
            assert change.needed.text != change.recorded.text
