"""What a server depends on, and how each of it is: for probes, and for a person who asks what is wrong.

Nothing here waits for a lock or writes: a probe must answer when the disk is full or another process holds the log.
Whether the log can be written is what its last append came to (`adapters.telemetry.observed`).
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from adapters.telemetry.log_facts import LogFacts, log_facts
from adapters.telemetry.observed import AppendWatch
from adapters.upstreams.circuit import CircuitState
from adapters.upstreams.upstream import Standing
from api.use_cases.background import Background
from api.use_cases.guarded_broker import GuardedRemote
from api.use_cases.market import market_session
from api.use_cases.service import Service
from api.use_cases.upstreams import Upstreams
from governance.proofs import tree_root
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import AssayError

FRESH_S = 1.0
"""How long one look at everything serves whoever asks next."""
DISK_LOW_BYTES = 512 * 1024**2
DISK_FULL_BYTES = 32 * 1024**2
OUTBOX_LATE_S = 300.0
CHECKPOINT_LATE_S = 3600.0


class State(Enum):
    """How something that a server depends on is."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Check:
    """How one thing is.

    Attributes:
        name: what was looked at.
        state: how it is; a server with something down takes no orders.
        detail: what was found, with its values, and the mend when it is not well.
    """

    name: str
    state: State
    detail: str


def worst(checks: tuple[Check, ...]) -> State:
    """The state of a server with these checks."""
    states = {check.state for check in checks}
    return next((state for state in (State.DOWN, State.DEGRADED) if state in states), State.OK)


@dataclass
class Health:
    """Looks at what a server depends on, at most once a second.

    Attributes:
        service: the server's service.
        watch: how its appends go.
        home: the folder of its log.
        policy_folder: the folder that it watches; None when it watches none.
        is_draining: whether it takes no more work because it is about to end.
        upstreams: what it asks and does not own: without it, it serves on as far as policy goes.
    """

    service: Service
    watch: AppendWatch
    home: Path
    policy_folder: Path | None = None
    is_draining: bool = False
    upstreams: Upstreams = field(default_factory=Upstreams)
    _looked: tuple[float, tuple[Check, ...]] = (0.0, ())
    _roots: dict[int, str] = field(default_factory=dict)
    _looking: threading.Lock = field(default_factory=threading.Lock)

    def drain(self) -> None:
        """From now on the server is not ready: it takes no more work, and ends."""
        self.is_draining = True

    def checks(self) -> tuple[Check, ...]:
        """How everything is, at most a second ago."""
        with self._looking:
            looked_s, found = self._looked
            if not found or time.monotonic() - looked_s > FRESH_S:
                found = tuple(self._look())
                self._looked = (time.monotonic(), found)
        return (*found, *self._of_now())

    def _of_now(self) -> tuple[Check, ...]:
        """What is known without looking, and must not be a second old."""
        checks = [_upstream(standing) for standing in self.upstreams.standings]
        if not self.service.is_read_only:
            complaint = self.watch.complaint
            state = State.DOWN if complaint else State.OK
            checks.append(Check("log-writable", state, complaint or "the last append went well, or there was none yet"))
            checks += [
                _background(self.service.dispatching, State.DOWN),
                _background(self.service.taking_up, State.DEGRADED),  # the last good policy decides on
            ]
            if isinstance(self.service.broker, GuardedRemote):
                checks.append(_background(self.service.watching, State.DOWN))  # what trades goes unheard
        if self.is_draining:
            checks.append(Check("draining", State.DOWN, "the server ends; ask another one"))
        return tuple(checks)

    def _look(self) -> list[Check]:
        found = [_disk(self.home)]
        if self.policy_folder is not None:
            found.append(_folder(self.policy_folder))
        try:
            facts = log_facts(self.service.store, self.service.clock())
        except AssayError as error:
            return [*found, Check("log-readable", State.DOWN, str(error))]
        checked: list[Callable[[LogFacts], Check]] = [self._log, self._generation]
        if not self.service.is_read_only:
            checked += [_outbox, _signing, self._day_plans]
        return [*found, *(check(facts) for check in checked)]

    def _log(self, facts: LogFacts) -> Check:
        """Whether the head extends what was signed; a root is compared once for each checkpoint."""
        name, n_covered = "log-readable", facts.n_covered
        if n_covered > facts.n_entries:
            what = f"{facts.n_entries} entries, {n_covered} are signed; restore the newest copy, then verify it"
            return Check(name, State.DOWN, what)
        fault = self._roots.get(n_covered)
        if fault is None:
            fault = self._roots[n_covered] = _fork(self.service, n_covered)
        if fault:
            return Check(name, State.DOWN, fault)
        return Check(name, State.OK, f"{facts.n_entries} entries, the newest checkpoint covers {n_covered} of them")

    def _generation(self, facts: LogFacts) -> Check:
        generation = self.service.generations.current.generation
        logged = facts.policies.get(generation.policy.strategy)
        named = digest_text(generation.policy_digest)
        if logged == generation.policy_digest:
            return Check("generation", State.OK, f"{generation.policy.family} v{generation.policy.version}, {named}")
        if logged is not None and self.service.generations.decides(logged):
            return Check("generation", State.OK, f"the next order is decided by {digest_text(logged)}, which is ready")
        runs = "none" if logged is None else digest_text(logged)
        what = f"this worker runs {named}, the log {runs}; it compiles that one and changes over"
        return Check("generation", State.DEGRADED, what)

    def _day_plans(self, _facts: LogFacts) -> Check:
        with self.service.store.reader() as reader:
            stands = [market_session(self.service, reader, account_id) for account_id in self.service.accounts[:100]]
        missing = [stand.account_id for stand in stands if stand.session_on is None]
        if missing:
            what = f"accounts {', '.join(missing[:5])} have no day plan; run `assay session advance`"
            return Check("day-plan", State.DOWN, what)
        return Check(
            "day-plan", State.OK, f"of session {max(stand.session_on for stand in stands if stand.session_on)}"
        )


def _upstream(standing: Standing) -> Check:
    name = f"upstream-{standing.name}"
    if standing.state is CircuitState.CLOSED:
        return Check(name, State.OK, "it answers, or nobody has asked it")
    what = f"left alone for {standing.rests_s:.0f} s: {standing.because}; it is asked again by itself, see /internal"
    return Check(name, State.DEGRADED, what)


def _background(work: Background, without: State) -> Check:
    """How work in the background goes: what passes by itself leaves the server in service."""
    if not work.complaint:
        return Check(work.name, State.OK, "the last round went well, or there was none yet")
    is_passing = work.is_foreseen and not work.is_stuck
    return Check(work.name, State.DEGRADED if is_passing else without, work.complaint)


def _fork(service: Service, n_covered: int) -> str:
    with service.store.reader() as reader:
        newest = reader.newest_checkpoint()
        if newest is None or newest.size != n_covered:
            return ""
        if tree_root(reader, n_covered) == newest.root:
            return ""
    return f"the entries up to {n_covered} are not those that were signed; stop, and verify the log"


def _disk(home: Path) -> Check:
    try:
        free = shutil.disk_usage(home).free
    except OSError as error:
        return Check("disk", State.DOWN, f"{home} cannot be looked at: {error}; mount or restore it")
    state = State.DOWN if free < DISK_FULL_BYTES else State.DEGRADED if free < DISK_LOW_BYTES else State.OK
    mend = "" if state is State.OK else "; free some space"
    return Check("disk", state, f"{free / 1024**2:,.0f} MiB are free{mend}")


def _folder(folder: Path) -> Check:
    if folder.is_dir():
        return Check("policy-folder", State.OK, f"{folder} is there")
    return Check("policy-folder", State.DEGRADED, f"{folder} is no folder; make it again: it is watched for its return")


def _outbox(facts: LogFacts) -> Check:
    n_pending = sum(facts.n_outbound.values())
    state = State.DEGRADED if facts.pending_age_s > OUTBOX_LATE_S else State.OK
    mend = "" if state is State.OK else "; look at the broker"
    out = "1 order is" if n_pending == 1 else f"{n_pending} orders are"
    return Check("outbox", state, f"{out} out, the oldest waits for {facts.pending_age_s:.0f} s{mend}")


def _signing(facts: LogFacts) -> Check:
    state = State.DEGRADED if facts.uncovered_age_s > CHECKPOINT_LATE_S else State.OK
    mend = "" if state is State.OK else "; sign one with `assay log checkpoint`"
    what = f"{facts.n_entries - facts.n_covered} entries wait for a checkpoint, {facts.uncovered_age_s:.0f} s at most"
    return Check("checkpoint", state, f"{what}{mend}")
