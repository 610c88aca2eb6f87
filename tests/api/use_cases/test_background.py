"""Work in the background never ends in silence: what it raises is kept, told, and tried again."""

from __future__ import annotations

import time

import pytest

from api.use_cases import background
from api.use_cases.background import MAX_PAUSE_S, Background
from nodes.vocabulary.errors import LogError


def _raising(error: BaseException) -> None:
    raise error


def test_a_round_that_raises_is_told_and_the_next_good_one_ends_the_complaint() -> None:
    told: list[tuple[str, str, int]] = []
    work = Background("work", lambda name, error, n_failed: told.append((name, repr(error), n_failed)))
    for _ in range(2):
        work.round(lambda: _raising(KeyError("lost")))
    assert work.complaint == "2 rounds went wrong, it is tried again: KeyError; see this worker's log lines"
    work.round(lambda: None)
    work.round(lambda: None)
    assert work.complaint == ""
    assert told == [("work", "KeyError('lost')", 1), ("work", "KeyError('lost')", 2), ("work", "None", 0)]


def test_what_passes_by_itself_is_told_in_its_own_words() -> None:
    work = Background("work")
    work.round(lambda: _raising(LogError("log is locked; wait")))
    assert work.is_foreseen
    assert work.complaint.endswith("log is locked; wait")


@pytest.mark.parametrize("error", [SystemExit(1), MemoryError(), RecursionError()])
def test_nothing_that_a_round_raises_ends_the_thread(error: BaseException) -> None:
    work = Background("work")
    work.round(lambda: _raising(error))
    assert not work.is_foreseen


def test_pauses_grow_while_rounds_go_wrong_and_not_without_bound() -> None:
    work = Background("work")
    assert work.pause_s(0.1) == 0.1
    work.round(lambda: _raising(KeyError()))
    assert work.pause_s(0.1) == 0.2
    for _ in range(100):
        work.round(lambda: _raising(KeyError()))
    assert work.pause_s(0.1) == MAX_PAUSE_S
    assert work.pause_s(60.0) == 60.0


def test_work_that_does_not_come_round_is_stuck_only_while_it_should(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that waits for ever, or is no more, says nothing itself."""
    monkeypatch.setattr(background, "STUCK_S", 0.0)
    work = Background("work")
    assert not work.is_stuck
    with work.running():
        time.sleep(0.001)
        assert work.is_stuck
        assert "restart this worker" in work.complaint
    assert not work.is_stuck
