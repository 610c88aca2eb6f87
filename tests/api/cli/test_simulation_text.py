"""Text of a simulation says what is not known with a dash, and what was cut with its number."""

from __future__ import annotations

import io

from rich.console import Console

from api.cli.output import THEME
from api.cli.simulation_text import SHOWN, print_latencies, print_simulation
from api.use_cases.simulations import LatencyCost, Setting, order_simulation
from nodes.kernels.simulator.terms import SimulationTerms
from tests.nodes.kernels.simulator.desk import events, level, order, trade


def shown(n_slices: int) -> str:
    rows = [level(0, 1, 100_000, 100), level(0, -1, 100_100, 100), *(trade(at, 1, 100_000, 60) for at in range(9, 30))]
    found = order_simulation(Setting(events(*rows), {"size": 1200}, SimulationTerms(), 3), order(), 0.0, n_slices, 0.0)
    console = Console(file=io.StringIO(), width=120, theme=THEME)
    print_simulation(console, found)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_what_was_left_out_and_what_each_order_came_to_is_told() -> None:
    text = shown(1)
    assert "23 events over 0.0 s; seed 3" in text
    assert "1,200 size" in text
    assert "50 shares in 2 fills, fees $0.0000, position 50" in text
    assert "and" not in text


def test_more_rows_than_fit_are_counted() -> None:
    assert f"and {50 - SHOWN} more" in shown(50)


def test_a_cost_that_is_not_known_is_a_dash() -> None:
    console = Console(file=io.StringIO(), width=80)
    print_latencies(console, (LatencyCost(200.0, 0.0, None),))
    assert isinstance(console.file, io.StringIO)
    assert "200" in console.file.getvalue()
    assert "-" in console.file.getvalue().splitlines()[-2]
