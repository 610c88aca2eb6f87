"""Alpha decay from the command line, on a small real log."""

from __future__ import annotations

import shutil
from pathlib import Path

from rich.console import Console

from api.cli.attribution_decay import print_decay
from api.cli.output import THEME
from tests.api.cli.invoking import answer, json_answer
from tests.api.made_attribution import made_decay


def test_a_short_log_says_what_it_can_and_opens_no_incident(home: str, tmp_path: Path) -> None:
    """MON-01."""
    own = str(shutil.copytree(home, tmp_path / "home"))
    assert "too few sessions" in answer("journal", "decay", "--home", own)
    found = json_answer("journal", "decay", "--record", "--home", own)
    assert (found["decay"]["score"], found["incident_id"]) == ("composite_score", None)


def test_a_change_is_told_with_both_of_its_numbers() -> None:
    """MON-01: alert on half-life change."""
    found = made_decay()
    console = Console(theme=THEME, width=100)
    with console.capture() as shown:
        print_decay(console, found)
    text = shown.get()
    assert "fading-rate: 0.1000 before, 0.4000 of late: changed" in text
    assert "half-life 5.0 sessions, fitted -" in text
    assert "12.50" in text
