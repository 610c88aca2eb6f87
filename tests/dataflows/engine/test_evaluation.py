"""Absence propagates with its first cause, and nothing is ever zero because it is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from dataflows.engine.evaluation import called, checked, evaluated
from dataflows.engine.plan import NodeKind, PlanNode
from dataflows.engine.run import Runner
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.units import Unit
from nodes.vocabulary.verdict import Action
from tests.dataflows.engine import tiny
from tests.dataflows.engine.modules import orders, surprising

MISSING = Absent("close_price_usd", "missing from the snapshot")


def node(base: type, function: Any = None, *, accepts: bool = False) -> PlanNode:
    return PlanNode("it", NodeKind.FUNCTION, Unit("it", base), ("a",), (accepts,), function)


def test_a_node_is_not_called_when_what_it_needs_is_absent() -> None:
    def never(_value: float) -> float:
        raise AssertionError

    assert called(node(float, never), [MISSING]) is MISSING


def test_a_node_that_handles_absence_is_called_with_none() -> None:
    assert called(node(str, lambda value: f"{value}", accepts=True), [MISSING]) == "None"


def test_the_first_cause_is_kept_through_the_whole_graph() -> None:
    values = evaluated(tiny.generation().order, tiny.order(close=None), 100)
    assert values["order_notional_usd"] == MISSING
    assert values["notional_holds"] is None
    assert values["participation_frac"] == 0.001


@pytest.mark.parametrize(
    ("base", "value", "reason"),
    [
        (float, None, "has no value here"),
        (float, float("nan"), "is not a number"),
        (float, 1, "was 1 of type int, expected float"),
        (float, "1.0", "was '1.0' of type str, expected float"),
        (int, True, "was True of type bool, expected int"),
        (int, 2**63, "is 9223372036854775808, outside 64 bits"),
        (Decimal, Decimal("NaN"), "is NaN, not an amount"),
        (Decimal, Decimal("Infinity"), "is Infinity, not an amount"),
        (Decimal, 1.5, "was 1.5 of type float, expected Decimal"),
    ],
)
def test_a_value_that_is_not_of_its_unit_is_absent_and_says_what_it_was(base: type, value: Any, reason: str) -> None:
    assert called(node(base, lambda _: value), [1.0]) == Absent("it", reason)


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("surrogate_word", "cannot be archived: text '\\ud800' has a lone surrogate"),
        ("naive_at", "cannot be archived: naive datetime 2000-01-01T00:00:00 names no instant"),
        ("ancient_at", "cannot be archived: instant 0001-01-01T00:00:00+00:00 is out of int64 nanoseconds"),
        ("listed_column", r"cannot be archived: column '' of List(Int64) has no canonical bytes"),
        ("keyed_weights", "cannot be archived: struct key 100000 of type int is not text"),
    ],
)
def test_what_no_trace_can_hold_is_absent_and_the_order_gets_its_decision(output: str, reason: str) -> None:
    plan = tiny.generation(modules=(orders, surprising), outputs=(output,)).order
    run = Runner(plan, "research/test", b"").order(tiny.order(), datetime(2020, 1, 1, tzinfo=UTC))
    assert run.decision.action is Action.ACT
    assert run.values[output].reason.startswith(reason)


def test_an_unknown_rule_is_absent_to_a_node_that_reads_it() -> None:
    plan = tiny.generation(modules=(orders, surprising), outputs=("spread_is_judged",)).order
    values = evaluated(plan, tiny.order(spread=None), 100)
    assert values["spread_is_judged"] == Absent("large_spread_holds", "is unknown")


def test_a_reason_holds_no_address_no_lone_surrogate_and_no_novel() -> None:
    def refused(_value: float) -> float:
        raise ValueError(chr(0xD800) + repr(object()) + "x" * 5000)

    found = called(node(float, refused), [1.0])
    assert found.reason.startswith("raised ValueError: \\ud800<object object>xxx")
    assert len(found.reason) == 1003
    assert called(node(float, lambda _: object()), [1.0]) == Absent("it", "was of type object, expected float")


def test_a_raised_exception_becomes_an_absence_that_quotes_it() -> None:
    def divided(value: float) -> float:
        return 1.0 / value

    reason = "raised ZeroDivisionError: float division by zero"
    assert called(node(float, divided), [0.0]) == Absent("it", reason)


@pytest.mark.parametrize("value", [float("inf"), -0.0, 5e-324])
def test_odd_numbers_are_values(value: float) -> None:
    assert checked(node(float), value) is value


def test_nan_in_a_column_becomes_null() -> None:
    column = checked(node(pl.Series), pl.Series([1.0, float("nan"), None]))
    assert column.to_list() == [1.0, None, None]


def test_an_input_that_the_shell_marked_absent_keeps_its_reason() -> None:
    reason = Absent("adv_shares", "the feed was down")
    values = evaluated(tiny.generation().order, tiny.order(adv=reason), 100)
    assert values["participation_frac"] == reason
