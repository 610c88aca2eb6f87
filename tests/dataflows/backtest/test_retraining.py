"""When a backtest trains, and what a training may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.calendar import xnys_calendar
from dataflows.backtest.retraining import Retraining, retraining_of, stretches, studied
from dataflows.features import FeatureSnapshot
from nodes.vocabulary.errors import DataError, PolicyError
from nodes.vocabulary.units import Panel

SHIPPED = Path(__file__).resolve().parents[3] / "policies" / "retraining" / "us-equities" / "v1.yaml"
STUDIES = SHIPPED.parents[2] / "research" / "us-equities"
CALENDAR = xnys_calendar(date(2012, 1, 3), date(2012, 12, 31))
SESSIONS = CALENDAR.session_ons


def retraining_text(
    study: str = "us-equities-research v1",
    gate: str = "promotion-us-equities v1",
    every: int = 252,
    embargo: int = 5,
    window: int = 0,
) -> str:
    """The shipped policy with other values."""
    values = {
        "retraining_study": study,
        "retraining_gate": gate,
        "retraining_sessions": every,
        "retraining_embargo_sessions": embargo,
        "retraining_window_sessions": window,
    }
    lines = [line for line in SHIPPED.read_text(encoding="utf-8").splitlines() if not line.startswith("  retraining_")]
    at = lines.index("params:") + 1
    return "\n".join([*lines[:at], *(f"  {name}: {value}" for name, value in values.items()), *lines[at:]]) + "\n"


def retraining(every: int = 20, embargo: int = 5, window: int = 0) -> Retraining:
    return retraining_of(retraining_text(every=every, embargo=embargo, window=window).encode(), "v1.yaml")


def snapshot() -> FeatureSnapshot:
    days = pl.Series("session_on", [*SESSIONS[:100], *SESSIONS[:100]])
    panel = pl.DataFrame({"symbol": ["A"] * 100 + ["B"] * 100, "session_on": days})
    return FeatureSnapshot(Panel(panel), Panel(pl.DataFrame({"session_on": SESSIONS[:100]})), SESSIONS[99])


def test_the_shipped_policy_names_a_study_and_a_gate_that_ship() -> None:
    found = retraining_of(SHIPPED.read_bytes(), "v1.yaml")
    assert (found.name, found.study, found.gate) == (
        "us-equities-retraining v1",
        "us-equities-research v1",
        "promotion-us-equities v1",
    )
    assert (found.every_sessions, found.embargo_sessions, found.window_sessions) == (252, 5, 0)
    assert (STUDIES / "v1.yaml").read_text(encoding="utf-8").startswith("policy: us-equities-research\nversion: 1\n")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"every": 0}, "retraining_sessions was 0, expected a whole number from 1"),
        ({"embargo": -1}, "retraining_embargo_sessions was -1"),
        ({"study": "7"}, "retraining_study was 7, expected a word"),
    ],
)
def test_what_cannot_be_is_a_fault_with_its_mend(changes: dict[str, int | str], said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        retraining_of(retraining_text(**changes).encode(), "v1.yaml")  # type: ignore[arg-type]  # of either type


def test_stretches_follow_one_another_and_each_study_ends_an_embargo_before_its_training() -> None:
    """ML-01: between the last session that a study sees and the first that it scores lies the embargo."""
    found = stretches(retraining(), SESSIONS[50:95], CALENDAR)
    assert [day for each in found for day in each.sessions] == list(SESSIONS[50:95])
    assert [len(each.sessions) for each in found] == [20, 20, 5]
    assert [(each.number, each.trained_on, each.studied_to) for each in found] == [
        (1, SESSIONS[49], SESSIONS[44]),
        (2, SESSIONS[69], SESSIONS[64]),
        (3, SESSIONS[89], SESSIONS[84]),
    ]


def test_without_an_embargo_a_study_sees_the_close_at_which_it_runs() -> None:
    (found,) = stretches(retraining(embargo=0), SESSIONS[50:55], CALENDAR)
    assert found.studied_to == found.trained_on == SESSIONS[49]


def test_nothing_can_be_trained_before_the_first_session() -> None:
    with pytest.raises(DataError, match="nothing can be trained before it"):
        stretches(retraining(), SESSIONS[:5], CALENDAR)


def test_a_study_sees_its_window_and_nothing_later() -> None:
    (stretch,) = stretches(retraining(window=10), SESSIONS[50:55], CALENDAR)
    found = studied(snapshot(), retraining(window=10), stretch)
    assert found.session_on == SESSIONS[44]
    for frame in (found.panel, found.index_panel):
        assert sorted(set(frame["session_on"].to_list())) == list(SESSIONS[35:45])
    whole = studied(snapshot(), retraining(), stretch)
    assert sorted(set(whole.panel["session_on"].to_list())) == list(SESSIONS[:45])


def test_a_study_of_nothing_is_refused() -> None:
    (stretch,) = stretches(retraining(), SESSIONS[50:55], CALENDAR)
    empty = replace(snapshot(), panel=Panel(snapshot().panel.clear()))
    with pytest.raises(DataError, match="nothing was known by"):
        studied(empty, retraining(), stretch)
