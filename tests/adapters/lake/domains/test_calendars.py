"""What can be no entry of a calendar."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.lake.domains.calendars import EARNINGS_CALENDAR
from tests.adapters.lake.domains.keeping import STAMP, set_aside


@pytest.mark.parametrize(("when", "is_kept"), [("pre", True), ("unknown", True), ("noon", False)])
def test_a_release_is_before_or_after_the_session_or_unknown(tmp_path: Path, when: str, is_kept: bool) -> None:  # noqa: FBT001
    row = {"symbol": "A", "fiscal_year": 2014, "fiscal_quarter": 1, "scheduled_at": STAMP, "when": when}
    assert (set_aside(tmp_path, EARNINGS_CALENDAR, row) == "") is is_kept
