"""Asking what may not answer: deadline, bulkhead and circuit together (issue 7, resilience)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from adapters.upstreams.circuit import CircuitState
from adapters.upstreams.outages import Harm
from adapters.upstreams.upstream import AWAY, News, Upstream, is_fault
from nodes.vocabulary.errors import DataError, EdgeError
from policies.resilience_terms import UpstreamTerms

AT = datetime(2026, 11, 23, tzinfo=UTC)
TERMS = UpstreamTerms(
    at_once=2, wait_s=0.05, deadline_s=0.05, failures=2, rest_s=1.0, longest_rest_s=4.0, probe_every_s=5.0
)


class Desk:
    """An upstream, a clock that is set, and a gate that keeps questions waiting."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.gate = threading.Event()
        self.told: list[News] = []
        self.upstream = Upstream("lake", TERMS, lambda: AT, monotonic_s=lambda: self.now_s, news=self.told.append)

    def fails(self, work: Callable[[], object]) -> str:
        with pytest.raises(EdgeError, match="lake") as raised:
            self.upstream.asked(work)
        return raised.value.reason

    def broken(self) -> None:
        raise ConnectionResetError("reset by peer")

    def hang(self) -> None:
        self.gate.wait(5)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.gate.set()
    made.upstream.close()


def test_an_answer_comes_through(desk: Desk) -> None:
    assert desk.upstream.asked(lambda: 7) == 7
    assert desk.upstream.standing.good_at == AT


def test_an_answer_that_does_not_come_is_given_up_at_the_deadline(desk: Desk) -> None:
    assert desk.fails(desk.hang) == AWAY
    assert "no answer within 0.05 s" in desk.upstream.standing.because


def test_questions_that_were_given_up_hold_their_places_until_they_really_end(desk: Desk) -> None:
    for _ in range(2):
        desk.fails(desk.hang)
    desk.now_s = 1.0
    with pytest.raises(EdgeError, match="2 questions to lake are under way") as raised:
        desk.upstream.asked(lambda: 7)
    assert (raised.value.reason, desk.upstream.standing.n_under_way) == ("queue-full", 2)
    desk.gate.set()
    assert desk.upstream.asked(lambda: 7) == 7


def test_it_is_left_alone_after_failures_in_a_row_and_asked_again_by_one_probe(desk: Desk) -> None:
    asked: list[int] = []
    assert [desk.fails(desk.broken), desk.fails(desk.broken), desk.fails(lambda: asked.append(1))] == [AWAY] * 3
    assert (asked, desk.upstream.standing.state, desk.upstream.standing.rests_s) == ([], CircuitState.OPEN, 1.0)
    desk.now_s = 1.0
    assert desk.upstream.wants_probe
    desk.upstream.asked(lambda: None)
    assert desk.upstream.standing.state is CircuitState.CLOSED


def test_an_outage_is_told_once_with_what_was_seen_and_its_end_once(desk: Desk) -> None:
    for _ in range(4):
        desk.fails(desk.broken)
    desk.now_s = 1.0
    desk.fails(desk.broken)
    desk.now_s = 3.0
    desk.upstream.asked(lambda: None)
    begun, over = desk.told
    assert begun.begun is not None
    assert (begun.begun.upstream, begun.begun.because) == ("lake", "ConnectionResetError: reset by peer")
    assert (begun.is_over, over) == (False, News(None, is_over=True))
    assert desk.upstream.harm() == Harm(n_probes=1, n_refused=4)
    assert desk.upstream.harm() == Harm()


@pytest.mark.parametrize(
    "answer", [DataError("no such row; ask for another"), EdgeError("no table x; import it", reason="no-table")]
)
def test_an_answer_that_says_no_is_an_answer(desk: Desk, answer: Exception) -> None:
    def said() -> None:
        raise answer

    for _ in range(3):
        with pytest.raises(type(answer), match="; "):
            desk.upstream.asked(said)
    assert desk.upstream.standing.state is CircuitState.CLOSED


def test_a_slip_of_ours_is_raised_as_it_is_and_does_not_leave_a_probe_without_an_outcome(desk: Desk) -> None:
    for _ in range(2):
        desk.fails(desk.broken)
    desk.now_s = 1.0
    with pytest.raises(ZeroDivisionError, match="division"):
        desk.upstream.asked(lambda: 1 // 0)
    assert desk.upstream.asked(lambda: 7) == 7


def test_an_upstream_that_nobody_asks_wants_to_be_probed_now_and_then(desk: Desk) -> None:
    assert not desk.upstream.wants_probe
    desk.now_s = 5.0
    assert desk.upstream.wants_probe
    desk.upstream.asked(lambda: None)
    assert not desk.upstream.wants_probe


def test_answers_from_memory_are_counted_with_the_oldest_age(desk: Desk) -> None:
    for age_s in (3.2, 9.9, 1.0):
        desk.upstream.answered_from_memory(age_s)
    assert desk.upstream.harm() == Harm(n_from_memory=3, oldest_s=9)


def test_only_errors_of_the_edge_without_a_reason_of_their_own_speak_against_an_upstream() -> None:
    assert is_fault(EdgeError("x"))
    assert is_fault(EdgeError("x", reason=AWAY))
    assert not is_fault(EdgeError("x", reason="no-table"))
    assert not is_fault(DataError("x"))


def test_one_that_was_closed_answers_no_more_and_says_so(desk: Desk) -> None:
    desk.upstream.close()
    with pytest.raises(EdgeError, match="it is closed, as the server ends"):
        desk.upstream.asked(lambda: 7)
    assert desk.upstream.standing.n_under_way == 0
