"""What a policy version goes through before it is proposed: checked, in the shadow, a canary on some symbols, ended.

    shadow   its text and cases are archived; from then on every decision is judged by it too (`policy_shadows`), and
             nothing that it says is ever routed
    canary   it decides some symbols in the place of the active policy, by an activation of that policy which names it;
             in approved mode by somebody else than who put it into the log
    ended    by a word about it, or by the next activation

A canary judges the orders of the day plan that it shares with the active policy, so both must compute the same targets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from api.use_cases.activation import CanaryRequest, runners
from api.use_cases.awaiting import told_in_time
from api.use_cases.candidates import Trial
from api.use_cases.desk import RESEARCH
from api.use_cases.persons import person
from api.use_cases.policies import Candidate, compiled_text
from api.use_cases.policy_impacts import ImpactWanted, archived_impact
from api.use_cases.policy_log import PolicyEvent
from api.use_cases.policy_standing import Standing, require_match, require_unmoved, standing
from api.use_cases.proposals import archived_files
from api.use_cases.reloading import (
    Handed,
    forbidding,
    made_active,
    prepared_candidate,
    refused,
    trial_of,
)
from api.use_cases.reloads import CandidateOutcome, CandidateState, Source
from api.use_cases.service import Service
from api.use_cases.session_models import computation
from governance.entries import Entry, EntryKind
from governance.policy_stages import CanaryTerms, PolicyStage
from governance.ports import Transaction
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError, Fault, PolicyError
from nodes.vocabulary.instants import instant_text


@dataclass(frozen=True)
class CanaryShare:
    """Which symbols a canary is to decide.

    Attributes:
        share_frac: the share of all symbols, drawn by digest; 0 where symbols are named.
        symbols: those that are named.
    """

    share_frac: float = 0.0
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Word:
    """What somebody says of a version, and of which.

    Attributes:
        principal: who.
        because: why.
        event: the entry that archives its text.
        more: facts beside.
    """

    principal: str
    because: str
    event: PolicyEvent
    more: Mapping[str, Any]


def shadow_started(
    service: Service, handed: Handed, because: str = "", if_match: int | None = None
) -> CandidateOutcome:
    """What becomes of a candidate that is to run in the shadow: refused with every fault, or judging beside what runs.

    Raises:
        EdgeError: the log is read-only, or in another state than `if_match` (stale-condition).
        PolicyError: somebody else moved a policy on meanwhile (policy-conflict).
    """
    service.require_writable()
    with service.reloads.lock:
        found = standing(service)
        require_match(found, if_match)
        outcome = _shadowed(service, handed, because, found)
    service.reloads.told(outcome, handed.source)
    return outcome


def _shadowed(service: Service, handed: Handed, because: str, found: Standing) -> CandidateOutcome:
    trial = trial_of(service, handed.files)
    if trial.faults:
        return refused(service, handed, trial.faults)
    running = next((event for event in found.log.shadows if event.policy_digest == trial.policy_digest), None)
    if running is not None:
        return CandidateOutcome(
            CandidateState.UNCHANGED, handed.files.file, trial.policy_digest, sequence=running.sequence
        )
    chosen = prepared_candidate(handed.files, trial)
    faults = (*forbidding(service, chosen.parsed, found, service.clock()), *_running_faults(chosen, found))
    if faults:
        return refused(service, handed, faults)
    work = partial(_shadow, service, handed, trial, chosen, because, found)
    sequence = told_in_time(service.writer.submit(work))
    return CandidateOutcome(CandidateState.SHADOW, handed.files.file, trial.policy_digest, sequence=sequence)


def _running_faults(chosen: Candidate, found: Standing) -> tuple[Fault, ...]:
    if chosen.generation.policy_digest != found.active_digest:
        return ()
    what, mend = "this policy is active already: it can be no shadow of itself", "hand in a later version"
    return (chosen.parsed.marks.fault(("version",), what, mend),)


def _shadow(  # noqa: PLR0913, PLR0917  # what a checked version consists of
    service: Service,
    handed: Handed,
    trial: Trial,
    chosen: Candidate,
    because: str,
    found: Standing,
    transaction: Transaction,
) -> int:
    require_unmoved(service, transaction, found)
    policy, files = chosen.parsed.policy, handed.files
    refs = {"policy_ref": transaction.put_body(files.text)}
    if files.cases is not None:
        refs["cases_ref"] = transaction.put_body(files.cases)
    head = {
        "strategy": policy.strategy,
        "policy": policy.family,
        "version": policy.version,
        "policy_digest": trial.policy_digest,
        "principal": handed.principal,
        "source": handed.source.value,
        "beside": found.active_digest,
    }
    about = {
        "file": files.file,
        "n_cases": trial.n_cases,
        "session_plan_digest": trial.session_plan_digest,
        "order_plan_digest": trial.order_plan_digest,
        "effective_from": policy.effective_from,
    }
    cites: tuple[bytes, ...] = ()
    stage = found.log.stage(trial.policy_digest)
    if stage is not PolicyStage.CHECKED:
        checked = {**head, **about, **refs, "stage": PolicyStage.CHECKED.value, "because": ""}
        cites = (_appended(service, transaction, checked, tuple(refs.values()))[1],)
    shadow = {**head, **refs, **about, "stage": PolicyStage.SHADOW.value, "because": because}
    return _appended(service, transaction, shadow, tuple(refs.values()), cites)[0]


def _appended(
    service: Service,
    transaction: Transaction,
    facts: Mapping[str, Any],
    bodies: tuple[bytes, ...] = (),
    cites: tuple[bytes, ...] = (),
) -> tuple[int, bytes]:
    """Sequence and id of a stage's entry."""
    at = service.clock()
    appended = transaction.append(
        Entry(EntryKind.POLICY_STAGE, service.store.origin, at, at, dict(facts), bodies, cites)
    )
    return appended.sequence, appended.entry_id


def canary_started(  # noqa: PLR0913  # which version, which symbols, and who says so
    service: Service,
    policy_digest: bytes,
    share: CanaryShare,
    principal: str,
    *,
    because: str = "",
    if_match: int | None = None,
) -> CandidateOutcome:
    """What becomes of a version in the shadow that is to decide some symbols: refused, or deciding them on all workers.

    Raises:
        EdgeError: nothing of that digest is in the shadow (not-found), who put it there asks in approved mode
            (self-approval), a canary runs already (wrong-stage), the share chooses no symbol (invalid), or policies
            are in another state than `if_match` (stale-condition).
        PolicyError: it may not decide beside what runs, or somebody else moved a policy on meanwhile.
    """
    service.require_writable()
    with service.reloads.lock:
        found = standing(service)
        require_match(found, if_match)
        event = _require_shadow(found, policy_digest)
        _require_no_canary(found)
        if service.reloads.is_approved_mode:
            _require_other(event, principal)
        terms = _terms(service, policy_digest, share)
        chosen = _tried(service, event, found)
        word = _Word(principal, because, event, terms.facts | {"covered": _covered(service, terms)})
        outcome = _with_canary(service, word, terms, chosen, found)
    service.reloads.told(outcome, Source.API)
    return outcome


def _require_shadow(found: Standing, policy_digest: bytes) -> PolicyEvent:
    event = next((event for event in found.log.shadows if event.policy_digest == policy_digest), None)
    if event is None:
        message = (
            f"policy {digest_text(policy_digest)} is not in the shadow; put it there first, and look at what it says"
        )
        raise EdgeError(message, reason="not-found")
    return event


def _require_no_canary(found: Standing) -> None:
    running = found.log.canary
    if running is not None:
        message = f"policy {digest_text(running.policy_digest)} is a canary already; end it before another begins"
        raise EdgeError(message, reason="wrong-stage")


def _require_other(event: PolicyEvent, principal: str) -> None:
    if person(principal) == person(event.principal):
        message = f"{principal!r} handed in {event.name} and cannot let it decide; ask a second person"
        raise EdgeError(message, reason="self-approval")


def _terms(service: Service, policy_digest: bytes, share: CanaryShare) -> CanaryTerms:
    """Raises EdgeError for a share that chooses no symbol, or all."""
    if bool(share.symbols) == bool(share.share_frac) or not 0 <= share.share_frac < 1:
        message = (
            f"share {share.share_frac:g} and symbols {list(share.symbols)} are not one choice; give a share between "
        )
        raise EdgeError(message + "0 and 1, or name symbols", reason="invalid")
    unknown = sorted(set(share.symbols).difference(service.lake.universe))
    if unknown:
        message = f"symbols {', '.join(map(repr, unknown))} are not traded here; name some of "
        raise EdgeError(message + ", ".join(sorted(service.lake.universe)), reason="invalid")
    terms = CanaryTerms(policy_digest, share.share_frac, tuple(sorted(set(share.symbols))))
    covered = _covered(service, terms)
    if not covered or len(covered) == len(service.lake.universe):
        message = (
            f"this canary would decide {len(covered)} of {len(service.lake.universe)} symbols; choose some, not all"
        )
        raise EdgeError(message, reason="invalid")
    return terms


def _covered(service: Service, terms: CanaryTerms) -> tuple[str, ...]:
    return tuple(symbol for symbol in sorted(service.lake.universe) if terms.covers(symbol))


def _tried(service: Service, event: PolicyEvent, found: Standing) -> Candidate:
    """A version tried once more, that may decide beside what runs. Raises PolicyError with all that forbids it."""
    files = archived_files(service, event)
    trial = trial_of(service, files)
    if trial.faults:
        raise PolicyError(trial.faults)
    chosen = prepared_candidate(files, trial)
    forbidden = forbidding(service, chosen.parsed, found, service.clock())
    faults = (*forbidden, *_beside_faults(service, chosen), *_impact_faults(service, event, found))
    if faults:
        raise PolicyError(faults)
    return chosen


def _impact_faults(service: Service, event: PolicyEvent, found: Standing) -> tuple[Fault, ...]:
    """What is wrong with the report that a version was proposed with, where one is asked for."""
    if not service.reloads.needs_impact:
        return ()
    named = [each.facts for each in found.log.of(event.policy_digest) if "impact_ref" in each.facts]
    impact = archived_impact(service.store, named[-1]) if named else None
    wanted = ImpactWanted(service.store.origin, event.policy_digest, found.active_digest, is_needed=True)
    return wanted.complaints(event.name, impact)


def _beside_faults(service: Service, chosen: Candidate) -> tuple[Fault, ...]:
    """What forbids a policy to decide some orders of the active one's day plans."""
    active, fault = service.generations.current, chosen.parsed.marks.fault
    policy, at, faults = chosen.parsed.policy, service.clock(), []
    if not service.store.origin.startswith(RESEARCH) and policy.effective_from > at:
        what = f"effective_from is {instant_text(policy.effective_from)}, and it is {instant_text(at)}"
        faults.append(fault(("effective_from",), what, "begin the canary then, or write an instant that has come"))
    plans = (active.generation.session, chosen.generation.session)
    if computation(plans[0], active.champions) != computation(plans[1], active.champions):
        what = "it computes other targets than the active policy, and a canary shares the day plan of that"
        faults.append(fault(("params",), what, "keep params and signal, or compare both in a backtest"))
    return tuple(faults)


def _with_canary(
    service: Service, word: _Word, terms: CanaryTerms, chosen: Candidate, found: Standing
) -> CandidateOutcome:
    """The active policy, active again beside a canary."""
    ready = runners(chosen.generation, service.store.origin, service.environment)
    handed = _again(service, word, found, PolicyStage.CANARY)
    outcome = _made(service, replace(handed, canary=CanaryRequest(chosen, terms, ready)), found)
    return replace(outcome, state=CandidateState.CANARY, file=word.event.name, policy_digest=terms.policy_digest)


def stage_ended(
    service: Service, policy_digest: bytes, principal: str, because: str, if_match: int | None = None
) -> CandidateOutcome:
    """A version taken out of the shadow, and no longer deciding anything if it was a canary.

    Raises EdgeError when it is in neither (not-found), or policies are in another state than `if_match`.
    """
    service.require_writable()
    with service.reloads.lock:
        found = standing(service)
        require_match(found, if_match)
        word = _Word(principal, because, _require_shadow(found, policy_digest), {})
        canary = found.log.canary
        if canary is not None and canary.policy_digest == policy_digest:
            handed = _again(service, word, found, PolicyStage.ENDED)
            sequence = _made(service, handed, found).sequence
        else:
            work = partial(_said, service, word, found, PolicyStage.ENDED)
            sequence = told_in_time(service.writer.submit(work))[0]
    outcome = CandidateOutcome(CandidateState.ENDED, word.event.name, policy_digest, sequence=sequence)
    service.reloads.told(outcome, Source.API)
    return outcome


def _again(service: Service, word: _Word, found: Standing, stage: PolicyStage) -> Handed:
    """The active policy, to be activated again by a word about another one."""
    active = found.log.activations[-1]
    said = {"is_again": True, "because": word.because}
    said |= {name: active.facts[name] for name in ("approved_by",) if name in active.facts}
    step = partial(_step, service, word, found, stage)
    return Handed(archived_files(service, active), word.principal, Source.API, said, (active.entry_id,), step=step)


def _made(service: Service, handed: Handed, found: Standing) -> CandidateOutcome:
    return made_active(service, handed, compiled_text(handed.files.text, handed.files.file), found)


def _step(service: Service, word: _Word, found: Standing, stage: PolicyStage, transaction: Transaction) -> bytes:
    return _said(service, word, found, stage, transaction)[1]


def _said(
    service: Service, word: _Word, found: Standing, stage: PolicyStage, transaction: Transaction
) -> tuple[int, bytes]:
    """Sequence and id of an entry that moves a version on. Raises PolicyError when any was moved on meanwhile."""
    require_unmoved(service, transaction, found)
    facts = {
        **{name: word.event.facts[name] for name in ("strategy", "policy", "version", "policy_digest")},
        "stage": stage.value,
        "beside": found.active_digest,
        "principal": word.principal,
        "because": word.because,
        **word.more,
    }
    return _appended(service, transaction, facts, (), (word.event.entry_id,))
