"""ENG-07: what would change a pick, confirmed by running again what decides it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from api.use_cases.service import Service
from api.use_cases.signal_changes import selection_change
from api.use_cases.signal_desk import SignalDesk
from api.use_cases.signal_join import Joined, joined
from api.use_cases.signal_sources import upstreams
from governance.gate_counterfactual import GateChange
from nodes.kernels.arrays import array
from nodes.kernels.cross_section import highest
from tests.api.use_cases.signal_plans import plan_record


@pytest.fixture(scope="module")
def found(signal_service: Service) -> Joined:
    with signal_service.store.reader() as reader:
        return joined(signal_service, reader, plan_record(signal_service), upstreams(signal_service))


def chosen(found: Joined, symbol: str, score: float) -> bool:
    """Whether the plan would choose a share at a score."""
    values, names = found.recorded.values, list(found.plan.rows)
    scores = np.where(values["is_eligible"].to_numpy(), array(values["composite_score"]), np.nan)
    scores[names.index(symbol)] = score
    return bool(highest(scores, names, found.recorded.plan.params["n_selected"])[names.index(symbol)])


@pytest.mark.parametrize("symbol", ["AAPL", "GOOG", "IBM", "MSFT"])
def test_the_score_that_changes_the_choice_is_exact(found: Joined, symbol: str) -> None:
    change = selection_change(found, symbol)
    assert change is not None
    was_in = chosen(found, symbol, change.recorded)
    assert chosen(found, symbol, change.needed) is not was_in
    assert chosen(found, symbol, change.fails_at) is was_in
    assert change.fails_at in {math.nextafter(change.needed, math.inf), math.nextafter(change.needed, -math.inf)}
    assert change.verdict == ("not selected" if was_in else "selected")


def test_a_share_without_a_score_has_no_such_change(found: Joined) -> None:
    assert selection_change(found, "FB") is None
    assert selection_change(found, "NONE") is None


def changes(service: Service, symbol: str) -> tuple[GateChange, ...]:
    desk = SignalDesk(service, upstreams(service))
    with service.store.reader() as reader:
        return desk.changes(reader, plan_record(service), symbol)


def test_a_shown_pick_is_told_what_would_hold_it_back(signal_service: Service) -> None:
    found = {change.input: change for change in changes(signal_service, "AAPL")}
    assert found["fitness_frac"].verdict == "deny"
    assert found["fitness_frac"].fails_at == 0.5
    assert found["bar_age_sessions"].needed == 1
    assert not any(isinstance(change.recorded, bool) for change in found.values())


def test_a_pick_that_is_held_back_is_told_what_would_show_it(signal_service: Service) -> None:
    score, fitness = changes(signal_service, "IBM")
    assert score.input == "composite_score"
    assert (fitness.input, fitness.needed, fitness.action) == ("fitness_frac", 0.5, "act")


def test_a_share_that_the_plan_lets_be_is_told_what_would_bring_it_in(signal_service: Service) -> None:
    (change,) = changes(signal_service, "MSFT")
    assert change.verdict == "selected"
    assert change.needed > change.recorded
    assert changes(signal_service, "FB") == ()
