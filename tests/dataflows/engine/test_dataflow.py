"""A dataflow and a strategy are values: equal when they say the same, never changed."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from dataflows.engine.dataflow import Dataflow, Kind
from tests.dataflows.engine import tiny


def test_equal_strategies_are_equal_values() -> None:
    assert tiny.strategy() == tiny.strategy()
    assert tiny.strategy() != tiny.strategy(("order_notional_usd",))


def test_a_dataflow_cannot_be_changed() -> None:
    dataflow = Dataflow("tiny-order", Kind.ORDER, ("guardrails",), tiny.OrderSnapshot, ())
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'name'"):
        dataflow.name = "other"  # type: ignore[misc]  # the fault under test
