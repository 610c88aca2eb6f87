"""Something outside that may not answer: asked by so many at once, each for so long, and left alone while it is sick.

A question passes three gates. The circuit refuses at once what would fail anyway. The bulkhead lets so many through at
the same time, so that a sick upstream takes its own threads and no others. The deadline gives up on an answer that does
not come; what was given up keeps its place in the bulkhead until it really ends, for its thread is not free before.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from adapters.upstreams.circuit import Circuit, CircuitState, Pass, Turn
from adapters.upstreams.outages import Harm, Outage
from adapters.upstreams.threads import DaemonThreads
from governance.waiting import Attempt
from nodes.vocabulary.errors import AssayError, EdgeError
from policies.resilience_terms import UpstreamTerms

AWAY = "upstream-unavailable"
"""Reason of the errors that say that an upstream does not answer."""
FULL = "queue-full"
_FAULTS = frozenset({"", "log-unavailable", "rate-limits-unavailable", "unavailable", AWAY})
_T = TypeVar("_T")


def is_fault(error: AssayError) -> bool:
    """Whether an error says that the upstream is sick, instead of being its answer."""
    return isinstance(error, EdgeError) and error.reason in _FAULTS


@dataclass(frozen=True, slots=True)
class Standing:
    """How an upstream is.

    Attributes:
        name: what it is called.
        state: of its circuit.
        rests_s: seconds until it is asked again; 0 when it may be now.
        n_under_way: questions that it has not answered, those included that were given up.
        n_failed: questions in a row that it did not answer.
        because: what the newest of them met; "" when there is none.
        good_at: when it last answered; None when it has not yet.
    """

    name: str
    state: CircuitState
    rests_s: float
    n_under_way: int
    n_failed: int
    because: str
    good_at: datetime | None


@dataclass
class _Since:
    """What happened since the upstream last answered."""

    n_failed: int = 0
    because: str = ""
    began_at: datetime | None = None
    good_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What is to be written down of an upstream.

    Attributes:
        begun: an outage that was noticed; None when none was.
        is_over: whether it answers again.
    """

    begun: Outage | None
    is_over: bool


@dataclass
class Upstream:
    """Something outside that may not answer.

    Attributes:
        name: what it is called.
        terms: how it is asked.
        clock: now, in UTC.
        faults: exceptions of foreign code that say that it is sick.
        monotonic_s: a clock that only goes forward.
        news: called, in the thread that met it, when its circuit opens or closes; must return at once.
    """

    name: str
    terms: UpstreamTerms
    clock: Callable[[], datetime]
    faults: tuple[type[Exception], ...] = (OSError,)
    monotonic_s: Callable[[], float] = time.monotonic
    news: Callable[[News], None] | None = None
    _since: _Since = field(default_factory=_Since)

    def __post_init__(self) -> None:
        terms = self.terms
        self._circuit = Circuit(terms.failures, terms.rest_s, terms.longest_rest_s, self.monotonic_s)
        self._places = threading.BoundedSemaphore(terms.at_once)
        self._threads = DaemonThreads(terms.at_once, f"asking {self.name}")
        self._lock = threading.Lock()
        self._n_under_way = 0
        self._harm = Harm()
        self._asked_s = self.monotonic_s()

    def asked(self, work: Callable[[], _T]) -> _T:
        """What the upstream answers.

        Raises:
            EdgeError: it does not answer, is left alone, or too many ask it.
            AssayError: its answer is one.
        """
        if not self._places.acquire(timeout=self.terms.wait_s):
            raise EdgeError(f"{self.terms.at_once} questions to {self.name} are under way; come back soon", reason=FULL)
        given = self._circuit.admitted()
        if given is None:
            self._places.release()
            raise self._left_alone()
        self._asked_s = self.monotonic_s()
        with self._lock:
            self._n_under_way += 1
        future = self._threads.submit(work)
        future.add_done_callback(self._left)
        return self._outcome(given, future)

    def asked_here(self, work: Callable[[], _T]) -> _T:
        """What the upstream answers, asked in this thread: for a client with a deadline of its own.

        Raises as `asked`; nobody waits for a place.
        """
        given = self._circuit.admitted()
        if given is None:
            raise self._left_alone()
        self._asked_s = self.monotonic_s()
        future: Future[_T] = Future()
        attempt = Attempt()
        with attempt:
            future.set_result(work())
        if attempt.error is not None:
            future.set_exception(attempt.error)
        return self._outcome(given, future)

    @property
    def standing(self) -> Standing:
        """How it is."""
        with self._lock:
            since = self._since
            return Standing(
                self.name,
                self._circuit.state,
                self._circuit.rests_s,
                self._n_under_way,
                since.n_failed,
                since.because,
                since.good_at,
            )

    @property
    def wants_probe(self) -> bool:
        """Whether it should be asked how it is: it has rested, or nobody has asked it for a while."""
        if self._circuit.state is CircuitState.CLOSED:
            return self.monotonic_s() - self._asked_s >= self.terms.probe_every_s
        return self._circuit.rests_s == 0.0

    def answered_from_memory(self, age_s: float) -> None:
        """An answer of this age was given in its place."""
        with self._lock:
            told = self._harm
            oldest_s = max(told.oldest_s, int(age_s))
            self._harm = Harm(told.n_probes, told.n_from_memory + 1, told.n_refused, oldest_s)

    def harm(self) -> Harm:
        """What its silence did since this was last asked."""
        with self._lock:
            told, self._harm = self._harm, Harm()
        return told

    def close(self) -> None:
        """Ask it nothing more."""
        self._threads.close()

    def _outcome(self, given: Pass, future: Future[_T]) -> _T:
        try:
            error = future.exception(self.terms.deadline_s)
        except CancelledError:
            raise self._failed(given, "it is closed, as the server ends") from None
        except LateError:
            raise self._failed(given, f"no answer within {self.terms.deadline_s:g} s") from None
        if isinstance(error, self.faults):
            raise self._failed(given, f"{type(error).__name__}: {error}") from error
        if isinstance(error, AssayError) and is_fault(error):
            self._failed(given, str(error))
        else:  # an answer, if it is one that says no; what nobody foresaw is no fault of the upstream
            self._went_well(given)
        return future.result()

    def _left(self, _future: Future[_T]) -> None:
        with self._lock:
            self._n_under_way -= 1
        self._places.release()

    def _went_well(self, given: Pass) -> None:
        turn = self._circuit.succeeded(given)
        with self._lock:
            self._since = _Since(good_at=self.clock())
        if turn is Turn.CLOSED:
            self._tell(News(None, is_over=True))

    def _failed(self, given: Pass, because: str) -> EdgeError:
        """Note a question that was not answered. Returns the error to raise."""
        now = self.clock()
        with self._lock:
            since = self._since
            since.n_failed += 1
            since.because = because
            since.began_at = since.began_at or now
            told = self._harm
            is_probe = int(given.is_probe)
            n_refused = told.n_refused + 1 - is_probe
            self._harm = Harm(told.n_probes + is_probe, told.n_from_memory, n_refused, told.oldest_s)
            began_at, good_at = since.began_at, since.good_at
        if self._circuit.failed(given) is Turn.OPENED:
            self._tell(News(Outage(self.name, because, good_at, began_at, now), is_over=False))
        return EdgeError(f"{self.name} did not answer: {because}; see /internal, then try again", reason=AWAY)

    def _left_alone(self) -> EdgeError:
        with self._lock:
            told, because = self._harm, self._since.because
            self._harm = Harm(told.n_probes, told.n_from_memory, told.n_refused + 1, told.oldest_s)
        rests_s = self._circuit.rests_s
        message = f"{self.name} is left alone for {rests_s:.0f} s: {because}; see /internal, then try again"
        return EdgeError(message, reason=AWAY)

    def _tell(self, news: News) -> None:
        if self.news is not None:
            self.news(news)
