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
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from adapters.candidate_process import EndedError
from api.use_cases.activation import (
    ActivationRequest,
    CanaryRequest,
    appended_activation,
    following_faults,
    runners,
)
from api.use_cases.awaiting import told_in_time
from api.use_cases.candidates import CandidateFiles, Trial, tried
from api.use_cases.desk import RESEARCH, ActiveGeneration
from api.use_cases.planning import PlannedRun
from api.use_cases.policies import Candidate, compiled_text
from api.use_cases.policy_impacts import IMPACT_DIGEST, ImpactWanted, archived_impact, impact_fact
from api.use_cases.policy_log import PolicyLog, Proposal, ProposalState
from api.use_cases.policy_standing import Standing, require_match, require_unmoved, standing
from api.use_cases.prepared_plans import appended_runs, prepared_runs
from api.use_cases.reloads import CandidateOutcome, CandidateState, Source
from api.use_cases.service import Service
from governance.entries import Entry, EntryKind
from governance.ports import Transaction
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError, Fault, PolicyError
from policies.parse import ParsedPolicy, policy_digest

MAX_LOGGED_FAULTS = 50
_SWITCH_S = 0.0005


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
        step: appends the step that its activation comes of, in the same append, and gives its id; None for none.
        canary: what decides some symbols in its place once it is active; None for none.
        impact: the report of its impact that it rests on, as canonical bytes; None without one.
        not_before: the instant before which it is not to decide, whatever its text says; None for none.
    """

    files: CandidateFiles
    principal: str
    source: Source
    said: Mapping[str, Any] = field(default_factory=dict)
    cites: tuple[bytes, ...] = ()
    waiting: Proposal | None = None
    stays: Callable[[], bool] | None = None
    step: Callable[[Transaction], bytes] | None = None
    canary: CanaryRequest | None = None
    impact: bytes | None = None
    not_before: datetime | None = None

    def effective_from(self, chosen: Candidate) -> datetime:
        """The instant from which it may decide."""
        said = chosen.parsed.policy.effective_from
        return said if self.not_before is None else max(said, self.not_before)


def submitted_candidate(  # noqa: PLR0913  # a candidate and who hands it in
    service: Service,
    text: bytes,
    file: str,
    principal: str,
    source: Source,
    *,
    cases: bytes | None = None,
    if_match: int | None = None,
) -> CandidateOutcome:
    """What becomes of a candidate.

    Args:
        service: what it is for.
        text: the policy's bytes.
        file: what its author calls it.
        principal: who hands it in.
        source: how.
        cases: the bytes of its cases.
        if_match: the state that the author believes policies to be in (`PolicyLog.state`); None asks for no condition.

    Raises:
        EdgeError: the log is read-only, or in another state than `if_match`, or trying it is not possible now.
        PolicyError: somebody else moved a policy on meanwhile (reason policy-conflict).
    """
    return handed_in(service, Handed(CandidateFiles(text, file, cases), principal, source), if_match)


def handed_in(service: Service, handed: Handed, if_match: int | None = None) -> CandidateOutcome:
    """What becomes of a candidate; see `submitted_candidate`."""
    service.require_writable()
    with service.reloads.lock:
        require_match(standing(service), if_match)
        outcome = _taken_up(service, handed)
    service.reloads.told(outcome, handed.source)
    return outcome


def _taken_up(service: Service, handed: Handed) -> CandidateOutcome:
    running = _running(service, handed.files)
    if running is not None:
        return running
    trial = trial_of(service, handed.files)
    if trial.faults:
        return refused(service, handed, trial.faults)
    found = standing(service)
    again = _changed(service, handed, trial, found)
    known = _known(handed.files, trial, found) if again is handed else None
    return known or _let_in(service, again, prepared_candidate(handed.files, trial), found)


def _changed(service: Service, handed: Handed, trial: Trial, found: Standing) -> Handed:
    """A candidate that waits already, to be proposed anew when it comes with another instant or another report."""
    waiting = found.log.proposal(trial.policy_digest)
    if waiting is None or waiting.state is ProposalState.OUTDATED or (handed.impact is None and not handed.not_before):
        return handed
    before = waiting.event.facts
    impact = handed.impact or archived_impact(service.store, before)
    again = replace(handed, impact=impact, not_before=handed.not_before or waiting.effective_from)
    chosen = prepared_candidate(handed.files, trial)
    is_same = again.effective_from(chosen) == waiting.effective_from
    if is_same and impact_fact(impact) == {name: before[name] for name in (IMPACT_DIGEST,) if name in before}:
        return handed
    return replace(again, cites=(waiting.event.entry_id,))


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
    faults = may_not_follow(service, handed, chosen, found, at)
    if faults:
        _require_no_conflict(chosen, found, handed.source, faults)
        return refused(service, handed, faults)
    is_approved = not service.reloads.is_approved_mode
    if is_approved and is_in_force(service, handed, chosen, at):
        return made_active(service, handed, chosen, found)
    return proposed(service, handed, chosen, found, is_approved=is_approved)


def may_not_follow(
    service: Service, handed: Handed, chosen: Candidate, found: Standing, at: datetime
) -> tuple[Fault, ...]:
    """What forbids a candidate to follow what is active, the report of its impact included."""
    needed, active = service.reloads.needs_impact, found.active_digest
    wanted = ImpactWanted(service.store.origin, chosen.generation.policy_digest, active, needed)
    complaints = wanted.complaints(handed.files.file, handed.impact)
    return (*forbidding(service, chosen.parsed, found, at), *complaints)


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
        return Trial((Fault(files.file, 0, 0, what, mend),), is_ended=True)


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


def forbidding(service: Service, parsed: ParsedPolicy, found: Standing, at: datetime) -> tuple[Fault, ...]:
    """What forbids a candidate to follow what is active."""
    strategy = service.generations.current.generation.policy.strategy
    if parsed.policy.strategy != strategy:
        what = f"strategy was {parsed.policy.strategy}, expected {strategy}, which is served here"
        return (parsed.marks.fault(("strategy",), what, f"write strategy: {strategy}"),)
    now = None if service.store.origin.startswith(RESEARCH) else min(at, _told_at(found.log, parsed, at))
    return following_faults(parsed, found.newest, found.log.newest_version, now)


def _told_at(log: PolicyLog, parsed: ParsedPolicy, at: datetime) -> datetime:
    """When the log first learned of a policy: what stood there before it became effective reaches back to nothing."""
    known = log.of(policy_digest(parsed.policy))
    return known[0].at if known else at


def _require_no_conflict(chosen: Candidate, found: Standing, source: Source, faults: tuple[Fault, ...]) -> None:
    """Raises PolicyError for a caller who wrote against a version that was active until somebody was faster."""
    based_on = chosen.parsed.policy.supersedes
    outdated = {digest_text(event.policy_digest) for event in found.log.activations}
    if source in (Source.API, Source.CLI) and based_on in outdated - {digest_text(found.active_digest)}:
        raise PolicyError(faults, reason="policy-conflict")


def is_in_force(service: Service, handed: Handed, chosen: Candidate, at: datetime) -> bool:
    """Whether a policy may decide already; research takes no notice of when it is effective."""
    return service.store.origin.startswith(RESEARCH) or handed.effective_from(chosen) <= at


def made_active(service: Service, handed: Handed, chosen: Candidate, found: Standing) -> CandidateOutcome:
    """The candidate, active. Raises PolicyError (policy-conflict) when the log runs something else by now."""
    said = {"mode": service.reloads.mode, "source": handed.source.value, "file": handed.files.file, **handed.said}
    with _considerate():
        ready = runners(chosen.generation, service.store.origin, service.environment)
        runs = prepared_runs(service, ready.session)
    request = ActivationRequest(
        chosen, handed.principal, service.environment, service.clock(), said, handed.files.cases, handed.cites, ready,
        handed.canary, handed.impact,
    )  # fmt: skip
    made: list[ActiveGeneration] = []
    future = service.writer.submit(partial(_activation, service, handed, request, found, runs, made))
    future.add_done_callback(lambda done: _forget(service, made) if done.exception() else None)
    active = told_in_time(future)
    return CandidateOutcome(
        CandidateState.ACTIVE, handed.files.file, chosen.generation.policy_digest, sequence=active.sequence
    )


def _activation(  # noqa: PLR0913, PLR0917  # what an activation consists of
    service: Service,
    handed: Handed,
    request: ActivationRequest,
    found: Standing,
    runs: Mapping[str, PlannedRun],
    made: list[ActiveGeneration],
    transaction: Transaction,
) -> ActiveGeneration:
    require_unmoved(service, transaction, found)
    _require_waiting(service, handed)
    if handed.step is not None:
        request = replace(request, cites=(*request.cites, handed.step(transaction)))
    active = appended_activation(transaction, service.store.origin, request, found.active_digest)
    made.append(active)
    service.generations.keep(active)
    appended_runs(service, active, transaction, runs)
    return active


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
    require_unmoved(service, transaction, found)
    _require_waiting(service, handed)
    policy, at = chosen.parsed.policy, service.clock()
    refs = {"policy_ref": transaction.put_body(handed.files.text)}
    if handed.files.cases is not None:
        refs["cases_ref"] = transaction.put_body(handed.files.cases)
    if handed.impact is not None:
        refs["impact_ref"] = transaction.put_body(handed.impact)
    facts = {
        "strategy": policy.strategy,
        "policy": policy.family,
        "version": policy.version,
        "policy_digest": chosen.generation.policy_digest,
        "supersedes": found.active_digest,
        "effective_from": handed.effective_from(chosen),
        "is_approved": is_approved,
        "principal": handed.principal,
        "source": handed.source.value,
        "file": handed.files.file,
        **refs,
        **impact_fact(handed.impact),
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
