from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from dataflows.engine.plan import Plan
from dataflows.engine.run import Runner
from dataflows.gates import compiled_gate, gate_snapshot
from dataflows.research.verdict import Verdict, verdict
from policies.parse import parsed_policy

SHIPPED = Path(__file__).resolve().parents[3] / "policies" / "promotion" / "us-equities" / "v1.yaml"
GOOD: dict[str, Any] = {
    "family": "small v1",
    "spa_p_frac": 0.01,
    "dsr_frac": 0.99,
    "pbo_frac": 0.05,
    "n_trials": 12,
    "ledger_trials_count": 12,
    "oos_sessions": 1000,
    "oos_sharpe_score": 1.5,
    "oos_max_drawdown_frac": 0.1,
}


@lru_cache(maxsize=1)
def _plan() -> Plan:
    return compiled_gate(parsed_policy(SHIPPED.read_bytes(), SHIPPED.name))


def _verdict(**changes: Any) -> Verdict:
    plan = _plan()
    runner = Runner(plan, "research/test", b"", is_salted=False)
    snapshot = gate_snapshot(plan.dataflow, {**GOOD, **changes})
    return verdict(plan, runner.gate(snapshot, datetime(2026, 11, 23, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "significant"),
        ({"spa_p_frac": 0.5}, "undecided"),
        ({"spa_p_frac": None}, "undecided"),
        ({"spa_p_frac": 0.5, "dsr_frac": 0.5}, "undecided"),
        ({"spa_p_frac": 0.5, "dsr_frac": 0.5, "pbo_frac": 0.5}, "luck"),
        ({"oos_max_drawdown_frac": 0.5}, "held"),
        ({"ledger_trials_count": 13}, "held"),
        ({"oos_sharpe_score": 0.1}, "held"),
    ],
)
def test_the_word_follows_from_the_gates(changes: dict[str, Any], word: str) -> None:
    assert _verdict(**changes).word == word


def test_the_sentence_says_how_many_tests_said_no_and_why() -> None:
    said = _verdict(spa_p_frac=0.5, dsr_frac=0.5)
    assert said.headline == "Not distinguishable from luck"
    assert said.sentence.startswith("Two of the 3 tests that tell skill from luck said no.")
    assert said.sentence.endswith("It is not traded.")


def test_a_model_that_is_kept_out_for_another_reason_is_not_called_luck() -> None:
    said = _verdict(oos_max_drawdown_frac=0.5)
    assert said.headline == "Significant, and held back"
    assert "more than we could bear" in said.sentence
