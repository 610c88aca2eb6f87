"""Absence propagates with its first cause, and nothing is ever zero because it is missing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from dataflows.engine.evaluation import called, checked, evaluated
from dataflows.engine.plan import NodeKind, PlanNode
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.units import Unit
from tests.dataflows.engine import tiny

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
