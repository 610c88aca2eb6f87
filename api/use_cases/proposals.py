"""What persons say about policies that wait or that ran: approve, withdraw, go back; and what time brings due.

Who proposed a policy cannot approve it. What a server found in its folder nobody proposed: the first person who
approves it takes it up in his own name, and a second one, who is somebody else, lets it in. Going back needs one
person, in either mode: what it goes back to was active in this log, so it was approved, or let in directly, before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from api.use_cases.awaiting import told_in_time
from api.use_cases.candidates import CandidateFiles
from api.use_cases.persons import CLOCKWORK, person
from api.use_cases.policies import Candidate, compiled_text
from api.use_cases.policy_impacts import archived_impact
from api.use_cases.policy_log import MAX_TRIALS, PolicyEvent, Proposal, ProposalState
from api.use_cases.policy_standing import Standing, require_match, require_unmoved, standing
from api.use_cases.reloading import (
    Handed,
    is_in_force,
    made_active,
    may_not_follow,
    prepared_candidate,
    proposed,
    refused,
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
        state: the entry that last moved a policy on; a change names it.
        active: what runs.
        is_ready: whether this process decides the next order by it, without compiling it first.
        proposals: what waits, oldest first.
        faults: what was refused since the newest activation, newest first.
        history: every activation, newest first.
    """

    strategy: str
    mode: str
    state: int
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
        state=found.log.state,
        active=history[0],
        is_ready=service.generations.decides(found.active_digest),
        proposals=found.log.proposals,
        faults=tuple(faults),
        history=history,
    )


def approved_proposal(
    service: Service, policy_digest: bytes, principal: str, if_match: int | None = None
) -> CandidateOutcome:
    """What becomes of a proposal that a second person approves: active, or scheduled when it is effective only later.

    One that the server made by itself, of a file in its folder, is proposed by that person now, and waits for another.

    Raises:
        EdgeError: nothing of that digest waits (not-found), the same person proposed it (self-approval), policies are
            in another state than `if_match`, or another runs than it was written for (stale-condition).
        PolicyError: somebody else moved a policy on meanwhile (policy-conflict).
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
        outcome = _approved(service, waiting, found, principal)
    service.reloads.told(outcome, Source.API)
    return outcome


def withdrawn_proposal(
    service: Service, policy_digest: bytes, principal: str, because: str = "", if_match: int | None = None
) -> CandidateOutcome:
    """A proposal taken back by who made it, or rejected by someone else.

    Raises EdgeError without one (not-found), or when policies are in another state than `if_match` (stale-condition).
    """
    service.require_writable()
    with service.reloads.lock:
        found = standing(service)
        require_match(found, if_match)
        waiting = _waiting(found, policy_digest)
        work = partial(_withdrawal, service, waiting, principal, because)
        sequence = told_in_time(service.writer.submit(work))
    outcome = _outcome(CandidateState.WITHDRAWN, waiting.event, sequence)
    service.reloads.told(outcome, Source.API)
    return outcome


def rolled_back(
    service: Service, policy_digest: bytes, principal: str, because: str, if_match: int | None = None
) -> CandidateOutcome:
    """An earlier policy of this log, active again by an entry that names it; the active one, without its canary.

    Raises:
        EdgeError: it was never active here (not-found), or policies are in another state than `if_match`
            (stale-condition).
        PolicyError: somebody else moved a policy on meanwhile (policy-conflict).
    """
    service.require_writable()
    with service.reloads.lock:
        found = standing(service)
        require_match(found, if_match)
        earlier = found.log.activation(policy_digest)
        if earlier is None:
            message = f"policy {digest_text(policy_digest)} was never active in log {service.store.origin!r}; name one "
            raise EdgeError(message + "of its history", reason="not-found")
        if policy_digest == found.active_digest and found.log.canary is None:
            return _outcome(CandidateState.UNCHANGED, earlier, earlier.sequence)
        said = {"because": because, "is_rollback": True}
        handed = Handed(archived_files(service, earlier), principal, Source.API, said, (earlier.entry_id,))
        outcome = made_active(service, handed, _compiled(handed.files), found)
    service.reloads.told(outcome, Source.API)
    return outcome


def activated_when_due(service: Service) -> tuple[CandidateOutcome, ...]:
    """What time brought: scheduled policies that are effective now, active; those that may not follow, withdrawn."""
    now, strategy = service.clock(), service.generations.current.generation.policy.strategy
    with service.reloads.lock:
        with service.store.reader() as reader:
            due = service.reloads.scheduled.due(reader, strategy, now)
        brought = (_brought(service, waiting) for waiting in due)
        outcomes = tuple(outcome for outcome in brought if outcome is not None)
    for outcome in outcomes:
        service.reloads.told(outcome, Source.WATCH)
    return outcomes


def _brought(service: Service, waiting: Proposal) -> CandidateOutcome | None:
    """A policy that is due, tried once more: nodes that it names may have changed since it was scheduled.

    None while it is put off: a trial that used up a limit may have had a busy machine.
    """
    scheduled, now = service.reloads.scheduled, service.clock()
    if scheduled.is_put_off(waiting, now):
        return None
    found = standing(service)
    handed = _handed(service, waiting, str(waiting.event.facts["principal"]))
    trial = trial_of(service, handed.files)
    if trial.is_ended and scheduled.put_off(waiting, now):
        return None
    if trial.faults:
        tries = (Fault(handed.files.file, 0, 0, f"it was tried {MAX_TRIALS} times", "look at the machine's load"),)
        return _given_up(service, waiting, (*(tries if trial.is_ended else ()), *trial.faults))
    chosen = prepared_candidate(handed.files, trial)
    faults = may_not_follow(service, handed, chosen, found, service.clock())
    if faults:
        return _given_up(service, waiting, faults)
    return made_active(service, handed, chosen, found)


def _given_up(service: Service, waiting: Proposal, faults: tuple[Fault, ...]) -> CandidateOutcome:
    """A policy that cannot become active, withdrawn with the reason: it would be tried at every tick for ever."""
    because = "; ".join(f"{fault.what}; {fault.mend}" for fault in faults)[:1_000]
    sequence = told_in_time(service.writer.submit(partial(_withdrawal, service, waiting, CLOCKWORK, because)))
    return _outcome(CandidateState.WITHDRAWN, waiting.event, sequence)


def _approved(service: Service, waiting: Proposal, found: Standing, principal: str) -> CandidateOutcome:
    """An approved proposal, tried once more: code may have changed since it was proposed.

    Whoever wrote a file of the folder is not known, and may be the one who approves it: so two persons must.
    """
    is_anonymous = person(waiting.event.principal) == person(CLOCKWORK)
    said = {} if is_anonymous else {"approved_by": principal}
    handed = _handed(service, waiting, principal if is_anonymous else waiting.event.principal, **said)
    trial = trial_of(service, handed.files)
    if trial.faults:
        return refused(service, handed, trial.faults)
    chosen, at = prepared_candidate(handed.files, trial), service.clock()
    faults = may_not_follow(service, handed, chosen, found, at)
    if faults:
        return refused(service, handed, faults)
    if is_anonymous:
        return proposed(service, handed, chosen, found, is_approved=False)
    if is_in_force(service, handed, chosen, at):
        return made_active(service, handed, chosen, found)
    return proposed(service, handed, chosen, found, is_approved=True)


def _handed(service: Service, waiting: Proposal, principal: str, **said: Any) -> Handed:  # noqa: ANN401
    event = waiting.event
    known = {name: event.facts[name] for name in ("approved_by",) if name in event.facts}
    source = Source(event.facts["source"])
    return Handed(
        archived_files(service, event),
        principal,
        source,
        {**known, **said},
        (event.entry_id,),
        waiting,
        impact=archived_impact(service.store, event.facts),
        not_before=waiting.effective_from,
    )


def archived_files(service: Service, event: PolicyEvent) -> CandidateFiles:
    """The texts that an entry about a policy archived."""
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
    require_unmoved(service, transaction, found)
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
