"""Answers that are kept: given while they are fresh, given and asked for again for a while, given when asking fails.

The words are those of RFC 5861 (stale-while-revalidate, stale-if-error). A question is asked by one at a time: whoever
asks the same meanwhile waits for the one answer (single flight). How old an answer may be is policy
(`policies.resilience_terms`); how it is told in HTTP is `api.http.cache_status`.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Generic, TypeVar

from adapters.upstreams.threads import DaemonThreads
from adapters.upstreams.upstream import is_fault
from governance.waiting import Attempt
from nodes.vocabulary.errors import AssayError
from policies.resilience_terms import StaleTerms

_T = TypeVar("_T")
N_BACKGROUND = 2


class How(Enum):
    """How an answer came about."""

    ASKED = "asked"
    JOINED = "joined"
    FRESH = "fresh"
    REVALIDATING = "revalidating"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Kept(Generic[_T]):
    """An answer with its age.

    Attributes:
        answer: the answer.
        how: it came about.
        age_s: seconds since it was asked for; 0 when that was for this question.
        fresh_s: up to which age it is fresh.
        because: why asking again failed; "" when it did not.
        had_older: whether an older answer was kept when this one was asked for.
        is_kept: whether it can be given again.
    """

    answer: _T
    how: How
    age_s: float
    fresh_s: float
    because: str = ""
    had_older: bool = False
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class _Entry(Generic[_T]):
    answer: _T
    asked_s: float
    n_bytes: int


class KeptAnswers(Generic[_T]):
    """Answers by question, as many as fit; the one that was not given for longest goes first.

    Args:
        size: bytes that an answer takes.
        max_bytes: that all may take.
        served_old: called with the age when an answer is given because asking again failed.
        monotonic_s: a clock that only goes forward.
    """

    def __init__(
        self,
        size: Callable[[_T], int],
        max_bytes: int,
        served_old: Callable[[float], None] | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._size, self._max_bytes = size, max_bytes
        self._served_old, self._monotonic_s = served_old, monotonic_s
        self._entries: OrderedDict[Hashable, _Entry[_T]] = OrderedDict()
        self._flights: dict[Hashable, Future[_T]] = {}
        self._n_bytes = 0
        self._lock = threading.Lock()
        self._background = DaemonThreads(N_BACKGROUND, "asking again")

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def n_bytes(self) -> int:
        """What all of them take."""
        return self._n_bytes

    def of(self, key: Hashable, terms: StaleTerms, ask: Callable[[], _T], *, is_fresh_wanted: bool = False) -> Kept[_T]:
        """The answer to a question.

        Args:
            key: the question.
            terms: how old its answer may be.
            ask: asks it.
            is_fresh_wanted: whether only what is asked for now will do, unless asking fails.

        Raises:
            AssayError: asking failed, and no answer is kept that is young enough.
        """
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
        age_s = 0.0 if entry is None else self._monotonic_s() - entry.asked_s
        if entry is not None and not is_fresh_wanted:
            if age_s < terms.fresh_s:
                return Kept(entry.answer, How.FRESH, age_s, terms.fresh_s)
            if age_s < terms.fresh_s + terms.revalidate_s:
                self._ask_again(key, terms, ask)
                return Kept(entry.answer, How.REVALIDATING, age_s, terms.fresh_s)
        try:
            return replace(self._flown(key, terms, ask), had_older=entry is not None)
        except AssayError as error:
            if entry is None or not _is_excused(error):
                raise
            age_s = self._monotonic_s() - entry.asked_s  # it has grown older while it was asked for in vain
            if age_s >= terms.fresh_s + terms.if_error_s:
                raise
            if self._served_old is not None:
                self._served_old(age_s)
            return Kept(entry.answer, How.ERROR, age_s, terms.fresh_s, str(error))

    def close(self) -> None:
        """Ask nothing again."""
        self._background.close()

    def _flown(self, key: Hashable, terms: StaleTerms, ask: Callable[[], _T]) -> Kept[_T]:
        """The answer of the one that asks: of this thread, or of another that asks the same already."""
        with self._lock:
            flight = self._flights.get(key)
            is_leader = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        if not is_leader:
            return Kept(flight.result(), How.JOINED, 0.0, terms.fresh_s)
        is_kept = self._led(key, flight, ask)
        return Kept(flight.result(), How.ASKED, 0.0, terms.fresh_s, is_kept=is_kept)

    def _led(self, key: Hashable, flight: Future[_T], ask: Callable[[], _T]) -> bool:
        """Ask, and tell all who wait, whatever comes of it. Returns whether the answer is kept."""
        asked_s, attempt, is_kept = self._monotonic_s(), Attempt(), False
        answers: list[_T] = []
        with attempt:
            answers.append(ask())
            is_kept = self._keep(key, answers[0], asked_s)
        with self._lock:
            del self._flights[key]
        if attempt.error is None:
            flight.set_result(answers[0])
        else:
            flight.set_exception(attempt.error)
        return is_kept

    def _ask_again(self, key: Hashable, terms: StaleTerms, ask: Callable[[], _T]) -> None:
        if key not in self._flights:
            self._background.submit(partial(self._flown, key, terms, ask))

    def _keep(self, key: Hashable, answer: _T, asked_s: float) -> bool:
        entry = _Entry(answer, asked_s, self._size(answer))
        with self._lock:
            old = self._entries.pop(key, None)
            self._n_bytes -= 0 if old is None else old.n_bytes
            if entry.n_bytes > self._max_bytes:
                return False
            self._entries[key] = entry
            self._n_bytes += entry.n_bytes
            while self._n_bytes > self._max_bytes:
                _, gone = self._entries.popitem(last=False)
                self._n_bytes -= gone.n_bytes
            return True


def _is_excused(error: AssayError) -> bool:
    """Whether an old answer may take the place of an error: of a sick upstream, or of one that too many ask."""
    return is_fault(error) or error.reason == "queue-full"
