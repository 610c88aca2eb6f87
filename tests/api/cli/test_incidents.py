"""GOV-03: an incident from the command line, and the report that the log writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.cli.invoking import answer, invoked, json_answer
from tests.api.use_cases.model_desks import desk_of, opened, promoted


@pytest.fixture
def home(tmp_path: Path) -> str:
    folder = opened(tmp_path / "home")
    promoted(desk_of(folder))
    folder.store.close()
    return str(tmp_path / "home")


def test_an_incident_is_recorded_closed_and_written_up(home: str, tmp_path: Path) -> None:
    said = ("--what", "prices stood still", "--began", "2026-11-20T11:00:00Z", "--as", "oncall")
    found = json_answer("incident", "new", "Orders on bad data", *said, "--home", home)["incident"]
    assert "open" in answer("incident", "list", "--home", home)
    answer("incident", "close", found, "--cause", "the feed was late", "--as", "bob", "--home", home)
    report = answer("incident", "report", found, "--home", home)
    assert report.startswith("# Post-mortem: Orders on bad data")
    assert "| promotion meta-label v1 | bob | I read the card |" in report
    target = tmp_path / "report.html"
    answer("incident", "report", found, "--form", "html", "--output", str(target), "--home", home)
    assert "the feed was late" in target.read_text(encoding="utf-8")
    assert json_answer("incident", "list", "--home", home)[0]["cause"] == "the feed was late"


def test_an_incident_that_nobody_recorded_is_not_found(home: str) -> None:
    refused = invoked("incident", "report", "inc-0", "--home", home)
    assert (refused.exit_code, "is not known here" in refused.stderr) == (14, True)
