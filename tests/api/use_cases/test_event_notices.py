"""Event alerts reach people: what became known lately, once (SVC-EVT-03)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sql.alerts import Alert, AlertBox
from api.use_cases.event_notices import SUBSCRIBER, EventWatch
from tests.adapters.sql.board_samples import AT, HandClock
from tests.api.use_cases.boards import ears, told_by


def alert(name: str, **changes: object) -> Alert:
    found = Alert(f"sha256:{name * 32}", "results-filed", "AAPL", "AAPL filed results", "8-K", AT, AT)
    return replace(found, **changes)  # type: ignore[arg-type]  # names of fields


@pytest.fixture
def box(tmp_path: Path) -> Iterator[AlertBox]:
    with AlertBox(tmp_path / "alerts.db", HandClock()) as found:
        yield found


def test_an_event_is_raised_once_with_the_severity_of_its_kind(tmp_path: Path, box: AlertBox) -> None:
    teller = told_by(tmp_path, HandClock(), ears())
    watch = EventWatch(lambda: box, teller)
    box.raised([alert("a"), alert("b", kind="corporate-action")], "filings", 1)
    assert (watch.look(), watch.look()) == (2, 0)
    found = {each.notice.kind: each.notice for each in teller.board.alerts()}
    assert {kind: each.severity for kind, each in found.items()} == {
        "results-filed": "note",
        "corporate-action": "ticket",
    }
    assert found["results-filed"].alert_id == f"alert-{'a' * 24}"


def test_history_that_is_imported_wakes_nobody(tmp_path: Path, box: AlertBox) -> None:
    watch = EventWatch(lambda: box, told_by(tmp_path, HandClock(), ears()))
    old = [alert(f"{number:02d}", known_at=AT - timedelta(days=2)) for number in range(99)]
    box.raised([*old, alert("zz")], "filings", 1)
    assert watch.look() == 1
    assert box.pending(SUBSCRIBER, 1) == ()


def test_events_whose_place_was_lost_are_not_raised_twice(tmp_path: Path, box: AlertBox) -> None:
    """At least once from the box, once on the board."""
    teller = told_by(tmp_path, HandClock(), ears())
    box.raised([alert("a")], "filings", 1)
    assert teller.raised(EventWatch(lambda: box, teller)._notice(alert("a")))  # as a dead process had
    assert EventWatch(lambda: box, teller).look() == 0
