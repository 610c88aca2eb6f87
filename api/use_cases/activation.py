"""Activation: a candidate becomes what a strategy runs, by one log entry that archives all that it is made of.

Compare-and-swap: the entry and the swap are one transaction, and the swap fails when another policy became active
meanwhile. Activating what is active already is nothing, unless the code or the libraries under it changed: then the
same policy is activated anew, so that every decision finds the sources that made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, fields, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from api.use_cases.desk import RESEARCH, ActiveGeneration, Canary, GenerationRefs, environment_bytes
from api.use_cases.policies import Candidate, compiled_text
from api.use_cases.policy_impacts import impact_fact
from api.use_cases.policy_log import policy_log
from dataflows.engine.compile import Generation
from dataflows.engine.run import Runner
from governance.entries import Entry, EntryKind
from governance.environment import Environment
from governance.policy_stages import CANARY, CanaryTerms, canary_terms
from governance.ports import LogReader, LogStore, Transaction
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import Fault, LogError, PolicyError
from policies.parse import ParsedPolicy, parsed_policy
from policies.schema import Policy
from policies.succession import Predecessor, edited_faults, successor_faults


@dataclass(frozen=True)
class Runners:
    """What runs the plans of a generation; making them takes longer than an append should.

    Attributes:
        session: runs the session plan.
        order: runs the order plan.
    """

    session: Runner
    order: Runner


@dataclass(frozen=True)
class CanaryRequest:
    """A second policy that is to decide some symbols.

    Attributes:
        candidate: the policy.
        terms: which symbols.
        runners: what runs its plans.
    """

    candidate: Candidate
    terms: CanaryTerms
    runners: Runners


@dataclass(frozen=True)
class ActivationRequest:
    """Who activates what, when and where.

    Attributes:
        candidate: the policy.
        principal: who asks.
        environment: where its decisions will be made.
        at: now, by the shell's clock.
        said: facts beyond those of every activation: who approved it, where it came from, why.
        cases: the text of its cases, archived with it; None when it came without.
        cites: ids of the entries that it rests on.
        runners: the candidate's; None to have them made.
        canary: what decides some symbols in its place; None for none.
        impact: the report of its impact that it rests on, as canonical bytes; None without one.
    """

    candidate: Candidate
    principal: str
    environment: Environment
    at: datetime
    said: Mapping[str, Any] = field(default_factory=dict)
    cases: bytes | None = None
    cites: tuple[bytes, ...] = ()
    runners: Runners | None = None
    canary: CanaryRequest | None = None
    impact: bytes | None = None


@dataclass(frozen=True)
class LoggedActivation:
    """The newest activation of a strategy as the log holds it.

    Attributes:
        sequence: of its entry.
        facts: of its entry.
        policy: the policy that it archived.
    """

    sequence: int
    facts: Mapping[str, Any]
    policy: Policy

    @property
    def refs(self) -> GenerationRefs:
        """Where its generation is archived."""
        return _refs(self.facts)


def logged_activation(reader: LogReader, strategy: str) -> LoggedActivation | None:
    """What a strategy runs; None before its first activation. Raises LogError when the entry is not there."""
    rows = [row for row in reader.activations() if row.strategy == strategy]
    if not rows:
        return None
    records = reader.records(rows[0].sequence, rows[0].sequence + 1)
    if not records:
        message = f"activation of {strategy!r} names entry {rows[0].sequence}, which is missing; verify the log"
        raise LogError(message)
    facts = records[0].entry.facts
    text = reader.body(facts["policy_ref"])
    policy = _policy(text, f"{facts['policy']} v{facts['version']}")
    return LoggedActivation(rows[0].sequence, facts, policy)


@lru_cache(maxsize=4)
def _policy(text: bytes, name: str) -> Policy:
    """The policy that a text holds, parsed once: who watches for changes asks twice a second."""
    return parsed_policy(text, name).policy


def activated(store: LogStore, request: ActivationRequest) -> ActiveGeneration:
    """The candidate as the active generation. Raises PolicyError when it may not follow what is active."""
    generation, policy = request.candidate.generation, request.candidate.parsed.policy
    with store.reader() as reader:
        newest = logged_activation(reader, policy.strategy)
        newest_version = policy_log(reader, policy.strategy).newest_version
        champions = tuple(reader.registry.champions())
    if newest is not None and _is_same(newest, generation, request.environment):
        found = active_generation(generation, newest.refs, newest.sequence, store.origin, request.environment)
        canary = archived_canary(store, newest, request.environment)
        if canary is not None or CANARY not in newest.facts:
            return replace(found, champions=champions, canary=canary)
    is_again = newest is not None and newest.facts["policy_digest"] == generation.policy_digest
    if not is_again:
        _require_successor(store.origin, request, newest, newest_version)
    supersedes = None if newest is None else newest.facts["policy_digest"]
    cases = request.cases if newest is None or not is_again else _cases_again(store, request, newest)
    with store.transaction() as transaction:
        again = replace(request, said={**request.said, "is_again": is_again}, cases=cases)
        return appended_activation(transaction, store.origin, again, supersedes)


def _cases_again(store: LogStore, request: ActivationRequest, newest: LoggedActivation) -> bytes | None:
    """The cases of a policy that is activated again: as they were archived, unless they come anew."""
    ref = newest.facts.get("cases_ref")
    if request.cases is not None or ref is None:
        return request.cases
    with store.reader() as reader:
        return reader.body(ref)


def appended_activation(
    transaction: Transaction, origin: str, request: ActivationRequest, supersedes: bytes | None
) -> ActiveGeneration:
    """The candidate as the active generation, by an entry in an append. Raises PolicyError when another one is active.

    Args:
        transaction: the append.
        origin: the log's name.
        request: what is asked; whether it may follow what is active was looked at before.
        supersedes: what was active then.
    """
    generation = request.candidate.generation
    refs = _archived(transaction, request.candidate, request.environment)
    bodies, facts = astuple(refs), _facts(request, refs) | {"supersedes": supersedes, "is_again": False}
    if request.cases is not None:
        facts["cases_ref"] = transaction.put_body(request.cases)
        bodies = (*bodies, facts["cases_ref"])
    if request.impact is not None:
        facts |= {"impact_ref": transaction.put_body(request.impact), **impact_fact(request.impact)}
        bodies = (*bodies, facts["impact_ref"])
    canary = None if request.canary is None else _appended_canary(transaction, request, request.canary)
    if canary is not None:
        facts[CANARY] = _canary_facts(canary)
        bodies = tuple(dict.fromkeys((*bodies, *astuple(canary.active.refs))))
    facts |= request.said
    entry = Entry(EntryKind.ACTIVATION, origin, request.at, request.at, facts, bodies, request.cites)
    sequence = transaction.append(entry).sequence
    transaction.activate(generation.policy.strategy, generation.policy_digest, supersedes)
    run = request.runners or runners(generation, origin, request.environment)
    champions = tuple(transaction.registry.champions())
    if canary is not None:
        canary = replace(canary, active=replace(canary.active, sequence=sequence))
    return ActiveGeneration(generation, refs, sequence, run.session, run.order, champions, canary)


def _appended_canary(transaction: Transaction, request: ActivationRequest, wanted: CanaryRequest) -> Canary:
    """A canary whose parts are archived; its sequence is known once the activation is appended."""
    refs = _archived(transaction, wanted.candidate, request.environment)
    run = wanted.runners
    return Canary(wanted.terms, ActiveGeneration(wanted.candidate.generation, refs, 0, run.session, run.order))


def _canary_facts(canary: Canary) -> dict[str, Any]:
    generation = canary.active.generation
    return {
        **canary.terms.facts,
        "policy": generation.policy.family,
        "version": generation.policy.version,
        "session_plan_digest": generation.session.digest,
        "order_plan_digest": generation.order.digest,
        **canary.active.refs.facts,
    }


def archived_canary(store: LogStore, newest: LoggedActivation, environment: Environment) -> Canary | None:
    """The canary that an activation names, compiled anew.

    None without one, and where it compiles to other plans here than there: the code under it is another.
    """
    terms = canary_terms(newest.facts)
    if terms is None:
        return None
    facts = newest.facts[CANARY]
    refs = _refs(facts)
    with store.reader() as reader:
        text = reader.body(refs.policy)
    generation = compiled_text(text, f"{facts['policy']} v{facts['version']}").generation
    here = (generation.session.digest, generation.order.digest)
    if here != (facts["session_plan_digest"], facts["order_plan_digest"]):
        return None
    return Canary(terms, active_generation(generation, refs, newest.sequence, store.origin, environment))


def _refs(facts: Mapping[str, Any]) -> GenerationRefs:
    return GenerationRefs(**{each.name: facts[f"{each.name}_ref"] for each in fields(GenerationRefs)})


def runners(generation: Generation, origin: str, environment: Environment) -> Runners:
    """What runs a generation's plans for a log."""
    content, is_salted = environment_bytes(environment), not origin.startswith(RESEARCH)
    return Runners(
        session=Runner(generation.session, origin, content, is_salted=is_salted),
        order=Runner(generation.order, origin, content, is_salted=is_salted),
    )


def active_generation(
    generation: Generation, refs: GenerationRefs, sequence: int, origin: str, environment: Environment
) -> ActiveGeneration:
    """A generation with its runners."""
    run = runners(generation, origin, environment)
    return ActiveGeneration(generation, refs, sequence, run.session, run.order)


def _is_same(newest: LoggedActivation, generation: Generation, environment: Environment) -> bool:
    wanted = {
        "policy_digest": generation.policy_digest,
        "session_plan_digest": generation.session.digest,
        "order_plan_digest": generation.order.digest,
        "environment_digest": environment.digest,
    }
    return wanted.items() <= newest.facts.items()


def _require_successor(
    origin: str, request: ActivationRequest, newest: LoggedActivation | None, newest_version: int
) -> None:
    now = None if origin.startswith(RESEARCH) else request.at
    faults = () if newest is None else following_faults(request.candidate.parsed, newest, newest_version, now)
    if faults:
        raise PolicyError(faults)


def following_faults(
    parsed: ParsedPolicy, newest: LoggedActivation, newest_version: int, now: datetime | None
) -> tuple[Fault, ...]:
    """What forbids a policy to follow what is active. A log may begin with any version of a family."""
    previous, digest = newest.policy, newest.facts["policy_digest"]
    if parsed.policy.version == previous.version and parsed.policy.family == previous.family:
        return edited_faults(parsed, digest)
    return successor_faults(parsed, Predecessor(previous, digest, newest_version), now)


def _archived(transaction: Transaction, candidate: Candidate, environment: Environment) -> GenerationRefs:
    generation = candidate.generation
    sources = {**generation.session.sources, **generation.order.sources}
    return GenerationRefs(
        policy=transaction.put_body(candidate.text),
        sources=transaction.put_body(encode(sources)),
        session_manifest=transaction.put_body(generation.session.manifest),
        order_manifest=transaction.put_body(generation.order.manifest),
        environment=transaction.put_body(environment_bytes(environment)),
    )


def _facts(request: ActivationRequest, refs: GenerationRefs) -> dict[str, Any]:
    generation = request.candidate.generation
    policy = generation.policy
    return {
        "strategy": policy.strategy,
        "policy": policy.family,
        "version": policy.version,
        "policy_digest": generation.policy_digest,
        "session_plan_digest": generation.session.digest,
        "order_plan_digest": generation.order.digest,
        "environment_digest": request.environment.digest,
        "principal": request.principal,
        "mode": "direct",
        **refs.facts,
    }
