"""Policies in the shadow: each decision is judged by them too, once it is durable; what differs is counted and listed.

Each is judged on the snapshot that was archived with the decision, by the very functions of an order run
(`governance.impact`); the answer goes nowhere. It is made after the append, in a thread of its own and a stretch at a
time, so that no order waits for it. What comes of it follows from the log, and can be computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from adapters.sql.shadow_board import Compared, ShadowBoard, ShadowProgress
from adapters.watching import Ticking
from api.use_cases.background import Background, Told
from api.use_cases.policies import compiled_text
from api.use_cases.policy_log import PolicyEvent, policy_log
from api.use_cases.service import Service
from governance.entries import EntryKind
from governance.impact import ImpactJudge
from governance.ports import LogReader
from governance.rows import Head
from nodes.vocabulary.errors import AssayError, EdgeError

STRETCH = 256
"""Entries that are looked at in one go: some milliseconds of work."""
_KINDS = (EntryKind.POLICY_STAGE, EntryKind.ACTIVATION)


@dataclass(frozen=True)
class Comparison:
    """One version in the shadow, held to what is decided.

    Attributes:
        service: whose decisions they are.
        board: where what comes of it is kept.
        event: the entry that put it into the shadow.
        judge: judges by it.
    """

    service: Service
    board: ShadowBoard
    event: PolicyEvent
    judge: ImpactJudge

    def caught_up(self, size: int, stretches: int | None = None) -> bool:
        """Compare up to a place of the log, or so many stretches of it. Returns whether that place was reached."""
        n_done = 0
        while stretches is None or n_done < stretches:
            progress = self.board.compared(self.event.sequence, partial(self._stretch, size))
            if progress.next_sequence >= size:
                return True
            n_done += 1
        return False

    def _stretch(self, size: int, start: int) -> Compared | None:
        stop = min(start + STRETCH, size)
        if start >= stop:
            return None
        with self.service.store.reader() as reader:
            return Compared(stop, self.judge.chunk(reader, range(start, stop)), self.event.policy_digest.hex())


def shadow_judge(reader: LogReader, event: PolicyEvent) -> ImpactJudge:
    """What judges by a version in the shadow. Raises EdgeError when this code makes another plan of it than checked."""
    generation = compiled_text(reader.body(event.facts["policy_ref"]), event.name).generation
    if generation.order.digest != event.facts["order_plan_digest"]:
        message = (
            f"{event.name} was put into the shadow in entry {event.sequence} under other code than this process runs; "
            "end it and put it there again"
        )
        raise EdgeError(message, reason="generation-changed")
    return ImpactJudge(generation)


@dataclass
class ShadowWatch:
    """Holds every version in the shadow to what is decided, a few stretches a look.

    Attributes:
        service: whose decisions they are.
        board: opens where what comes of it is kept; asked for only once something is in the shadow.
        stretches: how many are compared at most in one look.
    """

    service: Service
    board: Callable[[], ShadowBoard]
    stretches: int = 16
    _head: Head | None = None
    _newest: tuple[bytes, ...] = ()
    _running: dict[int, Comparison] = field(default_factory=dict)

    def look(self) -> None:
        """Compare what was decided since the last look, as far as one look goes."""
        with self.service.store.reader() as reader:
            head = reader.head()
            if head == self._head:
                return
            self._see(reader)
        is_done = [comparison.caught_up(head.size, self.stretches) for comparison in self._running.values()]
        self._head = head if all(is_done) else None

    def _see(self, reader: LogReader) -> None:
        """Look at what is in the shadow, when the log says anything new about that."""
        newest = tuple(record.entry_id for kind in _KINDS for record in reader.newest(kind, 1))
        if newest == self._newest:
            return
        strategy = self.service.generations.current.generation.policy.strategy
        self._running = {
            event.sequence: self._running.get(event.sequence)
            or Comparison(self.service, self.board(), event, shadow_judge(reader, event))
            for event in policy_log(reader, strategy).shadows
        }
        self._newest = newest


@contextmanager
def shadows_watched(service: Service, board: Callable[[], ShadowBoard], told: Told) -> Iterator[None]:
    """A block in which a thread holds versions in the shadow to what is decided.

    Args:
        service: of the server.
        board: opens where what comes of it is kept.
        told: hears how the work goes.
    """
    watching, watch = Background("policy-shadows", told), ShadowWatch(service, board)
    with watching.running(), Ticking(partial(watching.round, watch.look)):
        yield


def shadow_progress(service: Service, board: ShadowBoard, event: PolicyEvent) -> ShadowProgress:
    """What came of a version in the shadow up to now: what was decided a moment ago is compared here, if need be.

    Where this code can no longer judge by it, what was found before, and why it ends there.
    """
    problem = ""
    try:
        with service.store.reader() as reader:
            judge, size = shadow_judge(reader, event), reader.head().size
        Comparison(service, board, event, judge).caught_up(size)
    except AssayError as error:
        problem = str(error)
    found = board.progress(event.sequence) or ShadowProgress(event.sequence + 1)
    return replace(found, problem=problem)
