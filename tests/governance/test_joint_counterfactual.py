"""Several inputs change together as little as can be, and none of them can be taken a step back by itself."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest

from dataflows.engine.decision import Decision
from governance.counterfactual import Finding, Question, answered, finding_from_bytes, found
from governance.input_bounds import Bound, input_bounds
from governance.joint_counterfactual import Direction, JointChange, direction, joint_change
from governance.rebuilding import RunRequest
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.instants import EPOCH
from nodes.vocabulary.verdict import Action, Verdict
from tests.governance.proof_examples import QUIET, generation, text


def asked(n_inputs: int, *rule_ids: str, **inputs: Any) -> Question:
    run = RunRequest("order", "research/test", b"", dict(QUIET) | inputs, EPOCH, (), None)
    plans = generation()
    return Question(text(), plans.session.manifest, plans.order.manifest, run, rule_ids, n_inputs)


def together(n_inputs: int, *rule_ids: str, **inputs: Any) -> JointChange:
    plan = generation().order
    finding = found(plan, asked(n_inputs, *rule_ids, **inputs), input_bounds(generation()))
    assert finding.together is not None
    return finding.together


@pytest.fixture(scope="module")
def two_rules() -> JointChange:
    return together(2, "daily-move", "opening-gap", daily_return_frac=0.09, overnight_gap_frac=0.07)


def test_two_rules_that_speak_are_quieted_by_two_inputs_together(two_rules: JointChange) -> None:
    """ENG-07: one input alone cannot, as each rule reads another one."""
    needed = {part.input: part.needed for part in two_rules.parts}
    assert needed == {"daily_return_frac": 0.08, "overnight_gap_frac": 0.06}
    assert (two_rules.action, two_rules.verdict) == ("act", "pass")


def test_no_part_can_be_taken_one_step_back(two_rules: JointChange) -> None:
    for part in two_rules.parts:
        assert part.fails_at == math.nextafter(part.needed, math.inf)


def test_parts_are_measured_by_the_width_of_contracts(two_rules: JointChange) -> None:
    bounds = input_bounds(generation())
    for part in two_rules.parts:
        width = bounds[part.input].width
        assert width is not None
        assert part.range_frac == pytest.approx(abs(part.needed - part.recorded) / width)
    assert two_rules.distance == pytest.approx(math.hypot(*(part.range_frac for part in two_rules.parts)))


def test_one_input_is_enough_where_one_is() -> None:
    found_change = together(2, "stale-bar", bar_age_sessions=2)
    assert [(part.input, part.needed, part.fails_at) for part in found_change.parts] == [("bar_age_sessions", 0, 1)]


def test_several_inputs_are_sought_only_where_they_are_asked_for() -> None:
    finding = found(generation().order, asked(1, "stale-bar", bar_age_sessions=2))
    assert finding.together is None


def test_what_a_flag_alone_decides_no_numbers_change() -> None:
    assert found(generation().order, asked(2, "kill-switch", kill_switch_is_engaged=True)).together is None


def test_a_finding_of_several_inputs_comes_back_from_a_child(two_rules: JointChange) -> None:
    question = asked(2, "daily-move", "opening-gap", daily_return_frac=0.09, overnight_gap_frac=0.07)
    told = finding_from_bytes(answered(encode(question)))
    assert isinstance(told, Finding)
    assert told.together == two_rules


def test_rays_reach_what_lies_between_the_axes() -> None:
    """A circle around the recorded point is reached at its radius, whichever way."""
    both = [Direction(name, "Frac", 0.0, None, Bound(-1.0, 1.0, "contract"), keeps_sign=False) for name in "ab"]
    change = joint_change(both, 2, _decision_of(lambda a, b: a + b >= 0.5), lambda other: other.action is Action.ACT)
    assert change is not None
    assert sum(part.needed for part in change.parts) == pytest.approx(0.5)
    assert change.distance <= 0.25 + 1e-9


def _decision_of(holds: Any) -> Any:
    def decision(changed: dict[str, float]) -> Decision:
        is_wanted = holds(changed.get("a", 0.0), changed.get("b", 0.0))
        return Decision(Verdict.PASS, Action.ACT if is_wanted else Action.DENY, 1, (), ())

    return decision


def test_nothing_is_found_where_no_change_does_it() -> None:
    only = Direction("a", "Count", 3, 1, Bound(0, 9, "unit"), keeps_sign=False)
    assert (
        joint_change([only], 3, _decision_of(lambda a, b: a > b > a), lambda other: other.action is Action.ACT) is None
    )


@pytest.mark.parametrize(
    ("recorded", "step", "is_one"),
    [(3, 1, True), (Decimal("1.5"), Decimal("0.01"), True), (True, 1, False), ("x", 1, False), (math.inf, 1, False)],
)
def test_only_finite_numbers_can_be_moved(recorded: Any, step: Any, is_one: bool) -> None:  # noqa: FBT001  # a parameter of the test
    assert (direction("a", "Count", recorded, step, None) is not None) is is_one


def test_an_order_keeps_its_side_and_a_broken_bound_binds_nothing() -> None:
    size = direction("proposed_order_shares", "Shares", -400, 1, Bound(-(2**53), 2**53, "unit"))
    assert size is not None
    assert size.at(2.0) is None
    assert size.at(-0.5) == -600
    beyond = direction("a", "Count", 20, 1, Bound(0, 9, "contract"))
    assert beyond is not None
    assert beyond.bound is None
    assert beyond.at(math.inf) is None
