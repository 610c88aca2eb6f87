"""ENG-07: the smallest change of one input that turns a gate, verified by running it."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dataflows.engine.run import GateRun, Runner
from dataflows.gates import compiled_gate
from dataflows.signals import PickSnapshot
from governance.gate_counterfactual import GateChange, gate_changes
from nodes.vocabulary.verdict import Action
from policies.parse import parsed_policy

POLICY = Path(__file__).parents[2] / "policies" / "picks" / "us-equities" / "v1.yaml"
AT = datetime(2026, 3, 2, 21, tzinfo=UTC)
KNOWN: dict[str, Any] = {
    "symbol": "IBM",
    "is_lowering": False,
    "fitness_frac": 0.8,
    "known_frac": 0.9,
    "forecast_support_frac": 0.01,
    "tone_support_score": 0.1,
    "bad_day_loss_frac": 0.01,
    "book_volatility_frac": 0.012,
    "bar_age_sessions": 0,
    "texts_are_told": True,
    "halts_are_told": True,
    "is_halted": False,
    "events_are_told": True,
    "next_event_sessions": 3,
}


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner(compiled_gate(parsed_policy(POLICY.read_bytes(), str(POLICY))), "test", b"environment")


def is_denied(run: GateRun) -> bool:
    return run.action is Action.DENY


def is_shown(run: GateRun) -> bool:
    return run.action is not Action.DENY


def by_input(changes: tuple[GateChange, ...]) -> dict[str, GateChange]:
    return {change.input: change for change in changes}


def test_the_known_values_are_all_that_a_gate_reads() -> None:
    assert set(KNOWN) == {each.name for each in fields(PickSnapshot)}


def test_a_gate_that_lets_in_is_turned_by_the_nearest_value_of_each_input(runner: Runner) -> None:
    found = by_input(gate_changes(runner, KNOWN, AT, KNOWN, is_denied))
    assert (found["fitness_frac"].needed, found["fitness_frac"].fails_at) == (0.49999999999999994, 0.5)
    assert (found["next_event_sessions"].needed, found["next_event_sessions"].fails_at) == (2, 3)
    assert found["is_halted"].needed is True
    assert {"symbol", "bad_day_loss_frac", "forecast_support_frac"}.isdisjoint(found)


def test_a_gate_that_denies_is_turned_back(runner: Runner) -> None:
    (change,) = gate_changes(runner, {**KNOWN, "fitness_frac": 0.3}, AT, ("fitness_frac", "known_frac"), is_shown)
    assert (change.input, change.needed, change.verdict, change.action) == ("fitness_frac", 0.5, "pass", "act")


@pytest.mark.parametrize("name", ["fitness_frac", "known_frac", "next_event_sessions", "bar_age_sessions"])
def test_running_the_gate_confirms_both_neighbours(runner: Runner, name: str) -> None:
    (change,) = gate_changes(runner, KNOWN, AT, (name,), is_denied)
    at = [runner.gate(PickSnapshot(**{**KNOWN, name: value}), AT) for value in (change.needed, change.fails_at)]
    assert [is_denied(run) for run in at] == [True, False]


def test_the_least_change_of_its_own_size_comes_first(runner: Runner) -> None:
    names = ("next_event_sessions", "known_frac", "fitness_frac")
    found = gate_changes(runner, {**KNOWN, "next_event_sessions": 40}, AT, names, is_denied)
    assert [change.input for change in found] == ["known_frac", "fitness_frac", "next_event_sessions"]


def test_what_is_not_known_cannot_be_changed(runner: Runner) -> None:
    known = {**KNOWN, "fitness_frac": None}
    assert not gate_changes(runner, known, AT, ("fitness_frac",), is_shown)
