"""Attribution on a terminal: small amounts are left out, many decisions are cut and said so."""

from __future__ import annotations

from decimal import Decimal

from rich.console import Console

from api.cli.attribution_text import print_attribution, print_decisions
from api.cli.output import THEME
from api.use_cases.attribution_decisions import DecisionPart
from tests.api.made_attribution import made_attribution


def printed(console: Console, *parts: DecisionPart) -> str:
    with console.capture() as shown:
        print_decisions(console, "spread", parts)
    return shown.get()


def test_lines_of_nothing_are_left_out_and_notes_are_said() -> None:
    console = Console(theme=THEME, width=120)
    with console.capture() as shown:
        print_attribution(console, made_attribution())
    text = shown.get()
    assert "market" in text
    assert "residue" not in text
    assert "something to know" in text
    assert "shortfall of 2 orders: 30.00 USD, 15.0 bps" in text
    assert "made 90.00 USD on 1,000.00 USD" in text


def test_a_report_without_orders_and_benchmark_says_neither() -> None:
    console = Console(theme=THEME, width=120)
    with console.capture() as shown:
        print_attribution(console, made_attribution(n_orders=0))
    assert "shortfall" not in shown.get()


def test_thirty_decisions_are_shown_and_the_rest_counted() -> None:
    parts = [DecisionPart(bytes([number]) * 32, "AAPL", Decimal(-number)) for number in range(1, 36)]
    text = printed(Console(theme=THEME, width=100), *parts, DecisionPart(b"", "AAPL", Decimal(-1)))
    assert "by 36 decisions" in text
    assert "6 more; --json has all" in text


def test_what_no_decision_brought_says_so() -> None:
    assert "no decision" in printed(Console(theme=THEME, width=100), DecisionPart(b"", "AAPL", Decimal(-1)))
