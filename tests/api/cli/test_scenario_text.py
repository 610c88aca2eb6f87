"""A scenario on a terminal."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from api.cli.output import THEME
from api.cli.scenario_text import print_scenario, print_scenarios
from policies.scenario import shipped_scenarios
from tests.api.made_report import made_report


def shown(n_paths: int = 1) -> str:
    stream = StringIO()
    print_scenario(Console(file=stream, theme=THEME, highlight=False, width=100), made_report(n_paths))
    return stream.getvalue()


def test_the_table_says_when_each_guardrail_fired_and_what_it_saved() -> None:
    """SCN-01."""
    lines = [line.split() for line in shown().splitlines()]
    assert ["drawdown", "deny", "2", "1", "2008-09-15", "2008-09-16", "+120"] in lines
    assert ["notional", "clip", "1", "1", "2008-09-15", "2008-09-15", "-30"] in lines
    assert ["guardrails", "together", "saved", "20", "USD"] in lines


def test_halts_and_the_lender_are_told_in_words() -> None:
    text = shown()
    assert "drawdown halted new risk at 2 closes, first on 2008-09-15, last on 2008-09-16" in text
    assert "bought" in text


def test_of_several_paths_all_are_listed_and_the_worst_is_shown() -> None:
    text = shown(3)
    assert "Path 3, the worst" in text
    assert len([line for line in text.splitlines() if line.strip().endswith("saved 20 USD")]) == 4


def test_every_scenario_is_listed_with_its_basis() -> None:
    stream = StringIO()
    print_scenarios(Console(file=stream, theme=THEME, width=100), shipped_scenarios())
    assert "lehman-2008" in stream.getvalue()
    assert "calibrated" in stream.getvalue()
