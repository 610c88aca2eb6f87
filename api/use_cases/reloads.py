"""How a service takes up policies while it serves: who tries them, whether a second person is needed, who is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from adapters.watching import PolicyFolder
from api.use_cases.candidates import Tried, tried
from api.use_cases.policy_log import Scheduled
from nodes.vocabulary.errors import Fault


class Source(Enum):
    """Where a candidate came from."""

    WATCH = "watch"
    SIGNAL = "signal"
    API = "api"
    CLI = "cli"


class CandidateState(Enum):
    """What became of a candidate."""

    ACTIVE = "active"
    PROPOSED = "proposed"
    SCHEDULED = "scheduled"
    WITHDRAWN = "withdrawn"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    SHADOW = "shadow"
    CANARY = "canary"
    ENDED = "ended"


@dataclass(frozen=True)
class CandidateOutcome:
    """What became of a candidate, or of a word about one.

    Attributes:
        state: what became of it.
        file: what it was called.
        policy_digest: its identity; empty when it could not be read.
        faults: everything wrong with it; empty unless it was refused.
        sequence: of the entry that says so; None when none does.
    """

    state: CandidateState
    file: str
    policy_digest: bytes = b""
    faults: tuple[Fault, ...] = ()
    sequence: int | None = None


def _nobody(_outcome: CandidateOutcome, _source: Source) -> None:
    """Nobody is told."""


def _nothing() -> None:
    """Nothing is to be made ready."""


@dataclass(frozen=True)
class Reloads:
    """How policies are taken up.

    Attributes:
        tried: tries a candidate, apart from whatever serves.
        is_approved_mode: whether a second person must approve.
        needs_impact: whether a candidate must come with a report of its impact.
        warm: makes ready whatever tries candidates, so that the first one does not wait.
        folder: the folder that is watched; None for none.
        told: called with every outcome and where it came from, for metrics.
        scheduled: the policies that wait for their instant.
        lock: held while one candidate is handled: a process handles one at a time.
    """

    tried: Tried = tried
    is_approved_mode: bool = False
    needs_impact: bool = False
    warm: Callable[[], None] = _nothing
    folder: PolicyFolder | None = None
    told: Callable[[CandidateOutcome, Source], None] = _nobody
    scheduled: Scheduled = field(default_factory=Scheduled)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def mode(self) -> str:
        """The mode's name: direct or approved."""
        return "approved" if self.is_approved_mode else "direct"
