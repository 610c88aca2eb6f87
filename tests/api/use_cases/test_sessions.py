"""A session is settled, run and decided once, sees nothing of the future, and is taken up where it stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.bars import PRICES
from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.use_cases.desk import Desk
from api.use_cases.main_job import sessions_run
from api.use_cases.sessions import session_outcome
from governance.entries import Entry, EntryKind
from nodes.vocabulary.errors import DataError
from tests.api.use_cases.homes import FIRST_ON, LAST_ON, copied_home, desk_at, entries, records, run_home, told

CUT_ON = date(2005, 2, 22)


def test_every_session_has_a_plan_entry_that_its_decisions_cite(ran: Path, lake: Lake) -> None:
    store = log_folder_to_read(ran).store
    plans = {record.entry_id: record.entry.facts["session_on"] for record in records(store, EntryKind.PLAN)}
    assert tuple(plans.values()) == lake.sessions(FIRST_ON, LAST_ON)
    decisions = entries(store, EntryKind.DECISION)
    assert decisions
    assert all(plans[decision.cites[0]] == decision.facts["session_on"] for decision in decisions)


def test_a_fill_comes_from_the_session_after_its_decision(ran: Path, lake: Lake) -> None:
    store = log_folder_to_read(ran).store
    decided_on = {e.facts["decision_id"]: e.facts["session_on"] for e in entries(store, EntryKind.DECISION)}
    sessions = lake.sessions(FIRST_ON, LAST_ON)
    fills = entries(store, EntryKind.FILL)
    assert fills
    for fill in fills:
        before = decided_on[fill.facts["decision_id"]]
        assert fill.facts["session_on"] == sessions[sessions.index(before) + 1]
        assert fill.as_of > lake.calendar.close(before)


def test_a_fill_is_within_the_range_of_its_bar_but_for_spread_and_impact(ran: Path, lake: Lake) -> None:
    for fill in entries(log_folder_to_read(ran).store, EntryKind.FILL):
        bar = lake.bars_on(fill.facts["session_on"])[fill.facts["symbol"]]
        price = float(fill.facts["fill_price_usd"])
        assert bar["low_usd"] * 0.98 <= price <= bar["high_usd"] * 1.02


def test_an_account_row_of_an_earlier_session_does_not_verify(ran: Path, lake: Lake, tmp_path: Path) -> None:
    """Taken back, the account would be settled and decided twice; the row itself was sealed well at the time."""
    home = copied_home(ran, tmp_path / "home")
    with log_folder_to_read(home).store.reader() as reader:
        earlier = reader.account("demo")
    with desk_at(home, lake) as opened:
        session_outcome(opened.desk, lake.calendar.after(LAST_ON))
        assert opened.folder.verification().is_intact
        with opened.desk.store.transaction() as transaction:
            assert earlier is not None
            at = lake.calendar.close(LAST_ON)
            transaction.append(Entry(EntryKind.CORRECTION, opened.desk.store.origin, at, opened.desk.clock()))
            transaction.save_account("demo", earlier.content)
        (finding,) = opened.folder.verification().findings
    assert finding.place == "accounts 'demo'"


def _with_another_future(lake: Lake, last_on: date) -> Lake:
    later = pl.col("session_on") > last_on
    scaled = [pl.when(later).then(pl.col(name) * 1.7).otherwise(name).alias(name) for name in PRICES]
    volume = pl.when(later).then(pl.col("volume_shares") * 5).otherwise("volume_shares").alias("volume_shares")
    index = pl.when(later).then(pl.col("close_usd") * 0.5).otherwise("close_usd").alias("close_usd")
    actions = tuple(action for action in lake.actions if action.ex_on <= last_on)
    return Lake(
        lake.universe,
        lake.panel.with_columns(*scaled, volume),
        lake.index_panel.with_columns(index),
        actions,
        lake.calendar,
        lake.quarantined,
        lake.noted,
    )


def test_another_future_changes_no_entry_before_it(ran: Path, lake: Lake, tmp_path: Path) -> None:
    """Every price, volume and index level after the cut is other; the log up to it is the same, digest by digest."""
    run_home(tmp_path / "other", _with_another_future(lake, CUT_ON), CUT_ON)
    other = told(log_folder_to_read(tmp_path / "other").store)
    assert told(log_folder_to_read(ran).store)[: len(other)] == other


def test_a_session_that_was_decided_is_not_decided_again(ran: Path, lake: Lake, tmp_path: Path) -> None:
    with desk_at(copied_home(ran, tmp_path / "home"), lake) as opened:
        before = told(opened.desk.store)
        outcome = session_outcome(opened.desk, LAST_ON)
        assert (outcome.is_new, outcome.answers) == (False, ())
        assert told(opened.desk.store) == before


class _PowerLossError(Exception):
    """What takes a session down."""


def _dying_clock(desk: Desk, n_readings: int) -> Callable[[], datetime]:
    readings = iter(range(n_readings))

    def clock() -> datetime:
        if next(readings, None) is None:
            raise _PowerLossError("no more")
        return desk.clock()

    return clock


@pytest.mark.parametrize("n_readings", [0, 1, 2, 3])
def test_a_session_that_died_anywhere_leaves_nothing_and_is_taken_up_whole(
    ran: Path, lake: Lake, tmp_path: Path, n_readings: int
) -> None:
    """The clock is read for every entry: it dies at the first, second, third or fourth entry of the session."""
    sessions = lake.sessions(FIRST_ON, LAST_ON)
    home = run_home(tmp_path / "home", lake, sessions[1])
    with desk_at(home, lake) as opened:
        before = told(opened.desk.store)
        dying = replace(opened.desk, clock=_dying_clock(opened.desk, n_readings))
        with pytest.raises(_PowerLossError, match="no more"):
            [session_outcome(dying, session_on) for session_on in sessions[2:]]
        after = told(opened.desk.store)
    assert after[: len(before)] == before
    assert after == told(log_folder_to_read(ran).store)[: len(after)]
    run_home(home, lake)
    assert told(log_folder_to_read(home).store) == told(log_folder_to_read(ran).store)


def test_sessions_under_way_when_one_fails_are_not_run(lake: Lake, tmp_path: Path) -> None:
    """A session that ran without the one before it would fill orders at the bar of another day."""
    sessions = lake.sessions(FIRST_ON, LAST_ON)
    with desk_at(tmp_path / "home", lake) as opened:
        dying = replace(opened.desk, clock=_dying_clock(opened.desk, 1))
        with pytest.raises(_PowerLossError, match="no more"):
            sessions_run(dying, sessions, lambda *_: None)
        plans = entries(opened.desk.store, EntryKind.PLAN)
    assert [plan.facts["session_on"] for plan in plans] == list(sessions[: len(plans)])
    assert len(plans) < len(sessions)


def test_a_session_cannot_be_left_out(ran: Path, lake: Lake, tmp_path: Path) -> None:
    later_on = lake.calendar.after(lake.calendar.after(LAST_ON))
    with (
        desk_at(copied_home(ran, tmp_path / "home"), lake) as opened,
        pytest.raises(DataError, match=f"session {later_on} was asked for, expected 2005-03-04; run every session"),
    ):
        session_outcome(opened.desk, later_on)


def test_sales_are_decided_before_purchases(ran: Path) -> None:
    by_session: dict[date, list[bool]] = {}
    for decision in entries(log_folder_to_read(ran).store, EntryKind.DECISION):
        sides = by_session.setdefault(decision.facts["session_on"], [])
        sides.append(decision.facts["proposed_order_shares"] > 0)
    assert all(sides == sorted(sides) for sides in by_session.values())


def test_every_body_that_an_entry_needs_is_named_by_it(ran: Path) -> None:
    with log_folder_to_read(ran).store.reader() as reader:
        for record in reader.of_kind(EntryKind.PLAN):
            refs = {value for name, value in record.entry.facts.items() if name.endswith("_ref")}
            assert refs <= set(record.entry.bodies)
            assert all(reader.body(ref) for ref in record.entry.bodies)
