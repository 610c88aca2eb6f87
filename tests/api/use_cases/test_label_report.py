"""The labels of the bundled bars stand on the exchange's own sessions."""

from __future__ import annotations

from adapters.lake.lake import bundled_lake
from api.use_cases.label_report import lake_snapshot


def test_the_calendar_has_every_session_from_the_first_bar_to_the_last() -> None:
    lake = bundled_lake()
    found = lake_snapshot(lake)
    sessions = found.calendar["session_on"]

    assert sessions.is_sorted()
    assert set(lake.panel["session_on"].unique()) <= set(sessions)
    assert (sessions[0], sessions[-1]) == (lake.panel["session_on"].min(), lake.last_on)
    assert found.session_on == lake.last_on
