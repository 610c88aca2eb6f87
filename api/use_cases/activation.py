"""Activation: a candidate becomes what a strategy runs, by one log entry that archives all that it is made of.

Compare-and-swap: the entry and the swap are one transaction, and the swap fails when another policy became active
meanwhile. Activating what is active already is nothing, unless the code or the libraries under it changed: then the
same policy is activated anew, so that every decision finds the sources that made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from typing import Any

from api.use_cases.desk import RESEARCH, ActiveGeneration, GenerationRefs, environment_bytes
from api.use_cases.policies import Candidate
from dataflows.engine.compile import Generation
from dataflows.engine.run import Runner
from governance.entries import Entry, EntryKind
from governance.environment import Environment
from governance.ports import LogReader, LogStore, Transaction
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import LogError, PolicyError
from policies.parse import parsed_policy
from policies.schema import Policy
from policies.succession import edited_faults, successor_faults


@dataclass(frozen=True)
class ActivationRequest:
    """Who activates what, when and where.

    Attributes:
        candidate: the policy.
        principal: who asks.
        environment: where its decisions will be made.
        at: now, by the shell's clock.
    """

    candidate: Candidate
    principal: str
    environment: Environment
    at: datetime


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
        return GenerationRefs(**{field.name: self.facts[f"{field.name}_ref"] for field in fields(GenerationRefs)})


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
    policy = parsed_policy(text, f"{facts['policy']} v{facts['version']}").policy
    return LoggedActivation(rows[0].sequence, facts, policy)


def activated(store: LogStore, request: ActivationRequest) -> ActiveGeneration:
    """The candidate as the active generation. Raises PolicyError when it may not follow what is active."""
    generation, policy = request.candidate.generation, request.candidate.parsed.policy
    with store.reader() as reader:
        newest = logged_activation(reader, policy.strategy)
    if newest is not None and _is_same(newest, generation, request.environment):
        return active_generation(generation, newest.refs, newest.sequence, store.origin, request.environment)
    is_again = newest is not None and newest.facts["policy_digest"] == generation.policy_digest
    if not is_again:
        _require_successor(store.origin, request, newest)
    supersedes = None if newest is None else newest.facts["policy_digest"]
    with store.transaction() as transaction:
        refs = _archived(transaction, request)
        facts = _facts(request, refs) | {"supersedes": supersedes, "is_again": is_again}
        entry = Entry(EntryKind.ACTIVATION, store.origin, request.at, request.at, facts, tuple(astuple(refs)))
        sequence = transaction.append(entry).sequence
        transaction.activate(policy.strategy, generation.policy_digest, supersedes)
    return active_generation(generation, refs, sequence, store.origin, request.environment)


def active_generation(
    generation: Generation, refs: GenerationRefs, sequence: int, origin: str, environment: Environment
) -> ActiveGeneration:
    """A generation with its runners."""
    content, is_salted = environment_bytes(environment), not origin.startswith(RESEARCH)
    return ActiveGeneration(
        generation,
        refs,
        sequence,
        session=Runner(generation.session, origin, content, is_salted=is_salted),
        order=Runner(generation.order, origin, content, is_salted=is_salted),
    )


def _is_same(newest: LoggedActivation, generation: Generation, environment: Environment) -> bool:
    wanted = {
        "policy_digest": generation.policy_digest,
        "session_plan_digest": generation.session.digest,
        "order_plan_digest": generation.order.digest,
        "environment_digest": environment.digest,
    }
    return wanted.items() <= newest.facts.items()


def _require_successor(origin: str, request: ActivationRequest, newest: LoggedActivation | None) -> None:
    parsed = request.candidate.parsed
    now = None if origin.startswith(RESEARCH) else request.at
    if newest is None:
        # A log may begin at any version of a family, also with one that is in force elsewhere: earlier ones were never
        # active in it, and it holds no decision that the policy could reach back to.
        return
    if parsed.policy.version == newest.policy.version and parsed.policy.family == newest.policy.family:
        faults = edited_faults(parsed, newest.facts["policy_digest"])
    else:
        faults = successor_faults(parsed, newest.policy, newest.facts["policy_digest"], now)
    if faults:
        raise PolicyError(faults)


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
