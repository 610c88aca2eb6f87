from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from dataflows.research.trials import Fit, chance_seed, recorded_trials
from nodes.vocabulary.errors import DataError
from tests.dataflows.research.small import MemoryLedger, Row, Stand, small_design

ROOT = Path(__file__).resolve().parents[3]
DATA = b"d" * 32


def test_every_trial_of_a_study_is_in_the_ledger_before_it_can_be_fitted() -> None:
    """SIG-02, SIG-05: the count of trials is what was written down, not what somebody remembers."""
    ledger = MemoryLedger()
    trials = recorded_trials(ledger, "one", small_design(), DATA)
    assert [(trial.model, trial.place, trial.number) for trial in trials] == [("linear", 0, 1), ("linear", 1, 2)]
    assert ledger.state.n_trials == 2


def test_the_same_study_again_is_no_new_trial_and_another_one_is() -> None:
    ledger = MemoryLedger()
    recorded_trials(ledger, "one", small_design(), DATA)
    recorded_trials(ledger, "two", small_design(), DATA)
    assert ledger.state.n_trials == 2
    recorded_trials(ledger, "three", small_design(upper_barrier_score="2.0"), DATA)
    recorded_trials(ledger, "four", small_design(), b"e" * 32)
    assert ledger.state.n_trials == 6


class Forgetful:
    def all_recorded(self, study: str, settings: Iterable[Mapping[str, Any]]) -> Sequence[Row]:
        return [Row(1, study.encode()) for _ in list(settings)[1:]]

    @property
    def state(self) -> Stand:
        return Stand(0)


def test_a_ledger_that_leaves_a_trial_out_ends_the_study() -> None:
    with pytest.raises(DataError, match="recorded 1 of 2 trials"):
        recorded_trials(Forgetful(), "one", small_design(), DATA)


def test_the_key_of_a_fit_changes_with_all_that_it_follows_from() -> None:
    first, second = recorded_trials(MemoryLedger(), "one", small_design(), DATA)
    fits = [
        Fit(first, 0, {"l2": 1.0}, 1),
        Fit(second, 0, {"l2": 1.0}, 1),
        Fit(first, 1, {"l2": 1.0}, 1),
        Fit(first, 0, {"l2": 2.0}, 1),
        Fit(first, 0, {"l2": 1.0}, 2),
    ]
    assert len({fit.key for fit in fits}) == len(fits)
    assert fits[0].key == Fit(first, 0, {"l2": 1.0}, 1).key


def test_seeds_of_neighbours_are_unrelated_and_always_the_same() -> None:
    assert len({chance_seed(1, place) for place in range(100)}) == 100
    assert chance_seed(1, 2) == chance_seed(1, 2)


def test_one_place_of_a_study_makes_models() -> None:
    """SIG-05: whoever fits elsewhere in research could forget to write it down."""
    found = set()
    for folder in ("dataflows/research", "adapters/research"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "fitted":
                    found.add(path.relative_to(ROOT).as_posix())
    assert found == {"dataflows/research/fitting.py"}
