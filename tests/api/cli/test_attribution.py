"""Attribution from the command line, on a small real log."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.api.cli.invoking import answer, invoked, json_answer

COMMAND = ("journal", "attribution")


def test_lines_come_to_the_total(home: str) -> None:
    """JRN-02, journey 2: a trader opens the attribution of any period."""
    found = json_answer(*COMMAND, "--home", home)
    assert sum(Decimal(line["usd"]) for line in found["lines"]) == Decimal(found["total_usd"])
    shown = answer(*COMMAND, "--home", home, "--from", "2005-01-04", "--to", "2005-01-05")
    assert "demo 2005-01-04 to 2005-01-05, 2 sessions" in shown
    assert "all lines" in shown


def test_a_line_leads_to_its_decisions(home: str) -> None:
    """JRN-02: every number leads to its decisions."""
    found = json_answer(*COMMAND, "--home", home)
    spread = next(line for line in found["lines"] if line["line"] == "spread")
    behind = json_answer(*COMMAND, "--line", "spread", "--home", home)
    assert sum(Decimal(part["usd"]) for part in behind) == Decimal(spread["usd"])
    shown = answer(*COMMAND, "--line", "spread", "--home", home)
    assert behind[0]["decision_id"][:12] in shown


def test_a_page_is_written_and_a_line_that_is_none_is_refused(home: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    answer(*COMMAND, "--html", str(page), "--home", home)
    assert "Attribution of gains" in page.read_text(encoding="utf-8")
    assert "is none of an attribution" in invoked(*COMMAND, "--line", "luck", "--home", home).stderr
