"""Makes a run again from what was archived of it: policy, manifests and inputs; the code is whatever is imported.

The same functions serve a replay in this process and one in a child that finds the archived sources first on its path
(`governance.replay`), so a job and its answers are canonical bytes. The strategy is rebuilt from the manifests: they
name every node, its module and the snapshot's fields, so nothing needs to be installed but the modules themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, make_dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, NewType

from dataflows.engine.catalog import NodeModule
from dataflows.engine.compile import Generation, compiled_strategy
from dataflows.engine.dataflow import Dataflow, Kind, Strategy
from dataflows.engine.plan import NodeKind, Plan, PlanNode
from dataflows.engine.recorded import recorded_plan
from dataflows.engine.run import Runner
from governance.environment import single_threaded
from nodes.vocabulary import identity, units
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import AssayError
from policies.contracts import ContractSheet
from policies.parse import parsed_policy


@dataclass(frozen=True)
class RunRequest:
    """One run to be made again.

    Attributes:
        kind: "session" or "order".
        origin: the log that it belongs to.
        environment: the environment's bytes that its trace commits to.
        inputs: the snapshot's fields; None or Absent where one was missing.
        as_of: its instant.
        cites: trace digests that it cites.
        key: its salt key, if it has one.
    """

    kind: str
    origin: str
    environment: bytes
    inputs: Mapping[str, Any]
    as_of: datetime
    cites: tuple[bytes, ...]
    key: bytes | None


@dataclass(frozen=True)
class RunAnswer:
    """What a run came to when it was made again.

    Attributes:
        plan_digest: digest of the plan that the imported code gives.
        nodes: names of the plan's computed nodes, in order.
        codes: code digest of each of its nodes.
        packed: packed values of each pass, as in a trace.
    """

    plan_digest: bytes
    nodes: tuple[str, ...]
    codes: Mapping[str, bytes]
    packed: tuple[bytes, ...]


@dataclass(frozen=True)
class Job:
    """Runs of one generation to be made again.

    Attributes:
        policy: the policy's text.
        session_manifest: manifest of the session plan.
        order_manifest: manifest of the order plan.
        runs: the runs.
    """

    policy: bytes
    session_manifest: bytes
    order_manifest: bytes
    runs: tuple[RunRequest, ...]


def job_answers(job: Job) -> tuple[RunAnswer, ...]:
    """The runs of a job, made with the code that is imported.

    Raises:
        AssayError: the code does not give these plans.
        ImportError: a module, or a library that it needs, is missing.
    """
    generation = rebuilt_generation(job.policy, job.session_manifest, job.order_manifest)
    single_threaded()  # after the import of the node modules: it reaches the libraries that are loaded by then
    runners: dict[tuple[str, str, bytes, bool], Runner] = {}
    return tuple(_answer(_runner(generation, request, runners), request) for request in job.runs)


def answered(data: bytes) -> bytes:
    """The answers to a job, both as canonical bytes; `missing` in place of answers when the code is not there."""
    content = decode(data)
    job = Job(**{**content, "runs": tuple(RunRequest(**run) for run in content["runs"])})
    try:
        return encode({"answers": job_answers(job), "missing": None})
    except (AssayError, ImportError) as error:
        return encode({"answers": (), "missing": f"{type(error).__name__}: {error}"})


def answers_from_bytes(data: bytes) -> tuple[tuple[RunAnswer, ...], str | None]:
    """The answers that `answered` wrote, and what was missing."""
    content = decode(data)
    return tuple(RunAnswer(**answer) for answer in content["answers"]), content["missing"]


def rebuilt_generation(policy: bytes, session_manifest: bytes, order_manifest: bytes) -> Generation:
    """The generation that the imported code makes of archived policy and manifests."""
    parsed = parsed_policy(policy, "archived policy")
    session, order = recorded_plan(session_manifest), recorded_plan(order_manifest)
    strategy = Strategy(parsed.policy.strategy, _dataflow(session), _dataflow(order))
    modules = _modules(session) | _modules(order)
    return compiled_strategy(parsed, strategy, modules.values())


def _runner(generation: Generation, request: RunRequest, runners: dict[tuple[str, str, bytes, bool], Runner]) -> Runner:
    """The runner of a request; requests of one origin, environment and commitment share one."""
    is_salted = request.key is not None
    shared = (request.kind, request.origin, request.environment, is_salted)
    if shared not in runners:
        plan = generation.session if request.kind == Kind.SESSION.value else generation.order
        runners[shared] = Runner(plan, request.origin, request.environment, is_salted=is_salted)
    return runners[shared]


def _answer(runner: Runner, request: RunRequest) -> RunAnswer:
    plan = runner.plan
    snapshot = plan.dataflow.snapshot(**{name: request.inputs.get(name) for name in plan.inputs})
    run = runner.session if plan.kind is Kind.SESSION else runner.order
    trace = run(snapshot, request.as_of, request.cites, request.key).trace
    return RunAnswer(
        plan_digest=plan.digest,
        nodes=tuple(node.name for node in plan.computed),
        codes={node.name: node.code_digest for node in plan.nodes},
        packed=trace.packed,
    )


def _dataflow(plan: Plan) -> Dataflow:
    """The dataflow that gives a recorded plan: all its functions as outputs, all its inputs as the snapshot."""
    inputs = [node for node in plan.nodes if node.kind is NodeKind.INPUT]
    functions = [node for node in plan.nodes if node.kind is NodeKind.FUNCTION]
    return Dataflow(
        name=plan.name,
        kind=plan.kind,
        stages=tuple(sorted({node.stage for node in functions})),
        snapshot=make_dataclass("RecordedSnapshot", [(node.name, _annotation(node)) for node in inputs], frozen=True),
        outputs=tuple(node.name for node in functions),
    )


def _annotation(node: PlanNode) -> Any:  # noqa: ANN401  # annotations are arbitrary objects
    name, base = node.unit.name, node.unit.base
    if name == base.__name__:
        return base
    return getattr(units, name, None) or getattr(identity, name, None) or NewType(name, base)


def _modules(plan: Plan) -> dict[str, NodeModule]:
    named = {node.module: node.stage for node in plan.nodes if node.kind is NodeKind.FUNCTION}
    return {
        module: NodeModule(stage, import_module(module), _sheet(plan, module))
        for module, stage in sorted(named.items())
    }


def _sheet(plan: Plan, module: str) -> ContractSheet | None:
    """The contracts of a module as the plan had them; what is beside the module now may be another version."""
    of_module = {node.name: node.contract for node in plan.nodes if node.module == module and node.contract is not None}
    return ContractSheet(f"manifest of {plan.name}", of_module) if of_module else None
