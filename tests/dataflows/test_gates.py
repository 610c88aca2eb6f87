"""Gates as dataflows: scalars in, a truth table and a verdict out, a trace with a digest."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dataflows.engine.dataflow import Kind
from dataflows.engine.run import Runner
from dataflows.gates import GATES, PROMOTION, compiled_gate, gate_snapshot
from nodes.vocabulary.verdict import Action, Outcome
from policies.parse import parsed_policy

AT = datetime(2026, 11, 23, tzinfo=UTC)
GOOD = {
    "family": "meta-label v1",
    "spa_p_frac": 0.01,
    "dsr_frac": 0.97,
    "pbo_frac": 0.05,
    "n_trials": 3,
    "ledger_trials_count": 3,
    "oos_sessions": 1000,
    "oos_sharpe_score": 1.2,
    "oos_max_drawdown_frac": 0.1,
}


@pytest.fixture(scope="module")
def runner() -> Runner:
    file = Path("policies/promotion/us-equities/v1.yaml")
    return Runner(compiled_gate(parsed_policy(file.read_bytes(), str(file))), "paper", b"", is_salted=True)


def test_a_gate_that_lets_in_says_so_with_its_whole_truth_table(runner: Runner) -> None:
    run = runner.gate(gate_snapshot(PROMOTION, GOOD), AT, (), b"k" * 32)
    assert (run.action, {rule.outcome for rule in run.rules}, run.failed) == (Action.ACT, {Outcome.HOLDS}, ())
    assert len(run.rules) == 7


def test_every_rule_is_judged_and_the_gravest_wins(runner: Runner) -> None:
    run = runner.gate(gate_snapshot(PROMOTION, {**GOOD, "oos_sharpe_score": 0.1, "pbo_frac": 0.9}), AT, (), b"k" * 32)
    assert [rule.rule_id for rule in run.failed] == ["overfitting", "worth-the-cost"]
    assert run.action is Action.DENY


def test_what_is_not_known_is_unknown_and_denies(runner: Runner) -> None:
    run = runner.gate(gate_snapshot(PROMOTION, {}), AT, (), b"k" * 32)
    assert {rule.outcome for rule in run.rules} == {Outcome.UNKNOWN}
    assert run.action is Action.DENY


def test_a_trace_follows_from_what_was_judged(runner: Runner) -> None:
    again, same, other = (
        runner.gate(gate_snapshot(PROMOTION, {**GOOD, "n_trials": number}), AT, (), b"k" * 32).trace.digest
        for number in (3, 3, 4)
    )
    assert again == same != other


def test_every_gate_is_of_its_kind_and_named_as_policies_name_it() -> None:
    assert {name: dataflow.kind for name, dataflow in GATES.items()} == dict.fromkeys(
        ("promotion", "watch", "shadow", "portfolio", "borrow", "picks"), Kind.GATE
    )
