"""The alert board: a condition fires once, an alert is raised once, a delivery is never lost (SGN-10, API-SIG-06)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sql import alert_board
from adapters.sql.alert_board import AlertBoard
from adapters.sql.alert_tables import ArmedState, DeliveryState
from nodes.vocabulary.errors import EdgeError
from tests.adapters.sql.board_samples import AT, HandClock, armed, notice, telling

LEASE_S = 10.0


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def board(tmp_path: Path, clock: HandClock) -> Iterator[AlertBoard]:
    with AlertBoard(tmp_path / "board.db", clock) as found:
        yield found


def test_a_condition_is_armed_once_however_often_it_is_asked_for(board: AlertBoard) -> None:
    assert board.armed(armed()) == (armed(), True)
    assert board.armed(armed("arm-2")) == (armed(), False)
    assert board.armed(armed("arm-3", principal="grace"))[1], "hers is another"


def test_a_condition_fires_once_with_its_alert_and_deliveries(board: AlertBoard) -> None:
    board.armed(armed())
    assert board.fired("arm-1", notice(), [telling()])
    assert not board.fired("arm-1", notice("alert-2"), [telling()])
    assert board.condition("arm-1").state is ArmedState.FIRED
    assert [each.notice for each in board.alerts()] == [notice()]
    assert [each.channel for each in board.deliveries()] == ["desk"]


def test_of_many_processes_that_see_it_hold_one_fires_it(tmp_path: Path, clock: HandClock) -> None:
    """Fired once: eight boards on one file, all at the same moment."""
    boards = [AlertBoard(tmp_path / "shared.db", clock) for _ in range(8)]
    boards[0].armed(armed())
    start = threading.Barrier(len(boards))

    def fire(board: AlertBoard) -> bool:
        start.wait()
        return board.fired("arm-1", notice(), [telling()])

    with ThreadPoolExecutor(len(boards)) as pool:
        assert sorted(pool.map(fire, boards)) == [False] * 7 + [True]
    assert len(boards[0].deliveries()) == 1
    for board in boards:
        board.close()


def test_a_fired_condition_may_be_armed_again_as_another(board: AlertBoard) -> None:
    board.armed(armed())
    board.fired("arm-1", notice(), [])
    assert board.armed(armed("arm-2"))[1]


def test_what_was_disarmed_never_fires(board: AlertBoard) -> None:
    board.armed(armed())
    assert board.disarmed("arm-1").state is board.disarmed("arm-1").state is ArmedState.DISARMED
    assert not board.fired("arm-1", notice(), [telling()])
    assert board.alerts() == ()


def test_what_fired_cannot_be_disarmed(board: AlertBoard) -> None:
    board.armed(armed())
    board.fired("arm-1", notice(), [])
    with pytest.raises(EdgeError, match="has fired already; there is nothing to disarm"):
        board.disarmed("arm-1")


def test_a_condition_ends_when_its_time_has_come(board: AlertBoard, clock: HandClock) -> None:
    board.armed(armed(expires_at=AT + timedelta(seconds=60)))
    clock.move(59)
    assert board.expired(clock()) == 0
    clock.move(1)
    assert board.expired(clock()) == 1
    assert board.condition("arm-1").state is ArmedState.EXPIRED


def test_why_a_condition_cannot_be_asked_is_kept(board: AlertBoard) -> None:
    board.armed(armed())
    board.puzzled("arm-1", "unknown name spread_bps")
    assert board.condition("arm-1").because == "unknown name spread_bps"
    assert board.conditions(ArmedState.ARMED, accounts=["paper"])[0][1].because == "unknown name spread_bps"
    assert board.conditions(accounts=["other"]) == ()


def test_no_more_are_armed_than_can_be_asked(board: AlertBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_board, "MAX_ARMED", 1)
    board.armed(armed())
    with pytest.raises(EdgeError, match="1 conditions are armed, which is all that are watched") as caught:
        board.armed(armed("arm-2", symbol="IBM"))
    assert caught.value.reason == "queue-full"


def test_the_same_alert_raised_twice_is_one(board: AlertBoard) -> None:
    assert board.raised(notice(), [telling()])
    assert not board.raised(notice(), [telling("other")])
    assert [each.channel for each in board.deliveries()] == ["desk"]


def test_the_first_to_take_an_alert_on_is_remembered(board: AlertBoard, clock: HandClock) -> None:
    board.raised(notice(), [])
    board.acknowledged("alert-1", "ada", "looking")
    clock.move(5)
    found = board.acknowledged("alert-1", "grace", "me too")
    assert (found.acknowledged_by, found.acknowledged_at, found.acknowledged_why) == ("ada", AT, "looking")
    assert board.alerts(is_active=True) == ()
    assert len(board.alerts(is_active=False)) == 1


def test_an_alert_that_is_taken_on_is_not_escalated(board: AlertBoard, clock: HandClock) -> None:
    """TEAM-02: the escalation is spared, what was due anyway is not."""
    board.raised(notice(), [telling(), telling("boss", 900, is_escalation=True)])
    board.acknowledged("alert-1", "ada", "")
    clock.move(1000)
    assert board.claimed("boss", "me", LEASE_S) is None
    assert board.claimed("desk", "me", LEASE_S) is not None
    assert [each.channel for each in board.deliveries(state=DeliveryState.SPARED)] == ["boss"]


def test_an_alert_that_nobody_takes_on_is_escalated_in_time(board: AlertBoard, clock: HandClock) -> None:
    board.raised(notice(), [telling("boss", 900, is_escalation=True)])
    clock.move(899)
    assert board.claimed("boss", "me", LEASE_S) is None
    clock.move(1)
    claimed = board.claimed("boss", "me", LEASE_S)
    assert claimed is not None
    assert claimed.is_escalation


def test_a_delivery_is_claimed_by_one_until_its_lease_runs_out(board: AlertBoard, clock: HandClock) -> None:
    board.raised(notice(), [telling()])
    first = board.claimed("desk", "one", LEASE_S)
    assert first is not None
    assert board.claimed("desk", "two", LEASE_S) is None
    clock.move(LEASE_S)
    assert board.claimed("desk", "two", LEASE_S) is not None, "the first one is taken for dead"
    assert not board.delivered(first.delivery_id, "one"), "it came too late"
    assert board.delivered(first.delivery_id, "two")
    assert board.claimed("desk", "three", LEASE_S) is None


def test_a_failed_delivery_waits_and_then_is_a_dead_letter(board: AlertBoard, clock: HandClock) -> None:
    board.raised(notice(), [telling()])
    (waiting,) = board.deliveries()
    board.claimed("desk", "me", LEASE_S)
    assert board.failed(waiting.delivery_id, "me", "no answer", AT + timedelta(seconds=30))
    assert board.claimed("desk", "me", LEASE_S) is None
    clock.move(30)
    board.claimed("desk", "me", LEASE_S)
    assert board.failed(waiting.delivery_id, "me", "no answer", None)
    (dead,) = board.deliveries(state=DeliveryState.DEAD)
    assert (dead.n_failed, dead.because) == (2, "no answer")
    assert board.counts()[1] == {("desk", "dead"): 1}


def test_a_dead_letter_is_tried_again_from_the_start(board: AlertBoard) -> None:
    board.raised(notice(), [telling()])
    board.claimed("desk", "me", LEASE_S)
    board.failed(1, "me", "no answer", None)
    assert board.revived(1).n_failed == 0
    assert board.claimed("desk", "me", LEASE_S) is not None
    with pytest.raises(EdgeError, match="delivery 1 is waiting; only a dead one is tried again"):
        board.revived(1)


def test_the_oldest_due_delivery_says_how_late_the_channels_are(board: AlertBoard, clock: HandClock) -> None:
    assert board.oldest_due() is None
    board.raised(notice(), [telling(after_s=10)])
    assert board.oldest_due() is None
    clock.move(60)
    assert board.oldest_due() == AT + timedelta(seconds=10)


def test_pages_of_alerts_do_not_overlap(board: AlertBoard) -> None:
    for number in range(5):
        board.raised(notice(f"alert-{number}", account_id="" if number == 4 else "paper"), [telling()])
    first = board.alerts(count=2)
    second = board.alerts(count=2, before=first[-1].sequence)
    assert [each.notice.alert_id for each in (*first, *second)] == ["alert-4", "alert-3", "alert-2", "alert-1"]
    assert [each.notice.alert_id for each in board.alerts(accounts=["other"])] == ["alert-4"], "it is of no account"
    assert [each.alert_id for each in board.deliveries(before=2)] == ["alert-0"]
    assert board.counts()[2] == {"page": 5}


@pytest.mark.parametrize("what", ["condition", "alert", "revived"])
def test_what_there_is_not_is_said(board: AlertBoard, what: str) -> None:
    with pytest.raises(EdgeError, match=r"was never|is not known") as caught:
        getattr(board, what)(7 if what == "revived" else "none")
    assert caught.value.reason == "not-found"
