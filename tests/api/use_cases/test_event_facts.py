"""SGN-03, DESIGN section 6: an event blackout at order time, under, at and over its limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.event_calendar import EventCalendar
from adapters.lake.lake import Lake
from api.use_cases.event_facts import NEXT_EVENT, event_facts
from api.use_cases.service import Service
from tests.adapters.lake.test_event_calendar import said
from tests.api.use_cases.services import edited_policy, ordered, service_at

CLOSE = datetime(2013, 1, 2, 21, tzinfo=UTC)
BLACKOUT = {
    "rules:\n": (
        "rules:\n  - id: event-blackout\n    require: next_event_sessions > event_blackout_sessions\n"
        "    applies_to: increasing\n    limits: {event_blackout_sessions: 2}\n    then: deny\n"
        '    because: "{symbol} reports within {next_event_sessions:d} sessions"\n'
        '    plain: "This firm tells its results soon. We wait until then."\n    source: desk\n'
    )
}
"""A rule of two lines more in the shipped policy: what a desk with a calendar writes."""
SCHEDULED = {
    "IBM": datetime(2013, 1, 3, 14, 30, tzinfo=UTC),
    "AAPL": datetime(2013, 1, 4, 14, 30, tzinfo=UTC),
    "GOOG": datetime(2013, 1, 7, 14, 30, tzinfo=UTC),
}


def with_events(lake: Lake) -> Lake:
    rows = [said(at, symbol=symbol, sequence=number) for number, (symbol, at) in enumerate(SCHEDULED.items())]
    return replace(lake, events=EventCalendar(pl.DataFrame(rows)))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, lake: Lake) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("events")
    policy = edited_policy(folder, BLACKOUT)
    with service_at(folder / "home", with_events(lake), policy=policy, origin="research/events") as found:
        yield found


@pytest.mark.parametrize(
    ("symbol", "is_denied"), [("IBM", True), ("AAPL", True), ("GOOG", False)], ids=["under", "at", "over"]
)
def test_an_order_before_results_is_denied_up_to_the_limit(service: Service, symbol: str, *, is_denied: bool) -> None:
    answer = ordered(service, f"k-{symbol}", symbol=symbol, order_shares=30).answer
    assert ("event-blackout" in [reason[0] for reason in answer.reasons]) is is_denied
    assert (answer.action == "deny") is is_denied


def test_where_nobody_knows_the_calendar_the_rule_is_unknown_and_denies(tmp_path: Path, lake: Lake) -> None:
    policy = edited_policy(tmp_path, BLACKOUT)
    with service_at(tmp_path / "home", lake, policy=policy, origin="research/events") as blind:
        answer = ordered(blind, symbol="GOOG", order_shares=30).answer
    assert (answer.action, answer.reasons[0][0]) == ("deny", "event-blackout")


def test_a_policy_that_asks_nothing_of_events_is_told_nothing(service: Service, lake: Lake) -> None:
    asking = service.generations.current.generation.order
    assert event_facts(asking, with_events(lake), "AAPL", CLOSE) == {NEXT_EVENT: 2}
    assert event_facts(asking, lake, "AAPL", CLOSE) == {NEXT_EVENT: None}
    assert event_facts(service.generations.current.generation.session, with_events(lake), "AAPL", CLOSE) == {}
