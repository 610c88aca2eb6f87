"""A backtest decides as the main job and the paper market do: the same values, byte for byte, under the same ids."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.bootstrap import OpenDesk
from api.use_cases.backtest_run import RunEntries, kept_run, run_entries, trial_run
from api.use_cases.day_plan import newest_day_plan
from api.use_cases.desk import Desk
from api.use_cases.market import advanced_session
from api.use_cases.service import Service
from dataflows.backtest.assumptions import changed_assumptions
from dataflows.backtest.shared import SharedSessions
from dataflows.engine.trace import trace_from_body
from governance.entries import Entry, EntryKind
from tests.api.use_cases.homes import FIRST_ON, LAST_ON, desk_at
from tests.api.use_cases.services import ordered, service_at

MONEY = ("fill_shares", "fill_price_usd", "commission_usd", "sell_fee_usd", "trading_cost_usd", "expired_shares")


def silent(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody reads."""


def trial(desk: Desk, lake: Lake, shared: SharedSessions) -> RunEntries:
    return trial_run(desk, lake.sessions(FIRST_ON, LAST_ON), shared, silent)


def ids(run: RunEntries) -> list[tuple[object, ...]]:
    """What each entry is, apart from when the shell's clock recorded it."""
    return [(entry.kind, entry.as_of, entry.facts, entry.bodies) for entry in run.entries]


def said(entries: tuple[Entry, ...]) -> list[tuple[object, ...]]:
    """Each entry by what it says of orders and money, apart from whose log it is in."""
    names = ("session_on", "symbol", "verdict", "action", "order_shares", "limit_price_usd", "equity_usd", *MONEY)
    return [(entry.kind, *(entry.facts.get(name) for name in names)) for entry in entries]


@pytest.fixture(scope="module")
def kept(
    lake: Lake, tmp_path_factory: pytest.TempPathFactory
) -> tuple[OpenDesk, SharedSessions, RunEntries, list[bytes]]:
    """A kept run: its desk (closed), what it shares, its entries, and the packed values of its decisions."""
    with desk_at(tmp_path_factory.mktemp("kept") / "home", lake) as opened:
        shared = SharedSessions(opened.desk.active.session.plan)
        kept_run(opened.desk, lake.sessions(FIRST_ON, LAST_ON), shared, silent)
        with opened.desk.store.reader() as reader:
            run = run_entries(reader, opened.desk.account_id)
            return opened, shared, run, packed(run, opened.desk)


def packed(run: RunEntries, desk: Desk) -> list[bytes]:
    """The packed values of every order run, as the trace holds them."""
    layout = desk.active.order.layout
    bodies = [run.body(entry.facts["trace_ref"]) for entry in run.of_kind(EntryKind.DECISION)]
    return [b"".join(trace_from_body(body, layout).packed) for body in bodies]


def test_a_kept_run_leaves_the_log_that_the_main_job_leaves(
    kept: tuple[OpenDesk, SharedSessions, RunEntries, list[bytes]], ran: Path, lake: Lake
) -> None:
    _, shared, run, _ = kept
    with desk_at(ran, lake) as opened, opened.desk.store.reader() as reader:
        assert ids(run_entries(reader, opened.desk.account_id)) == ids(run)
    assert len(shared) == len(run.of_kind(EntryKind.PLAN)) == 15


def test_a_trial_under_the_same_assumptions_has_the_same_decisions_with_equal_traces(
    kept: tuple[OpenDesk, SharedSessions, RunEntries, list[bytes]], lake: Lake
) -> None:
    opened, shared, run, values = kept
    again = trial(opened.desk, lake, shared)
    decisions = [entry.facts["decision_id"] for entry in run.of_kind(EntryKind.DECISION)]
    assert [entry.facts["decision_id"] for entry in again.of_kind(EntryKind.DECISION)] == decisions
    assert packed(again, opened.desk) == values
    assert said(again.entries) == said(run.entries)
    assert len(decisions) > 3


def test_the_paper_market_makes_identical_decisions_on_the_same_data(
    kept: tuple[OpenDesk, SharedSessions, RunEntries, list[bytes]], lake: Lake, tmp_path: Path
) -> None:
    """Parity: a client who follows each day plan of the paper market gets what the backtest says, byte for byte.

    Traces of the two differ in origin, salt and the session run that they cite; the values of every node, packed as
    they are archived and replayed, do not, nor does any fill.
    """
    _, _, run, values = kept
    with service_at(tmp_path / "home", lake, market_on=FIRST_ON) as service:
        follow(service)
        desk = service.desk("paper", "alice")
        with service.store.reader() as reader:
            paper = run_entries(reader, "paper")
            assert packed(paper, desk) == values
    kinds = {EntryKind.DECISION, EntryKind.FILL, EntryKind.EXPIRY, EntryKind.CORPORATE_ACTION, EntryKind.PLAN}
    assert said(tuple(e for e in paper.entries if e.kind in kinds)) == said(run.entries)


def follow(service: Service) -> None:
    """Send every candidate order of every day plan, in the order in which the main job decides them."""
    for session_on in service.lake.sessions(FIRST_ON, LAST_ON):
        with service.store.reader() as reader:
            plan = newest_day_plan(reader, "paper")
        assert plan is not None
        assert plan.session_on == session_on
        rows = [row for row in plan.rows.values() if row.candidate_order_shares]
        for row in sorted(rows, key=lambda each: ((each.candidate_order_shares or 0) > 0, each.symbol)):
            ordered(service, f"{session_on}/{row.symbol}", symbol=row.symbol, order_shares=row.candidate_order_shares)
        if session_on != LAST_ON:
            advanced_session(service, "alice")


def test_another_assumption_changes_fills_and_what_follows_from_them_and_nothing_else(
    kept: tuple[OpenDesk, SharedSessions, RunEntries, list[bytes]], lake: Lake
) -> None:
    opened, shared, run, _ = kept
    dear = changed_assumptions(opened.desk.assumptions, {"spread_frac": 3.0})
    other = trial(replace(opened.desk, assumptions=dear), lake, shared)
    first = [each.of_kind(EntryKind.DECISION)[0].facts["decision_id"] for each in (run, other)]
    assert first[0] == first[1]
    paid = [sum(entry.facts["trading_cost_usd"] for entry in each.of_kind(EntryKind.FILL)) for each in (run, other)]
    assert paid[1] > paid[0]


def test_sessions_that_were_not_shared_are_run_whole(
    kept: tuple[OpenDesk, SharedSessions, RunEntries, list[bytes]], lake: Lake
) -> None:
    opened, _, run, _ = kept
    fresh = SharedSessions(opened.desk.active.session.plan)
    sessions = lake.sessions(FIRST_ON, LAST_ON)[:3]
    again = trial_run(opened.desk, sessions, fresh, silent)
    assert said(again.entries) == said(run.entries)[: len(again.entries)]
    assert len(fresh) == 3
