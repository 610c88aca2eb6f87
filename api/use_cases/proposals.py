"""What persons say about policies that wait or that ran: approve, withdraw, go back; and what time brings due.

Who proposed a policy cannot approve it. Going back needs one person, in either mode: what it goes back to was active
in this log, so it was approved, or let in directly, before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from api.use_cases.candidates import CandidateFiles
from api.use_cases.persons import CLOCKWORK, person
from api.use_cases.policies import Candidate, compiled_text
from api.use_cases.policy_log import PolicyEvent, Proposal, ProposalState
from api.use_cases.reloading import (
    Handed,
    Standing,
    forbidding,
    is_in_force,
    made_active,
    prepared_candidate,
    proposed,
    refused,
    require_match,
    require_unmoved,
    standing,
    told_in_time,
    trial_of,
)
from api.use_cases.reloads import CandidateOutcome, CandidateState, Source
from api.use_cases.service import Service
from governance.entries import Entry, EntryKind
from governance.ports import Transaction
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError, Fault


@dataclass(frozen=True)
class PolicyStatus:
    """How a strategy's policies stand.

    Attributes:
        strategy: the strategy.
        mode: direct or approved.
        active: what runs.
        is_ready: whether this process decides the next order by it, without compiling it first.
        proposals: what waits, oldest first.
        faults: what was refused since the newest activation, newest first.
        history: every activation, newest first.
    """

    strategy: str
    mode: str
    active: PolicyEvent
    is_ready: bool
    proposals: tuple[Proposal, ...]
    faults: tuple[PolicyEvent, ...]
    history: tuple[PolicyEvent, ...]


def policy_status(service: Service) -> PolicyStatus:
    """How the policies of the service's strategy stand."""
    found = standing(service)
    history = tuple(reversed(found.log.activations))
    faults = (event for event in reversed(found.log.faults) if event.sequence > found.newest.sequence)
    return PolicyStatus(
        strategy=found.newest.facts["strategy"],
        mode=service.reloads.mode,
        active=history[0],
        is_ready=service.generations.decides(found.active_digest),
        proposals=found.log.proposals,
        faults=tuple(faults),
        history=history,
    )


def approved_proposal(
    service: Service, policy_digest: bytes, principal: str, if_match: bytes | None = None
) -> CandidateOutcome:
    """What becomes of a proposal that a second person approves: active, or scheduled when it is effective only later.

    Raises:
        EdgeError: nothing of that digest waits (not-found), the same person proposed it (self-approval), another policy
            runs than `if_match` or than it was written for (stale-condition).
        PolicyError: another one became active meanwhile (policy-conflict).
    """
    service.require_writable()
    with service.reloads.lock:
        found = standing(service)
        require_match(found, if_match)
        waiting = _waiting(found, policy_digest)
        if waiting.state is ProposalState.SCHEDULED:
            return _outcome(CandidateState.SCHEDULED, waiting.event, waiting.event.sequence)
        _require_second(waiting, principal)
        _require_current(waiting, found)
        outcome = _let_in(service, waiting, found, principal)
    service.reloads.told(outcome, Source.API)
    return outcome


def withdrawn_proposal(service: Service, policy_digest: bytes, principal: str, because: str = "") -> CandidateOutcome:
    """A proposal taken back by who made it, or rejected by someone else. Raises EdgeError (not-found) without one."""
    service.require_writable()
    with service.reloads.lock:
        waiting = _waiting(standing(service), policy_digest)
        work = partial(_withdrawal, service, waiting, principal, because)
        sequence = told_in_time(service.writer.submit(work))
    outcome = _outcome(CandidateState.WITHDRAWN, waiting.event, sequence)
    service.reloads.told(outcome, Source.API)
    return outcome


def rolled_back(
    service: Service, policy_digest: bytes, principal: str, because: str, if_match: bytes | None = None
) -> CandidateOutcome:
    """An earlier policy of this log, active again by an entry that names it.

    Raises:
        EdgeError: it was never active here (not-found), or another policy runs than `if_match` (stale-condition).
        PolicyError: another one became active meanwhile (policy-conflict).
    """
    service.require_writable()
    with service.reloads.lock:
        found = standing(service)
        require_match(found, if_match)
        earlier = found.log.activation(policy_digest)
        if earlier is None:
            message = f"policy {digest_text(policy_digest)} was never active in log {service.store.origin!r}; name one "
            raise EdgeError(message + "of its history", reason="not-found")
        if policy_digest == found.active_digest:
            return _outcome(CandidateState.UNCHANGED, earlier, earlier.sequence)
        said = {"because": because, "is_rollback": True}
        handed = Handed(_files(service, earlier), principal, Source.API, said, (earlier.entry_id,))
        outcome = made_active(service, handed, _compiled(handed.files), found)
    service.reloads.told(outcome, Source.API)
    return outcome


def activated_when_due(service: Service) -> tuple[CandidateOutcome, ...]:
    """What time brought: scheduled policies that are effective now, active; those that may not follow, withdrawn."""
    now, strategy = service.clock(), service.generations.current.generation.policy.strategy
    with service.reloads.lock:
        with service.store.reader() as reader:
            due = service.reloads.scheduled.due(reader, strategy, now)
        outcomes = tuple(_brought(service, waiting) for waiting in due)
    for outcome in outcomes:
        service.reloads.told(outcome, Source.WATCH)
    return outcomes


def _brought(service: Service, waiting: Proposal) -> CandidateOutcome:
    """A policy that is due, tried once more: nodes that it names may have changed since it was scheduled."""
    found = standing(service)
    handed = _handed(service, waiting, str(waiting.event.facts["principal"]))
    trial = trial_of(service, handed.files)
    if trial.faults:
        return _given_up(service, waiting, trial.faults)
    chosen = prepared_candidate(handed.files, trial)
    faults = forbidding(service, chosen, found, service.clock())
    if faults:
        return _given_up(service, waiting, faults)
    return made_active(service, handed, chosen, found)


def _given_up(service: Service, waiting: Proposal, faults: tuple[Fault, ...]) -> CandidateOutcome:
    """A policy that cannot become active, withdrawn with the reason: it would be tried at every tick for ever."""
    because = "; ".join(f"{fault.what}; {fault.mend}" for fault in faults)[:1_000]
    sequence = told_in_time(service.writer.submit(partial(_withdrawal, service, waiting, CLOCKWORK, because)))
    return _outcome(CandidateState.WITHDRAWN, waiting.event, sequence)


def _let_in(service: Service, waiting: Proposal, found: Standing, principal: str) -> CandidateOutcome:
    """An approved proposal, tried once more: code may have changed since it was proposed."""
    handed = _handed(service, waiting, waiting.event.principal, approved_by=principal)
    trial = trial_of(service, handed.files)
    if trial.faults:
        return refused(service, handed, trial.faults)
    chosen, at = prepared_candidate(handed.files, trial), service.clock()
    faults = forbidding(service, chosen, found, at)
    if faults:
        return refused(service, handed, faults)
    if is_in_force(service, chosen, at):
        return made_active(service, handed, chosen, found)
    return proposed(service, handed, chosen, found, is_approved=True)


def _handed(service: Service, waiting: Proposal, principal: str, **said: Any) -> Handed:  # noqa: ANN401
    event = waiting.event
    known = {name: event.facts[name] for name in ("approved_by",) if name in event.facts}
    source = Source(event.facts["source"])
    return Handed(_files(service, event), principal, source, {**known, **said}, (event.entry_id,), waiting)


def _files(service: Service, event: PolicyEvent) -> CandidateFiles:
    """The texts that an entry archived."""
    file = str(event.facts.get("file", f"{event.name}.yaml"))
    with service.store.reader() as reader:
        text = reader.body(event.facts["policy_ref"])
        cases_ref = event.facts.get("cases_ref")
        return CandidateFiles(text, file, None if cases_ref is None else reader.body(cases_ref))


def _compiled(files: CandidateFiles) -> Candidate:
    return compiled_text(files.text, files.file)


def _waiting(found: Standing, policy_digest: bytes) -> Proposal:
    waiting = found.log.proposal(policy_digest)
    if waiting is None:
        message = f"no proposal of policy {digest_text(policy_digest)} waits; look at the status for those that do"
        raise EdgeError(message, reason="not-found")
    return waiting


def _require_second(waiting: Proposal, principal: str) -> None:
    if person(principal) == person(waiting.event.principal):
        message = f"{principal!r} proposed {waiting.event.name} and cannot approve it; ask a second person"
        raise EdgeError(message, reason="self-approval")


def _require_current(waiting: Proposal, found: Standing) -> None:
    if waiting.state is ProposalState.OUTDATED:
        message = (
            f"{waiting.event.name} was proposed to follow {digest_text(waiting.event.facts['supersedes'])}, but "
            f"{digest_text(found.active_digest)} is active now; withdraw it and propose its change anew"
        )
        raise EdgeError(message, reason="stale-condition")


def _withdrawal(service: Service, waiting: Proposal, principal: str, because: str, transaction: Transaction) -> int:
    found = standing(service)  # nobody else commits while this append is open
    require_unmoved(transaction, found)
    if found.log.proposal(waiting.event.policy_digest) != waiting:
        message = f"proposal of {waiting.event.name} no longer waits; look at the status"
        raise EdgeError(message, reason="not-found")
    at = service.clock()
    facts = {
        "strategy": waiting.event.facts["strategy"],
        "policy": waiting.event.facts["policy"],
        "version": waiting.event.facts["version"],
        "policy_digest": waiting.event.policy_digest,
        "principal": principal,
        "because": because,
    }
    cites = (waiting.event.entry_id,)
    return transaction.append(Entry(EntryKind.WITHDRAWAL, service.store.origin, at, at, facts, (), cites)).sequence


def _outcome(state: CandidateState, event: PolicyEvent, sequence: int) -> CandidateOutcome:
    file = str(event.facts.get("file", event.name))
    return CandidateOutcome(state, file, event.policy_digest, sequence=sequence)
