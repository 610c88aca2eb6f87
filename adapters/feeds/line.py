"""The line to a vendor: every question goes through it, and it keeps the manners.

In this order, for each attempt: wait for our turn under the rate that we allow ourselves, ask unless the circuit
breaker is open, judge the answer. A fault that may pass is tried again after a growing pause, a throttled question
after the rest that the vendor names; a longer rest than we are patient for ends the run instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import limits
import stamina
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from purgatory import SyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from adapters.feeds.faults import (
    MalformedError,
    NotThereError,
    RefusedError,
    RestingError,
    ThrottledError,
    Translation,
    UnreachableError,
)
from adapters.feeds.feed_metrics import BREAKER_STATES, FeedMetrics
from nodes.vocabulary.errors import EdgeError

_Answer = TypeVar("_Answer")
_SHORTEST_PAUSE_S = 0.005


@dataclass(frozen=True, slots=True)
class Patience:
    """How long we put up with a vendor.

    Attributes:
        attempts: questions asked before giving up.
        first_pause_s: pause after the first failure; it doubles.
        longest_pause_s: and does not grow beyond this.
        longest_rest_s: a vendor that asks for a longer rest than this ends the run.
        breaker_failures: failures in a row after which the vendor is left alone.
        breaker_rest_s: for how long.
        longest_breaker_rest_s: and for how long at most, when it fails again and again.
    """

    attempts: int = 4
    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0
    longest_rest_s: float = 60.0
    breaker_failures: int = 8
    breaker_rest_s: float = 60.0
    longest_breaker_rest_s: float = 3600.0


class Line:
    """The line to one vendor. It serves one thread."""

    def __init__(self, source: str, rate: str, patience: Patience, metrics: FeedMetrics) -> None:
        self.source = source
        self.n_throttled = 0
        self._rate = _rate(rate)
        self._patience = patience
        self._metrics = metrics
        self._turns = MovingWindowRateLimiter(MemoryStorage())
        passing = [ThrottledError, RefusedError, NotThereError, MalformedError]
        self._breakers = SyncCircuitBreakerFactory(
            patience.breaker_failures, patience.breaker_rest_s, exclude=list(passing)
        )

    @property
    def breaker(self) -> str:
        """The state of the circuit breaker: closed, half-opened or opened."""
        return str(self._breakers.get_breaker(self.source).context.state)

    def answer(self, ask: Callable[[], _Answer], translation: Translation) -> _Answer:
        """What the vendor answers, however often he must be asked.

        Raises:
            ThrottledError, UnreachableError, RefusedError, RestingError: the run cannot go on with this question.
            NotThereError, MalformedError: the answer belongs in the quarantine.
        """
        patience = self._patience
        retries = stamina.retry_context(
            on=self._pause,
            attempts=patience.attempts,
            timeout=None,
            wait_initial=patience.first_pause_s,
            wait_max=patience.longest_pause_s,
            wait_jitter=patience.first_pause_s,
        )
        for attempt in retries:
            with attempt:
                self._wait_for_turn()
                return self._asked(ask, translation)
        raise AssertionError(self.source)  # a retry context ends with an answer or its last exception

    def _asked(self, ask: Callable[[], _Answer], translation: Translation) -> _Answer:
        try:
            with self._breakers.get_breaker(self.source):
                return _translated(ask, translation)
        except OpenedState:
            raise RestingError(self.source, self._patience.breaker_rest_s) from None
        except ThrottledError:
            self.n_throttled += 1
            self._metrics.throttled.labels(self.source).inc()
            raise
        finally:
            self._metrics.breaker_state.labels(self.source).set(BREAKER_STATES[self.breaker])

    def _pause(self, fault: Exception) -> bool | float:
        """Whether a fault is tried again, and after which pause."""
        if isinstance(fault, ThrottledError):
            return fault.retry_after_s if fault.retry_after_s <= self._patience.longest_rest_s else False
        return isinstance(fault, UnreachableError)

    def _wait_for_turn(self) -> None:
        while not self._turns.hit(self._rate, self.source):
            free_at = self._turns.get_window_stats(self._rate, self.source).reset_time
            time.sleep(max(_SHORTEST_PAUSE_S, free_at - time.time()))


def _translated(ask: Callable[[], _Answer], translation: Translation) -> _Answer:
    try:
        return ask()
    except translation.types as error:
        # Without its cause: the vendor's exception may quote the address with the key in it.
        raise translation.fault(error) from None


def _rate(text: str) -> limits.RateLimitItem:
    try:
        return limits.parse(text)
    except ValueError as error:
        message = f'rate {text!r} cannot be read; write it as number/period, e.g. "60/minute"'
        raise EdgeError(message) from error
