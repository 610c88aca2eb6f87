"""Work that a thread of a server does again and again: whatever it raises is kept, told and tried again later.

A thread that ended in silence would leave orders in the outbox, or policies in the folder, while the server looks well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from governance.waiting import Attempt
from nodes.vocabulary.errors import AssayError

MAX_PAUSE_S = 5.0
STUCK_S = 60.0
"""Longer than any one round may take: a candidate's limits and the patience for an append lie well below."""
_DOUBLINGS = 16

Told = Callable[[str, BaseException | None, int], None]
"""Called with the work's name, what a round raised, and how many did so one after the other; with None and 0 when a
round goes well after that."""


def _nobody(_name: str, _error: BaseException | None, _n_failed: int) -> None:
    """Nobody is told."""


class Background:
    """How work in the background goes.

    Args:
        name: what the work is.
        told: called in the work's thread, after every round that raised and after the first good one since.

    Attributes:
        name: what the work is.
        error: what the newest round raised; None when it went well.
    """

    def __init__(self, name: str, told: Told = _nobody) -> None:
        self.name = name
        self.error: BaseException | None = None
        self._told = told
        self._n_failed = 0
        self._turned_s: float | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """A block during which the work is to come round; outside it, nobody waits for it."""
        self._turned_s = time.monotonic()
        try:
            yield
        finally:
            self._turned_s = None

    def round(self, work: Callable[[], object]) -> None:
        """Do the work once. Never raises."""
        attempt = Attempt()
        with attempt:
            work()
        had_failed, self.error = self.error is not None, attempt.error
        self._n_failed = 0 if attempt.error is None else self._n_failed + 1
        if self._turned_s is not None:
            self._turned_s = time.monotonic()
        if had_failed or attempt.error is not None:
            self._told(self.name, attempt.error, self._n_failed)

    def pause_s(self, usual_s: float) -> float:
        """How long to wait for the next round: longer and longer while rounds go wrong."""
        longer_s: float = usual_s * 2 ** min(self._n_failed, _DOUBLINGS)
        return min(longer_s, max(usual_s, MAX_PAUSE_S))

    @property
    def is_foreseen(self) -> bool:
        """Whether what went wrong is something that passes by itself, as a log that is locked for a while."""
        return self.error is None or isinstance(self.error, AssayError)

    @property
    def is_stuck(self) -> bool:
        """Whether the work ought to have come round and did not: its thread waits in vain, or is no more."""
        return self._turned_s is not None and time.monotonic() - self._turned_s > STUCK_S

    @property
    def complaint(self) -> str:
        """What is wrong with the work now; "" when nothing is."""
        if self.is_stuck and self._turned_s is not None:
            return f"nothing was done for {time.monotonic() - self._turned_s:.0f} s; restart this worker"
        if self.error is None:
            return ""
        said = str(self.error) if self.is_foreseen else f"{type(self.error).__name__}; see this worker's log lines"
        return f"{self._n_failed} rounds went wrong, it is tried again: {said}"
