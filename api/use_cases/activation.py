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

from api.use_cases.desk import RESEARCH, ActiveGeneration, GenerationRefs, environment_bytes
from api.use_cases.policies import Candidate
from api.use_cases.policy_log import policy_log
from dataflows.engine.compile import Generation
from dataflows.engine.run import Runner
from governance.entries import Entry, EntryKind
from governance.environment import Environment
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
    """

    candidate: Candidate
    principal: str
    environment: Environment
    at: datetime
    said: Mapping[str, Any] = field(default_factory=dict)
    cases: bytes | None = None
    cites: tuple[bytes, ...] = ()
    runners: Runners | None = None


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
        return GenerationRefs(**{each.name: self.facts[f"{each.name}_ref"] for each in fields(GenerationRefs)})


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
        return replace(found, champions=champions)
    is_again = newest is not None and newest.facts["policy_digest"] == generation.policy_digest
    if not is_again:
        _require_successor(store.origin, request, newest, newest_version)
    supersedes = None if newest is None else newest.facts["policy_digest"]
    with store.transaction() as transaction:
        again = replace(request, said={**request.said, "is_again": is_again})
        return appended_activation(transaction, store.origin, again, supersedes)


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
    refs = _archived(transaction, request)
    bodies, facts = astuple(refs), _facts(request, refs) | {"supersedes": supersedes, "is_again": False}
    if request.cases is not None:
        facts["cases_ref"] = transaction.put_body(request.cases)
        bodies = (*bodies, facts["cases_ref"])
    facts |= request.said
    entry = Entry(EntryKind.ACTIVATION, origin, request.at, request.at, facts, bodies, request.cites)
    sequence = transaction.append(entry).sequence
    transaction.activate(generation.policy.strategy, generation.policy_digest, supersedes)
    run = request.runners or runners(generation, origin, request.environment)
    champions = tuple(transaction.registry.champions())
    return ActiveGeneration(generation, refs, sequence, run.session, run.order, champions)


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


def _archived(transaction: Transaction, request: ActivationRequest) -> GenerationRefs:
    generation = request.candidate.generation
    sources = {**generation.session.sources, **generation.order.sources}
    return GenerationRefs(
        policy=transaction.put_body(request.candidate.text),
        sources=transaction.put_body(encode(sources)),
        session_manifest=transaction.put_body(generation.session.manifest),
        order_manifest=transaction.put_body(generation.order.manifest),
        environment=transaction.put_body(environment_bytes(request.environment)),
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
