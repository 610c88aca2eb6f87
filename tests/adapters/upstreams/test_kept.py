"""Kept answers: fresh, stale while asked again, stale when asking fails, one question at a time (RFC 5861)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from adapters.upstreams.kept import How, KeptAnswers
from nodes.vocabulary.errors import EdgeError
from policies.resilience_terms import StaleTerms

TERMS = StaleTerms(fresh_s=1.0, revalidate_s=2.0, if_error_s=60.0)
NEVER = StaleTerms(fresh_s=0.0, revalidate_s=0.0, if_error_s=0.0)


class Desk:
    """Kept answers with a clock that is set, and a source that counts how often it is asked."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.n_asked = 0
        self.fault: EdgeError | None = None
        self.old: list[float] = []
        self.kept = KeptAnswers[bytes](len, 10, self.old.append, lambda: self.now_s)

    def ask(self) -> bytes:
        self.n_asked += 1
        if self.fault is not None:
            raise self.fault
        return b"%d" % self.n_asked


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.kept.close()


def _until_asked(desk: Desk, n_asked: int) -> None:
    until_s = time.monotonic() + 5
    while desk.n_asked < n_asked and time.monotonic() < until_s:
        time.sleep(0.001)
    assert desk.n_asked == n_asked


def test_a_fresh_answer_is_given_without_asking(desk: Desk) -> None:
    first = desk.kept.of("q", TERMS, desk.ask)
    desk.now_s = 0.9
    second = desk.kept.of("q", TERMS, desk.ask)
    assert [(each.how, each.answer, each.age_s) for each in (first, second)] == [
        (How.ASKED, b"1", 0.0),
        (How.FRESH, b"1", 0.9),
    ]


def test_a_stale_answer_is_given_at_once_and_asked_for_again_meanwhile(desk: Desk) -> None:
    desk.kept.of("q", TERMS, desk.ask)
    desk.now_s = 2.5
    stale = desk.kept.of("q", TERMS, desk.ask)
    assert (stale.how, stale.answer, stale.age_s) == (How.REVALIDATING, b"1", 2.5)
    _until_asked(desk, 2)
    until_s = time.monotonic() + 5
    while desk.kept.of("q", TERMS, desk.ask).answer == b"1" and time.monotonic() < until_s:
        time.sleep(0.001)
    assert desk.kept.of("q", TERMS, desk.ask).how is How.FRESH


def test_one_that_is_too_old_is_asked_for_first(desk: Desk) -> None:
    desk.kept.of("q", TERMS, desk.ask)
    desk.now_s = 3.0
    found = desk.kept.of("q", TERMS, desk.ask)
    assert (found.how, found.answer, found.had_older) == (How.ASKED, b"2", True)


@pytest.mark.parametrize(("age_s", "is_given"), [(60.9, True), (61.0, False)])
def test_an_old_answer_stands_in_for_a_failure_up_to_the_age_that_policy_sets(
    desk: Desk, age_s: float, *, is_given: bool
) -> None:
    desk.kept.of("q", TERMS, desk.ask)
    desk.now_s, desk.fault = age_s, EdgeError("lake did not answer; see to it")
    if is_given:
        found = desk.kept.of("q", TERMS, desk.ask)
        assert (found.how, found.answer, found.because) == (How.ERROR, b"1", "lake did not answer; see to it")
        assert desk.old == [age_s]
    else:
        with pytest.raises(EdgeError, match="did not answer"):
            desk.kept.of("q", TERMS, desk.ask)


def test_an_answer_that_says_no_is_not_covered_up_by_an_old_one(desk: Desk) -> None:
    desk.kept.of("q", TERMS, desk.ask)
    desk.now_s, desk.fault = 5.0, EdgeError("no table; import it", reason="no-table")
    with pytest.raises(EdgeError, match="no table"):
        desk.kept.of("q", TERMS, desk.ask)


def test_whoever_wants_it_fresh_is_not_given_a_kept_one_unless_asking_fails(desk: Desk) -> None:
    desk.kept.of("q", TERMS, desk.ask)
    assert desk.kept.of("q", TERMS, desk.ask, is_fresh_wanted=True).answer == b"2"
    desk.fault = EdgeError("lake did not answer; see to it")
    assert desk.kept.of("q", TERMS, desk.ask, is_fresh_wanted=True).how is How.ERROR


def test_terms_of_zero_never_give_an_old_answer(desk: Desk) -> None:
    desk.kept.of("q", NEVER, desk.ask)
    assert desk.kept.of("q", NEVER, desk.ask).answer == b"2"
    desk.fault = EdgeError("lake did not answer; see to it")
    with pytest.raises(EdgeError, match="did not answer"):
        desk.kept.of("q", NEVER, desk.ask)


@pytest.mark.parametrize("fails", [False, True])
def test_fifty_who_ask_the_same_at_once_ask_once(desk: Desk, *, fails: bool) -> None:
    begun, go, hows = threading.Barrier(51), threading.Event(), list[str]()

    def slow() -> bytes:
        desk.n_asked += 1
        go.wait(5)
        if fails:
            raise EdgeError("lake did not answer; see to it")
        return b"1"

    def asker() -> None:
        begun.wait(5)
        try:
            hows.append(desk.kept.of("q", TERMS, slow).how.value)
        except EdgeError as error:
            hows.append(str(error))

    threads = [threading.Thread(target=asker) for _ in range(50)]
    for thread in threads:
        thread.start()
    begun.wait(5)
    time.sleep(0.2)
    go.set()
    for thread in threads:
        thread.join()
    assert desk.n_asked == 1
    assert len(hows) == 50
    assert len(set(hows)) == (1 if fails else 2)


def test_answers_that_do_not_fit_make_room_and_one_that_never_fits_is_not_kept(desk: Desk) -> None:
    for key in ("a", "b", "c"):
        desk.kept.of(key, TERMS, lambda: b"12345")
    assert (len(desk.kept), desk.kept.n_bytes) == (2, 10)
    assert not desk.kept.of("d", TERMS, lambda: b"12345678901").is_kept
    assert [desk.kept.of(key, TERMS, lambda: b"x").how for key in ("b", "a")] == [How.FRESH, How.ASKED]


def test_an_answer_that_grew_too_old_while_it_was_asked_for_in_vain_is_not_given(desk: Desk) -> None:
    """What an old answer may be is its age when it is given, not when the asking began."""
    desk.kept.of("q", TERMS, desk.ask)

    def ask_in_vain() -> bytes:
        desk.now_s += 5.0
        raise EdgeError("lake did not answer; see to it")

    desk.now_s = 50.0
    assert desk.kept.of("q", TERMS, ask_in_vain).age_s == 55.0
    desk.now_s = 58.0
    with pytest.raises(EdgeError, match="did not answer"):
        desk.kept.of("q", TERMS, ask_in_vain)
    assert desk.old == [55.0]
