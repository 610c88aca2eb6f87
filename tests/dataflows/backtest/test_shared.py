"""What session runs have in common, on a plan of the shipped policy."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dataflows.backtest.shared import SharedSessions, account_nodes
from dataflows.engine.compile import compiled_strategy, installed_strategy
from dataflows.engine.plan import Plan
from nodes.vocabulary.errors import DataError
from policies.parse import parsed_policy

POLICY = Path(__file__).parents[3] / "policies" / "us-equities" / "v1.yaml"


@pytest.fixture(scope="module")
def plan() -> Plan:
    parsed = parsed_policy(POLICY.read_bytes(), "v1.yaml")
    return compiled_strategy(parsed, installed_strategy("us-equities")).session


def test_only_what_reads_the_account_is_computed_again(plan: Plan) -> None:
    names = {node.name for node in account_nodes(plan)}
    assert {"positions", "equity_usd", "position_shares", "target_shares", "candidate_order_shares"} <= names
    assert not names & {"target_weight_frac", "composite_score", "last_close_usd", "return_covariance", "panel"}


def test_a_session_that_was_not_kept_is_refused(plan: Plan) -> None:
    shared = SharedSessions(plan)
    assert len(shared) == 0
    assert not shared.has(date(2013, 1, 2))
    with pytest.raises(DataError, match="session 2013-01-02 was not run before"):
        shared.run(date(2013, 1, 2), {})
