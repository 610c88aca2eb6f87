"""Hot reload: a candidate is tried apart from what serves, and becomes active by one entry, or proposed, or refused.

    try         in a child process: read, compile, run the cases; what loops or swells is killed
    compare     with the log: known already, or not what may follow the active version
    prepare     compile it here, beside the orders that are being decided, and make the day plans that it needs
    append      ACTIVATION and those plans, if the log still runs what it was compared with; or PROPOSAL where a second
                person is needed, or where it is effective only later; or POLICY_FAULT, once for the same bytes and
                generation
    swap        in that very append, so that the next order in the queue is decided by the new generation

Whatever goes wrong, the generation that runs goes on. What persons say about proposals: `api.use_cases.proposals`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from adapters.candidate_process import EndedError
from api.use_cases.activation import (
    ActivationRequest,
    LoggedActivation,
    appended_activation,
    following_faults,
    logged_activation,
    runners,
)
from api.use_cases.candidates import CandidateFiles, Trial, tried
from api.use_cases.desk import RESEARCH, ActiveGeneration
from api.use_cases.planning import PlannedRun
from api.use_cases.policies import Candidate, compiled_text
from api.use_cases.policy_log import PolicyLog, Proposal, ProposalState, policy_log
from api.use_cases.prepared_plans import appended_runs, prepared_runs
from api.use_cases.reloads import CandidateOutcome, CandidateState, Source
from api.use_cases.service import Service
from governance.entries import Entry, EntryKind
from governance.ports import Transaction
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError, Fault, LogError, PolicyError

MAX_LOGGED_FAULTS = 50
_SWITCH_S = 0.0005
APPEND_S = 30.0
"""How long somebody waits for what is to be written about a policy."""
_T = TypeVar("_T")


@dataclass(frozen=True)
class Handed:
    """A candidate and who handed it in.

    Attributes:
        files: its texts.
        principal: who.
        source: how.
        said: facts that its entry says besides.
        cites: ids of the entries that it rests on.
        waiting: the proposal that it was taken from; None when it was handed in just now.
        stays: whether its file still says the same; asked before a refusal is written down.
    """

    files: CandidateFiles
    principal: str
    source: Source
    said: Mapping[str, Any] = field(default_factory=dict)
    cites: tuple[bytes, ...] = ()
    waiting: Proposal | None = None
    stays: Callable[[], bool] | None = None


@dataclass(frozen=True)
class Standing:
    """What the log said when a candidate was compared with it.

    Attributes:
        log: everything about policies.
        newest: what runs.
    """

    log: PolicyLog
    newest: LoggedActivation

    @property
    def active_digest(self) -> bytes:
        """The policy that runs."""
        found: bytes = self.newest.facts["policy_digest"]
        return found


def submitted_candidate(  # noqa: PLR0913  # a candidate and who hands it in
    service: Service,
    text: bytes,
    file: str,
    principal: str,
    source: Source,
    *,
    cases: bytes | None = None,
    if_match: bytes | None = None,
) -> CandidateOutcome:
    """What becomes of a candidate.

    Args:
        service: what it is for.
        text: the policy's bytes.
        file: what its author calls it.
        principal: who hands it in.
        source: how.
        cases: the bytes of its cases.
        if_match: digest of the policy that the author believes to be active; None asks for no condition.

    Raises:
        EdgeError: the log is read-only, or runs another policy than `if_match`, or trying it is not possible now.
        PolicyError: another candidate became active meanwhile (reason policy-conflict).
    """
    return handed_in(service, Handed(CandidateFiles(text, file, cases), principal, source), if_match)


def handed_in(service: Service, handed: Handed, if_match: bytes | None = None) -> CandidateOutcome:
    """What becomes of a candidate; see `submitted_candidate`."""
    service.require_writable()
    with service.reloads.lock:
        require_match(standing(service), if_match)
        outcome = _taken_up(service, handed)
    service.reloads.told(outcome, handed.source)
    return outcome


def standing(service: Service) -> Standing:
    """What the log says of the service's strategy now."""
    strategy = service.generations.current.generation.policy.strategy
    with service.store.reader() as reader:
        newest = logged_activation(reader, strategy)
        if newest is None:
            message = f"log {service.store.origin!r} has lost its activation of {strategy!r}; verify it"
            raise LogError(message)
        return Standing(policy_log(reader, strategy), newest)


def require_match(found: Standing, if_match: bytes | None) -> None:
    """Raises EdgeError when another policy runs than the one that somebody believes to be running."""
    if if_match is not None and if_match != found.active_digest:
        message = (
            f"policy {digest_text(found.active_digest)} is active, not {digest_text(if_match)}; read the status again "
            "and decide anew"
        )
        raise EdgeError(message, reason="stale-condition")


def _taken_up(service: Service, handed: Handed) -> CandidateOutcome:
    running = _running(service, handed.files)
    if running is not None:
        return running
    trial = trial_of(service, handed.files)
    if trial.faults:
        return refused(service, handed, trial.faults)
    found = standing(service)
    known = _known(handed.files, trial, found)
    return known or _let_in(service, handed, prepared_candidate(handed.files, trial), found)


def _known(files: CandidateFiles, trial: Trial, found: Standing) -> CandidateOutcome | None:
    """The outcome of handing in what ran before or what waits already: only going back makes it active again."""
    before, waiting = found.log.activation(trial.policy_digest), found.log.proposal(trial.policy_digest)
    if before is not None:
        return CandidateOutcome(CandidateState.UNCHANGED, files.file, trial.policy_digest, sequence=before.sequence)
    if waiting is None or waiting.state is ProposalState.OUTDATED:
        return None
    state = CandidateState.SCHEDULED if waiting.state is ProposalState.SCHEDULED else CandidateState.PROPOSED
    return CandidateOutcome(state, files.file, trial.policy_digest, sequence=waiting.event.sequence)


def _let_in(service: Service, handed: Handed, chosen: Candidate, found: Standing) -> CandidateOutcome:
    at = service.clock()
    faults = forbidding(service, chosen, found, at)
    if faults:
        _require_no_conflict(chosen, found, handed.source, faults)
        return refused(service, handed, faults)
    is_approved = not service.reloads.is_approved_mode
    if is_approved and is_in_force(service, chosen, at):
        return made_active(service, handed, chosen, found)
    return proposed(service, handed, chosen, found, is_approved=is_approved)


def _running(service: Service, files: CandidateFiles) -> CandidateOutcome | None:
    """The outcome of handing in the very bytes that run: nothing needs to be tried."""
    found = standing(service)
    with service.store.reader() as reader:
        if reader.body(found.newest.refs.policy) != files.text:
            return None
    return CandidateOutcome(CandidateState.UNCHANGED, files.file, found.active_digest, sequence=found.newest.sequence)


def trial_of(service: Service, files: CandidateFiles) -> Trial:
    """What trying a candidate shows; that it used up a limit is a fault of the candidate."""
    if files.problem:
        return tried(files)
    if files.is_too_large:
        return Trial((Fault(files.file, 0, 0, "the text or its cases are larger than 1 MiB", "split them"),))
    try:
        return service.reloads.tried(files)
    except EndedError as error:
        what, _, mend = str(error).rpartition("; ")
        return Trial((Fault(files.file, 0, 0, what, mend),))


def prepared_candidate(files: CandidateFiles, trial: Trial) -> Candidate:
    """A candidate that was found good, compiled here. Raises EdgeError when something else comes out than there."""
    with _considerate():
        chosen = compiled_text(files.text, files.file)
    generation = chosen.generation
    here = (generation.policy_digest, generation.session.digest, generation.order.digest)
    if here != (trial.policy_digest, trial.session_plan_digest, trial.order_plan_digest):
        message = f"{files.file} compiles to another plan here than where it was tried: the code changed; restart"
        raise EdgeError(message, reason="generation-changed")
    return chosen


@contextmanager
def _considerate() -> Iterator[None]:
    """A block that other threads need not wait for long: orders are being decided meanwhile."""
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(usual_s)


def forbidding(service: Service, chosen: Candidate, found: Standing, at: datetime) -> tuple[Fault, ...]:
    """What forbids a candidate to follow what is active."""
    strategy = service.generations.current.generation.policy.strategy
    parsed = chosen.parsed
    if parsed.policy.strategy != strategy:
        what = f"strategy was {parsed.policy.strategy}, expected {strategy}, which is served here"
        return (parsed.marks.fault(("strategy",), what, f"write strategy: {strategy}"),)
    now = None if service.store.origin.startswith(RESEARCH) else at
    return following_faults(parsed, found.newest, found.log.newest_version, now)


def _require_no_conflict(chosen: Candidate, found: Standing, source: Source, faults: tuple[Fault, ...]) -> None:
    """Raises PolicyError for a caller who wrote against a version that was active until somebody was faster."""
    based_on = chosen.parsed.policy.supersedes
    outdated = {digest_text(event.policy_digest) for event in found.log.activations}
    if source in (Source.API, Source.CLI) and based_on in outdated - {digest_text(found.active_digest)}:
        raise PolicyError(faults, reason="policy-conflict")


def is_in_force(service: Service, chosen: Candidate, at: datetime) -> bool:
    """Whether a policy may decide already; research takes no notice of when it is effective."""
    return service.store.origin.startswith(RESEARCH) or chosen.parsed.policy.effective_from <= at


def made_active(service: Service, handed: Handed, chosen: Candidate, found: Standing) -> CandidateOutcome:
    """The candidate, active. Raises PolicyError (policy-conflict) when the log runs something else by now."""
    said = {"mode": service.reloads.mode, "source": handed.source.value, "file": handed.files.file, **handed.said}
    with _considerate():
        ready = runners(chosen.generation, service.store.origin, service.environment)
        runs = prepared_runs(service, ready.session)
    request = ActivationRequest(
        chosen, handed.principal, service.environment, service.clock(), said, handed.files.cases, handed.cites, ready
    )
    made: list[ActiveGeneration] = []
    future = service.writer.submit(partial(_activation, service, handed, request, found, runs, made))
    future.add_done_callback(lambda done: _forget(service, made) if done.exception() else None)
    active = told_in_time(future)
    return CandidateOutcome(
        CandidateState.ACTIVE, handed.files.file, chosen.generation.policy_digest, sequence=active.sequence
    )


def told_in_time(future: Future[_T], patience_s: float = APPEND_S) -> _T:
    """What an append came to. Raises EdgeError when it is not known in time: it may still be written."""
    try:
        return future.result(patience_s)
    except TimeoutError as error:
        message = (
            f"the log did not answer within {patience_s:g} s, and this may still be written; see who holds the log, "
            "then look at the status"
        )
        raise EdgeError(message, reason="log-unavailable") from error


def _activation(  # noqa: PLR0913, PLR0917  # what an activation consists of
    service: Service,
    handed: Handed,
    request: ActivationRequest,
    found: Standing,
    runs: Mapping[str, PlannedRun],
    made: list[ActiveGeneration],
    transaction: Transaction,
) -> ActiveGeneration:
    require_unmoved(transaction, found)
    _require_waiting(service, handed)
    active = appended_activation(transaction, service.store.origin, request, found.active_digest)
    made.append(active)
    service.generations.keep(active)
    appended_runs(service, active, transaction, runs)
    return active


def require_unmoved(transaction: Transaction, found: Standing) -> None:
    """Raises PolicyError when another activation came first, even one of the same policy under other code."""
    strategy = str(found.newest.facts["strategy"])
    now = transaction.activation(strategy)
    if now is None or now.sequence != found.newest.sequence:
        named = "none" if now is None else f"{digest_text(now.policy_digest)} (entry {now.sequence})"
        what = f"another policy became active meanwhile: {named}"
        raise PolicyError([Fault(strategy, 0, 0, what, "start from that one")], reason="policy-conflict")


def _require_waiting(service: Service, handed: Handed) -> None:
    """Raises PolicyError when a proposal that is to be let in was withdrawn meanwhile, by whatever process."""
    waiting = handed.waiting
    if waiting is None:
        return
    event = waiting.event
    if standing(service).log.proposal(event.policy_digest) != waiting:
        what = f"proposal of {event.name} no longer waits"
        fault = Fault(handed.files.file, 0, 0, what, "look at the status, and propose it again")
        raise PolicyError([fault], reason="policy-conflict")


def _forget(service: Service, made: list[ActiveGeneration]) -> None:
    for active in made:
        service.generations.forget(active.sequence)


def proposed(
    service: Service, handed: Handed, chosen: Candidate, found: Standing, *, is_approved: bool
) -> CandidateOutcome:
    """The candidate, written down to wait: for a second person, or for the instant from which it is effective."""
    work = partial(_proposal, service, handed, chosen, found, is_approved=is_approved)
    sequence = told_in_time(service.writer.submit(work))
    state = CandidateState.SCHEDULED if is_approved else CandidateState.PROPOSED
    return CandidateOutcome(state, handed.files.file, chosen.generation.policy_digest, sequence=sequence)


def _proposal(  # noqa: PLR0913  # what a proposal consists of
    service: Service,
    handed: Handed,
    chosen: Candidate,
    found: Standing,
    transaction: Transaction,
    *,
    is_approved: bool,
) -> int:
    require_unmoved(transaction, found)
    _require_waiting(service, handed)
    policy, at = chosen.parsed.policy, service.clock()
    refs = {"policy_ref": transaction.put_body(handed.files.text)}
    if handed.files.cases is not None:
        refs["cases_ref"] = transaction.put_body(handed.files.cases)
    facts = {
        "strategy": policy.strategy,
        "policy": policy.family,
        "version": policy.version,
        "policy_digest": chosen.generation.policy_digest,
        "supersedes": found.active_digest,
        "effective_from": policy.effective_from,
        "is_approved": is_approved,
        "principal": handed.principal,
        "source": handed.source.value,
        "file": handed.files.file,
        **refs,
        **handed.said,
    }
    entry = Entry(EntryKind.PROPOSAL, service.store.origin, at, at, facts, tuple(refs.values()), handed.cites)
    return transaction.append(entry).sequence


def refused(service: Service, handed: Handed, faults: tuple[Fault, ...]) -> CandidateOutcome:
    """The candidate, refused: the log says why, once for the same bytes; but not of a file that is being written."""
    if handed.stays is not None and not handed.stays():
        return CandidateOutcome(CandidateState.REFUSED, handed.files.file, b"", faults)
    sequence = told_in_time(service.writer.submit(partial(_fault, service, handed, faults)))
    return CandidateOutcome(CandidateState.REFUSED, handed.files.file, b"", faults, sequence)


def _fault(service: Service, handed: Handed, faults: tuple[Fault, ...], transaction: Transaction) -> int:
    found = standing(service)  # nobody else commits while this append is open
    known = found.log.fault(handed.files.digest)
    if known is not None and known.sequence > found.newest.sequence:
        return known.sequence
    at, bodies = service.clock(), {}
    if handed.files.text and not handed.files.is_too_large:
        bodies["policy_ref"] = transaction.put_body(handed.files.text)
    facts = {
        "strategy": found.newest.facts["strategy"],
        "content_digest": handed.files.digest,
        "file": handed.files.file,
        "principal": handed.principal,
        "source": handed.source.value,
        "n_faults": len(faults),
        "faults": tuple(_short(fault) for fault in faults[:MAX_LOGGED_FAULTS]),
        **bodies,
    }
    entry = Entry(EntryKind.POLICY_FAULT, service.store.origin, at, at, facts, tuple(bodies.values()))
    return transaction.append(entry).sequence


_MAX_WORDS = 400


def _short(fault: Fault) -> tuple[str, int, int, str, str]:
    return (fault.file[:_MAX_WORDS], fault.line, fault.column, fault.what[:_MAX_WORDS], fault.mend[:_MAX_WORDS])
