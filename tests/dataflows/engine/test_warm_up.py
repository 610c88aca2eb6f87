"""Rows that a feature reads add up along the graph."""

from __future__ import annotations

from dataflows.engine.warm_up import own_window, warm_ups
from dataflows.features import PARAMETERS, compiled_features
from policies.parse import parsed_policy
from tests.dataflows.engine.contracted import plan


def test_a_window_counts_parameters_and_numbers() -> None:
    tiny = plan()
    assert own_window(tiny.node("price_usd"), tiny.params) == 2
    assert own_window(tiny.node("symbol"), tiny.params) == 1


def test_windows_add_up_along_the_graph() -> None:
    """A return reads two closes, the momentum of 252 returns 253 of them."""
    rows = warm_ups(compiled_features(parsed_policy(PARAMETERS.read_bytes(), PARAMETERS.name)))
    assert (rows["close_usd"], rows["total_return_frac"], rows["momentum_frac"]) == (1, 2, 253)
