"""A circuit breaker that threads share: closed, open while its upstream rests, half open for exactly one probe.

Purgatory, which the line to a vendor uses (`adapters.feeds.line`), serves one thread: half open it lets everybody
through, and a late success of a question from before closes it. Here each question carries the round that it was let
through in, so that only the probe decides.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class CircuitState(Enum):
    """Whether questions get through."""

    CLOSED = "closed"
    HALF_OPEN = "half-open"
    OPEN = "open"


class Turn(Enum):
    """What an outcome did to a circuit."""

    OPENED = "opened"
    REOPENED = "reopened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Pass:
    """What a question is let through with.

    Attributes:
        round: of the circuit; outcomes of earlier rounds say nothing of now.
        is_probe: whether the circuit stands or falls with it.
    """

    round: int
    is_probe: bool


class Circuit:
    """A circuit.

    Args:
        failures: in a row, after which it opens.
        rest_s: how long it stays open the first time; doubles with each probe that fails.
        longest_rest_s: the longest rest.
        monotonic_s: a clock that only goes forward.
    """

    def __init__(
        self, failures: int, rest_s: float, longest_rest_s: float, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._failures, self._first_rest_s, self._longest_rest_s = failures, rest_s, longest_rest_s
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._state = CircuitState.CLOSED
        self._round = self._n_failed = 0
        self._rest_s = rest_s
        self._opens_s = 0.0

    @property
    def state(self) -> CircuitState:
        """How it is."""
        return self._state

    @property
    def rests_s(self) -> float:
        """Seconds until a question may probe it; 0 when one may now."""
        if self._state is not CircuitState.OPEN:
            return 0.0
        return max(0.0, self._opens_s - self._monotonic_s())

    def admitted(self) -> Pass | None:
        """Let a question through, or None: while it is open, and while another one probes it."""
        with self._lock:
            if self._state is CircuitState.CLOSED:
                return Pass(self._round, is_probe=False)
            if self._state is CircuitState.HALF_OPEN or self._monotonic_s() < self._opens_s:
                return None
            self._state = CircuitState.HALF_OPEN
            self._round += 1
            return Pass(self._round, is_probe=True)

    def succeeded(self, given: Pass) -> Turn | None:
        """A question was answered."""
        with self._lock:
            if given.round != self._round:
                return None
            self._n_failed = 0
            if not given.is_probe:
                return None
            self._state = CircuitState.CLOSED
            self._round += 1
            self._rest_s = self._first_rest_s
            return Turn.CLOSED

    def failed(self, given: Pass) -> Turn | None:
        """A question was not answered."""
        with self._lock:
            if given.round != self._round:
                return None
            self._n_failed += 1
            if given.is_probe:
                self._rest_s = min(self._rest_s * 2, self._longest_rest_s)
                return self._open(Turn.REOPENED)
            return self._open(Turn.OPENED) if self._n_failed >= self._failures else None

    def _open(self, turn: Turn) -> Turn:
        self._state = CircuitState.OPEN
        self._round += 1
        self._opens_s = self._monotonic_s() + self._rest_s
        return turn
