"""Alerts through the real command line: raised as files are imported, once, and heard by another process."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.api.cli.invoking import answer

HEAD = "ticker,rating_date,analyst_firm,rating\n"


@pytest.fixture
def lake(tmp_path: Path) -> str:
    return str(tmp_path / "lake")


def imported(tmp_path: Path, lake: str, day: int) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text(f"{HEAD}A,2018-06-{day:02},X,Buy\n", encoding="utf-8")
    answer("data", "import", "ratings", str(path), "--lake", lake)


def test_an_import_raises_its_alerts_once(tmp_path: Path, lake: str) -> None:
    """SVC-EVT-03: deduplicated."""
    for _ in range(2):
        imported(tmp_path, lake, 8)

    assert answer("data", "alerts", "--lake", lake) == "1  2018-06-11 13:30  rating  X rates A Buy\n"


def test_a_subscriber_gets_what_he_has_not_had(tmp_path: Path, lake: str) -> None:
    imported(tmp_path, lake, 8)
    asked = ("data", "alerts", "--subscriber", "me", "--lake", lake, "--json")

    assert json.loads(answer(*asked))["alert"]["title"] == "X rates A Buy"
    assert answer(*asked) == ""
    imported(tmp_path, lake, 11)
    assert json.loads(answer(*asked))["sequence"] == 2


def test_an_alert_reaches_another_process_within_a_second_of_its_ingestion(tmp_path: Path, lake: str) -> None:
    """SVC-EVT-03: from the commit of the fact to the line that a follower prints."""
    imported(tmp_path, lake, 8)
    asked = ("data", "alerts", "--follow", "--lake", lake, "--json")
    command = [sys.executable, "-c", "from api.cli.app import main; main()", *asked]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as follower:  # noqa: S603  # our own
        assert follower.stdout is not None
        try:
            json.loads(follower.stdout.readline())
            waited_s = []
            for day in (11, 12, 13):
                imported(tmp_path, lake, day)
                imported_at = time.monotonic()
                heard = json.loads(follower.stdout.readline())
                waited_s.append(time.monotonic() - imported_at)
        finally:
            follower.terminate()

    assert heard["alert"]["title"] == "X rates A Buy"
    assert min(waited_s) < 1.0
