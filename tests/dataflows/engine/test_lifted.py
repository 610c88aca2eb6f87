"""Hamilton draws a plan with its rules and units."""

from __future__ import annotations

from dataflows.engine.lifted import plan_drawing
from tests.dataflows.engine import tiny


def test_the_drawing_names_every_node_that_computes() -> None:
    plan = tiny.generation().order
    text = plan_drawing(plan)
    for node in plan.nodes:
        if node.function is not None:
            assert f"<b>{node.name}</b>" in text
    assert "<i>Usd</i>" in text
    assert "participation_frac -> liquidity_holds" in text
