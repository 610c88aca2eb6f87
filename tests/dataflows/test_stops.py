"""The shipped policy with stops, over a real window: width and orders, session by session, as they are replayed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.lake import bundled_lake
from api.bootstrap import open_desk
from api.settings import Settings
from api.use_cases.backtest_run import kept_run, run_entries
from api.use_cases.replaying import replayed_sample
from dataflows.backtest.shared import SharedSessions
from dataflows.engine.trace import trace_and_values
from dataflows.us_equities import STOPPED
from governance.entries import EntryKind

POLICY = Path(__file__).parents[2] / "policies" / "us-equities-stops" / "v1.yaml"
FIRST_ON, LAST_ON = date(2008, 1, 22), date(2008, 2, 5)
EVENT_WINDOW = {date(2008, 1, 28), date(2008, 1, 29), date(2008, 1, 30), date(2008, 1, 31)}


@pytest.fixture(scope="module")
def widths(tmp_path_factory: pytest.TempPathFactory) -> dict[date, tuple[bool, float, int]]:
    """Of AAPL in each session: whether the window is open, the width in volatilities, the order."""
    lake = bundled_lake()
    found = {}
    with open_desk(Settings(home=tmp_path_factory.mktemp("stops") / "home"), POLICY, lake) as opened:
        desk = opened.desk
        kept_run(desk, lake.sessions(FIRST_ON, LAST_ON), SharedSessions(desk.active.session.plan), lambda *_: None)
        reports = replayed_sample(desk.store, 3, lambda *_: None)
        assert all(report.is_identical for report in reports)
        layout = desk.active.session.layout
        with desk.store.reader() as reader:
            for entry in run_entries(reader, desk.account_id).of_kind(EntryKind.PLAN):
                _, (values, *_) = trace_and_values(reader.body(entry.facts["trace_ref"]), layout)
                said = dict(zip([node.name for node in layout.nodes], values, strict=True))
                found[entry.facts["session_on"]] = _of_first(said)
    return found


def _of_first(said: dict[str, object]) -> tuple[bool, float, int]:
    width, volatility, order = (said[name] for name in ("stop_width_frac", "last_volatility_frac", STOPPED))
    assert isinstance(width, pl.Series)
    assert isinstance(volatility, pl.Series)
    assert isinstance(order, pl.Series)
    return bool(said["is_event_window"]), width[0] / volatility[0], order[0]


def test_stops_tighten_only_inside_the_window(widths: dict[date, tuple[bool, float, int]]) -> None:
    """EXE-09: the traces of every session, decoded from the log and replayed, show the schedule of the policy."""
    full = 2.5 * 21**0.5
    assert {day for day, (is_open, _, _) in widths.items() if is_open} == EVENT_WINDOW
    for day, (_, ratio, _) in widths.items():
        assert ratio == pytest.approx(full * (0.5 if day in EVENT_WINDOW else 1.0)), day


def test_a_share_beyond_its_stop_is_not_bought(widths: dict[date, tuple[bool, float, int]]) -> None:
    """AAPL lost a third in January 2008: more than half a width, so that it is out of bounds in the window."""
    assert all(order <= 0 for is_open, _, order in widths.values() if is_open)
