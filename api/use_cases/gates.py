"""Gates in use: their policies activated in the log, and judged inside the append as an order is.

The policy of a gate is active in the log or it judges nothing, so that nobody promotes a model by rules of their own
making. Its first version comes with the code; each later one needs two persons. Every judgement is a GATE entry with
its trace, whatever it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from api.use_cases.desk import RESEARCH
from api.use_cases.persons import person
from api.use_cases.policies import PolicyTest, file_bytes
from dataflows.engine.case_runs import case_inputs, case_results
from dataflows.engine.plan import NodeKind, Plan
from dataflows.engine.recorded import recorded_run
from dataflows.engine.run import GateRun, Runner
from dataflows.gates import GATES, compiled_gate, gate_snapshot
from governance.entries import Entry, EntryKind
from governance.ports import LogReader, LogStore, Transaction
from governance.rows import Appended, Record
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError, Fault, LogError, PolicyError
from nodes.vocabulary.verdict import Action
from policies.cases import parsed_cases, unknown_names, unmet
from policies.coverage import coverage_faults
from policies.parse import ParsedPolicy, parsed_policy, policy_reading
from policies.succession import Predecessor, successor_faults

SHIPPED: Mapping[str, Path] = {
    name: Path(__file__).resolve().parents[2] / "policies" / name / "us-equities" / "v1.yaml" for name in GATES
}
"""The policies that come with the code, by gate."""


@dataclass(frozen=True)
class GatePolicy:
    """A policy of a gate that was read, compiled and answered its cases.

    Attributes:
        text: the bytes of its file.
        parsed: the policy with its marks.
        plan: what it compiles to.
        cases: the bytes of its cases.
    """

    text: bytes
    parsed: ParsedPolicy
    plan: Plan
    cases: bytes


@dataclass(frozen=True)
class ActiveGate:
    """A gate as the log runs it.

    Attributes:
        plan: its plan.
        sequence: of the entry that activated it.
        refs: where policy and manifest are archived, as facts of an entry.
        name: family and version of its policy.
    """

    plan: Plan
    sequence: int
    refs: Mapping[str, bytes]
    name: str


@dataclass(frozen=True)
class Judgement:
    """What a gate said of a model version.

    Attributes:
        run: the run.
        entry: its GATE entry.
    """

    run: GateRun
    entry: Appended

    @property
    def lets_in(self) -> bool:
        """Whether the gate says act."""
        return self.run.action is Action.ACT


@lru_cache(maxsize=8)
def _compiled(text: bytes, file: str) -> tuple[ParsedPolicy, Plan]:
    parsed = parsed_policy(text, file)
    if parsed.policy.strategy not in GATES:
        what = f"strategy {parsed.policy.strategy!r} is no gate"
        raise PolicyError([parsed.marks.fault(("strategy",), what, f"name one of {', '.join(GATES)}")])
    return parsed, compiled_gate(parsed)


def gate_policy(path: Path) -> GatePolicy:
    """The policy of a gate in a file, its cases beside it answered. Raises PolicyError with every fault."""
    text, cases_path = file_bytes(path), path.with_name(f"{path.stem}.cases.yaml")
    parsed, plan = _compiled(text, str(path))
    cases = file_bytes(cases_path)
    tested = gate_test(parsed, plan, cases, str(cases_path))
    if tested.faults:
        raise PolicyError(tested.faults)
    return GatePolicy(text, parsed, plan, cases)


def checked_gate(text: bytes, file: str) -> tuple[ParsedPolicy, Plan] | None:
    """A gate's policy, compiled; None for one of something else. Raises PolicyError with every fault of a gate's."""
    parsed = policy_reading(text, file).parsed
    return None if parsed is None or parsed.policy.strategy not in GATES else _compiled(text, file)


def gate_test(parsed: ParsedPolicy, plan: Plan, text: bytes, file: str) -> PolicyTest:
    """The cases of a gate's policy, run. Raises PolicyError when they cannot be read or name what does not exist."""
    cases = parsed_cases(text, file)
    faults = unknown_names(cases, parsed.policy, case_inputs(plan))
    if faults:
        raise PolicyError(faults)
    results = case_results(plan, cases)
    missed = [fault for case, result in zip(cases, results, strict=True) for fault in unmet(case, result)]
    return PolicyTest(cases, results, (*missed, *coverage_faults(parsed, results)))


def active_gate(reader: LogReader, name: str) -> ActiveGate | None:
    """The gate of that name as the log runs it; None before its first activation."""
    row = next((row for row in reader.activations() if row.strategy == name), None)
    if row is None:
        return None
    facts = reader.records(row.sequence, row.sequence + 1)[0].entry.facts
    said = f"{facts['policy']} v{facts['version']}"
    _, plan = _compiled(reader.body(facts["policy_ref"]), said)
    refs = {ref: facts[ref] for ref in ("policy_ref", "manifest_ref")}
    return ActiveGate(plan, row.sequence, refs, said)


def activated_gate(
    store: LogStore, policy: GatePolicy, principal: str, at: datetime, *, approved_by: str | None = None
) -> ActiveGate:
    """A gate's policy made active, by one entry; what is active already stays as it is.

    Raises:
        EdgeError: a version after the first has no second person to approve it (self-approval).
        PolicyError: it may not follow what is active, or another became active meanwhile.
    """
    name, found = policy.parsed.policy.strategy, policy.parsed.policy
    with store.reader() as reader:
        before = active_gate(reader, name)
        if before is not None and before.plan.digest == policy.plan.digest:
            return before
        now = None if store.origin.startswith(RESEARCH) else at
        faults = () if before is None else _following_faults(reader, policy, before, now)
    if faults:
        raise PolicyError(faults)
    if before is not None and (approved_by is None or person(approved_by) == person(principal)):
        message = (
            f"{principal!r} cannot let {found.family} v{found.version} in alone; name a second person who approves"
        )
        raise EdgeError(message, reason="self-approval")
    supersedes = None if before is None else before.plan.policy_digest
    with store.transaction() as transaction:
        refs = _archived(transaction, policy)
        facts = {
            "strategy": name,
            "policy": found.family,
            "version": found.version,
            "policy_digest": policy.plan.policy_digest,
            "plan_digest": policy.plan.digest,
            "principal": principal,
            "approved_by": approved_by,
            "supersedes": supersedes,
            "is_again": False,
            **refs,
        }
        appended = transaction.append(Entry(EntryKind.ACTIVATION, store.origin, at, at, facts, tuple(refs.values())))
        transaction.activate(name, policy.plan.policy_digest, supersedes)
    refs = {ref: refs[ref] for ref in ("policy_ref", "manifest_ref")}
    return ActiveGate(policy.plan, appended.sequence, refs, f"{found.family} v{found.version}")


def _following_faults(
    reader: LogReader, policy: GatePolicy, before: ActiveGate, now: datetime | None
) -> tuple[Fault, ...]:
    active = parsed_policy(reader.body(before.refs["policy_ref"]), before.name).policy
    digest = before.plan.policy_digest
    return successor_faults(policy.parsed, Predecessor(active, digest, active.version), now)


def _archived(transaction: Transaction, policy: GatePolicy) -> dict[str, bytes]:
    return {
        "policy_ref": transaction.put_body(policy.text),
        "manifest_ref": transaction.put_body(policy.plan.manifest),
        "cases_ref": transaction.put_body(policy.cases),
    }


@dataclass(frozen=True)
class GateRequest:
    """What a gate is asked.

    Attributes:
        origin: the log's name.
        known: what is known of the model version, by field of the gate's snapshot.
        about: facts of the entry: of which version, who asks.
        at: now, by the shell's clock.
        environment: canonical bytes of the described environment.
        key: salt key of a salted trace; None in research.
    """

    origin: str
    known: Mapping[str, Any]
    about: Mapping[str, Any]
    at: datetime
    environment: bytes
    key: bytes | None


def judged(transaction: Transaction, gate: ActiveGate, asked: GateRequest) -> Judgement:
    """What a gate says, recorded inside an append. Raises EdgeError when the log runs another one by now."""
    name = gate.plan.name
    found = transaction.activation(name)
    if found is None or found.sequence != gate.sequence:
        message = f"log {asked.origin!r} runs another {name} policy than {gate.name} by now; ask again"
        raise EdgeError(message, reason="generation-changed")
    runner = Runner(gate.plan, asked.origin, asked.environment, is_salted=asked.key is not None)
    run = runner.gate(gate_snapshot(gate.plan.dataflow, asked.known), asked.at, (), asked.key)
    refs = {
        "trace_ref": transaction.put_body(run.trace.body),
        "environment_ref": transaction.put_body(asked.environment),
        **gate.refs,
    }
    facts = {
        **asked.about,
        "gate": name,
        "policy": gate.name,
        "verdict": run.verdict.label,
        "action": run.action.value,
        "rules": {rule.rule_id: rule.outcome.value for rule in run.rules},
        "reasons": tuple(rule.because for rule in run.failed),
        "policy_digest": gate.plan.policy_digest,
        "plan_digest": gate.plan.digest,
        "trace_digest": run.trace.digest,
        **refs,
    }
    bodies = tuple(dict.fromkeys(refs.values()))
    return Judgement(run, transaction.append(Entry(EntryKind.GATE, asked.origin, asked.at, asked.at, facts, bodies)))


def gate_replay(reader: LogReader, record: Record) -> str:
    """What judging again, from what a GATE entry archived, comes to: identical, or the first node that differs.

    Raises LogError when the entry is no gate's, or its trace is not the one that it names.
    """
    facts = record.entry.facts
    if record.kind != EntryKind.GATE.value:
        message = f"entry {record.sequence} is a {record.kind}, no judgement of a gate; name one of those"
        raise LogError(message)
    recorded = recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["manifest_ref"]))
    if recorded.trace.digest != facts["trace_digest"]:
        message = f"entry {record.sequence} names another trace than it archived; verify the log"
        raise LogError(message)
    _, plan = _compiled(reader.body(facts["policy_ref"]), facts["policy"])
    if plan.digest != facts["plan_digest"]:
        return f"diverged: this code makes plan {digest_text(plan.digest)} of the policy"
    runner = Runner(plan, record.entry.origin, reader.body(facts["environment_ref"]),
                    is_salted=recorded.trace.key is not None)  # fmt: skip
    given = {node.name: recorded.values[node.name] for node in plan.nodes if node.kind is NodeKind.INPUT}
    again = runner.gate(
        gate_snapshot(plan.dataflow, given), recorded.trace.as_of, recorded.trace.cites, recorded.trace.key
    )
    if again.trace.digest == recorded.trace.digest:
        return "identical"
    names = (node.name for node in plan.nodes)
    return f"diverged at {next(name for name in names if again.values[name] != recorded.values[name])}"
