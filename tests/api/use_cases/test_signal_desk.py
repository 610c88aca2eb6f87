"""SGN-12: a plan is joined once, told again when something moves, and a source that was missing is asked again."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.lake import Lake
from adapters.upstreams.kept import How
from api.use_cases.gates import SHIPPED, activated_gate, gate_policy
from api.use_cases.market import advanced_session
from api.use_cases.service import Service
from api.use_cases.signal_desk import ASKED_AGAIN_S, WHOLE_S, SignalDesk, picks_in_force
from api.use_cases.signal_plan import SignalPlan
from api.use_cases.signal_sources import State, Upstreams, upstreams
from dataflows.signals import PICKS
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import DataError, EdgeError
from tests.api.use_cases.services import ACCOUNT, ordered, service_at
from tests.api.use_cases.signal_plans import NO_EVENTS, plan_record, sources, texts


class Counting:
    """Counts how often forecasts are asked for; fails while it is told to."""

    def __init__(self, inner: Upstreams) -> None:
        self.inner, self.n_asked, self.fails = inner, 0, False
        self._lock = threading.Lock()

    def __call__(self, as_of: datetime, symbols: Sequence[str], horizon: int, low: float) -> pl.DataFrame:
        with self._lock:
            self.n_asked += 1
        if self.fails:
            message = "the forecaster is down"
            raise DataError(message)
        found = self.inner.forecasts(as_of, symbols, horizon, low)
        assert isinstance(found, pl.DataFrame)
        return found


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def told(service: Service, desk: SignalDesk) -> SignalPlan:
    with service.store.reader() as reader:
        return desk.plan(reader, ACCOUNT).answer


def test_a_plan_is_joined_once_however_many_ask(signal_service: Service) -> None:
    asked = Counting(upstreams(signal_service))
    desk = SignalDesk(signal_service, sources(signal_service, forecasts=asked))
    with ThreadPoolExecutor(4) as pool:
        plans = list(pool.map(lambda _: told(signal_service, desk), range(8)))
    assert asked.n_asked == 1
    assert {plan.told_id for plan in plans} == {plans[0].told_id}


def test_a_missing_source_is_asked_again_after_a_while(signal_service: Service) -> None:
    clock, asked = Clock(), Counting(upstreams(signal_service))
    asked.fails = True
    said = texts(("IBM", 0.5))
    whole = sources(signal_service, forecasts=asked, texts=lambda _: said, events=lambda *_: NO_EVENTS)
    desk = SignalDesk(signal_service, whole, clock)
    assert [source.name for source in told(signal_service, desk).missing] == ["forecasts", "halts"]
    asked.fails = False
    clock.now_s = ASKED_AGAIN_S - 1
    assert (len(told(signal_service, desk).missing), asked.n_asked) == (2, 1)
    clock.now_s = ASKED_AGAIN_S
    assert [source.name for source in told(signal_service, desk).missing] == ["halts"]
    clock.now_s = ASKED_AGAIN_S + WHOLE_S - 1
    assert (len(told(signal_service, desk).missing), asked.n_asked) == (1, 2)


def test_a_calendar_that_is_back_is_judged_by_although_the_run_does_not_read_it(signal_service: Service) -> None:
    """What was told without the calendar is not told again once it is there: no pick slips through the blackout."""
    clock, soon = Clock(), dict.fromkeys(NO_EVENTS, 1)
    said: list[Mapping[str, int] | Absent] = [Absent("earnings_calendar", "the lake is away")]
    desk = SignalDesk(signal_service, sources(signal_service, events=lambda *_: said[-1]), clock)
    before = told(signal_service, desk)
    said.append(soon)
    clock.now_s = ASKED_AGAIN_S
    after = told(signal_service, desk)
    assert (before.signal_id, before.told_id == after.told_id) == (after.signal_id, False)
    assert {pick.gate.values["events_are_told"] for pick in before.picks} == {False}
    assert {pick.gate.values["next_event_sessions"] for pick in after.picks} == {1}
    assert not any(pick.is_shown for pick in after.picks if not pick.gate.values["is_lowering"])


def test_a_plan_says_how_it_came_about_and_how_old_it_is(signal_service: Service) -> None:
    """SGN-05: fresh/stale states with their age."""
    clock = Clock()
    desk = SignalDesk(signal_service, upstreams(signal_service), clock)
    with signal_service.store.reader() as reader:
        first = desk.plan(reader, ACCOUNT)
        clock.now_s = 12.0
        second = desk.plan(reader, ACCOUNT)
        clock.now_s = ASKED_AGAIN_S
        third = desk.plan(reader, ACCOUNT)
    assert (first.how, first.age_s, first.had_older) == (How.ASKED, 0.0, False)
    assert (second.how, second.age_s, second.fresh_s) == (How.FRESH, 12.0, ASKED_AGAIN_S)
    assert (third.how, third.had_older) == (How.ASKED, True)


def test_an_account_without_a_plan_is_told_so(signal_service: Service) -> None:
    desk = SignalDesk(signal_service, upstreams(signal_service))
    with (
        signal_service.store.reader() as reader,
        pytest.raises(EdgeError, match="account 'nobody' has no day plan yet"),
    ):
        desk.plan(reader, "nobody")


def test_what_was_is_told_without_what_would_be_now(signal_service: Service) -> None:
    desk = SignalDesk(signal_service, upstreams(signal_service))
    with signal_service.store.reader() as reader:
        found = desk.told(reader, plan_record(signal_service), is_now=False).answer
    assert [pick.preview for pick in found.picks] == [None] * len(found.picks)


def test_a_plan_as_of_an_instant_is_told_without_the_halts_and_the_account_of_now(signal_service: Service) -> None:
    """`as_of` on every read: what became so later moves nothing that was so then."""
    record, halted = plan_record(signal_service), frozenset({"AAPL", "FB", "GOOG", "IBM", "MSFT"})
    desk = SignalDesk(signal_service, sources(signal_service, halted=lambda: halted))
    with signal_service.store.reader() as reader:
        then, now = (desk.plan(reader, ACCOUNT, as_of).answer for as_of in (record.entry.as_of, None))
        explained = desk.told(reader, record, is_now=False).answer
    assert not any(pick.is_shown for pick in now.picks)
    assert any(pick.is_shown for pick in then.picks)
    assert [pick.preview for pick in then.picks] == [None] * len(then.picks)
    assert (then.sources[-1].state, then.told_id) == (State.UNASKED, explained.told_id)


def test_orders_and_sessions_move_what_is_told(tmp_path: Path, lake: Lake) -> None:
    """An order moves the previews, a session the plan; the plan before it is then told without previews."""
    with service_at(tmp_path / "home", lake) as service:
        desk = SignalDesk(service, upstreams(service))
        first, record = told(service, desk), plan_record(service)
        ordered(service, symbol="AAPL", order_shares=50)
        second = told(service, desk)
        assert (second.signal_id, second.told_id == first.told_id) == (first.signal_id, False)
        advanced_session(service, "assay")
        third = told(service, desk)
        assert third.signal_id != first.signal_id
        with service.store.reader() as reader:
            assert all(pick.preview is None for pick in desk.told(reader, record).answer.picks)
        with service.store.reader() as reader:
            assert picks_in_force(reader).name == "picks-us-equities v1"
        activated_gate(service.store, gate_policy(SHIPPED[PICKS.name]), "ada", service.clock())
        with service.store.reader() as reader:
            assert picks_in_force(reader) is picks_in_force(reader)
            assert picks_in_force(reader).name == "picks-us-equities v1"
