"""A run depends on its snapshot alone: not on the caller's decimal context, not on what ran before."""

from __future__ import annotations

import decimal
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dataflows.engine.run import Runner
from tests.dataflows.engine import tiny

AS_OF = datetime(2020, 1, 1, tzinfo=UTC)
RUNNER = Runner(tiny.generation().order, "research/test", b"")


@pytest.mark.parametrize("close", [Decimal("50.005"), Decimal("1E-20"), None])
def test_the_callers_decimal_context_does_not_reach_a_node(close: Decimal | None) -> None:
    plain = RUNNER.order(tiny.order(close=close), AS_OF).trace.digest
    with decimal.localcontext(prec=3, rounding=decimal.ROUND_DOWN):
        assert RUNNER.order(tiny.order(close=close), AS_OF).trace.digest == plain


def test_values_name_every_node_and_policy_value() -> None:
    run = RUNNER.order(tiny.order(), AS_OF)
    assert set(run.values) == {node.name for node in RUNNER.plan.nodes}
    assert run.values is run.proposed


def test_a_clipped_run_keeps_both_sizes() -> None:
    run = RUNNER.order(tiny.order(proposed=6000, close=Decimal(1)), AS_OF)
    assert (run.proposed["order_shares"], run.values["order_shares"]) == (6000, 5000)
    assert (run.proposed["order_notional_usd"], run.values["order_notional_usd"]) == (Decimal(6000), Decimal(5000))


def test_running_again_gives_the_same_digest_and_another_instant_another() -> None:
    first, second = (RUNNER.order(tiny.order(), AS_OF).trace.digest for _ in range(2))
    later = RUNNER.order(tiny.order(), AS_OF.replace(year=2021)).trace.digest
    assert first == second != later


def test_the_origin_and_the_environment_are_in_the_digest() -> None:
    plan = tiny.generation().order
    runners = (RUNNER, Runner(plan, "paper", b""), Runner(plan, "research/test", b"elsewhere"))
    assert len({runner.order(tiny.order(), AS_OF).trace.digest for runner in runners}) == 3


def test_the_digest_alone_is_the_digest_of_the_run() -> None:
    assert RUNNER.digest(tiny.order(), AS_OF) == RUNNER.order(tiny.order(), AS_OF).trace.digest
