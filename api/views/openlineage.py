"""A decision's runs as OpenLineage events, for catalogs that draw lineage across systems.

Two runs, four events: the session run reads the lake and writes the rows of its session; the order run reads its
symbol's row, the account and the policy, and writes the decision. Ids of runs follow from trace digests, so the same
decision always gives the same events. Spec 2-0-2, https://openlineage.io/spec/2-0-2/OpenLineage.json. Facets of our own
have the base schema, which lets them hold more.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from api.views.built import Recorded
from dataflows.engine.plan import ORDER_SIZE, NodeKind, PlanNode
from dataflows.engine.recorded import RecordedRun
from dataflows.us_equities import ROW_NODES
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.instants import instant_text

PRODUCER = "urn:assay:decision-log"
_SPEC = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs"
_FACETS = "https://openlineage.io/spec/facets"
_RUN_SPACE = uuid.UUID("8f0a6c1e-6f0b-5b8e-9d6e-0f5f3a2c7b11")
"""Where ids of runs are drawn from, by trace digest: a constant of this module."""

Event = dict[str, Any]


@dataclass(frozen=True)
class LineageEvents:
    """The OpenLineage events of a decision.

    Attributes:
        decision_id: the decision, 64 hexadecimal digits.
        events: run events of spec 2-0-2, in the order in which they happened.
    """

    decision_id: str
    events: tuple[Event, ...]


def lineage_events(recorded: Recorded) -> LineageEvents:
    """The events of a decision, with its id."""
    return LineageEvents((recorded.record.decision_id or b"").hex(), openlineage_events(recorded))


def openlineage_events(recorded: Recorded) -> tuple[Event, ...]:
    """The events of a decision, in the order in which they happened."""
    space = f"assay:{recorded.entry.origin}"
    at = instant_text(recorded.entry.recorded_at)
    session, runs = recorded.session, []
    if session is not None:
        rows = _rows(space, recorded, session)
        runs.append(_job(space, recorded, session, _session_inputs(space, recorded, session), [rows]))
    runs.append(_job(space, recorded, recorded.order, _order_inputs(space, recorded), [_decision(space, recorded)]))
    return tuple(_event(kind, at, run) for run in runs for kind in ("START", "COMPLETE"))


def run_id(run: RecordedRun) -> str:
    """The id of a run: it follows from its trace digest."""
    return str(uuid.uuid5(_RUN_SPACE, run.trace.digest.hex()))


def _event(kind: str, at: str, said: Mapping[str, Any]) -> Event:
    outputs = said["outputs"] if kind == "COMPLETE" else []
    return {
        "eventType": kind,
        "eventTime": at,
        "producer": PRODUCER,
        "schemaURL": f"{_SPEC}/RunEvent",
        "run": said["run"],
        "job": said["job"],
        "inputs": said["inputs"],
        "outputs": outputs,
    }


def _job(space: str, recorded: Recorded, run: RecordedRun, inputs: list[Event], outputs: list[Event]) -> Event:
    header = run.trace.header
    own = {
        "traceDigest": digest_text(run.trace.digest),
        "planDigest": digest_text(header.plan_digest),
        "policyDigest": digest_text(header.policy_digest),
        "environmentDigest": digest_text(header.environment_digest),
        "entry": digest_text(recorded.record.entry_id),
    }
    engine = {"name": "Assay", "version": f"Python {recorded.environment.python}"}
    return {
        "run": {
            "runId": run_id(run),
            "facets": {
                "nominalTime": _facet("1-0-1", "NominalTimeRunFacet", nominalStartTime=instant_text(run.trace.as_of)),
                "processing_engine": _facet("1-1-1", "ProcessingEngineRunFacet", **engine),
                "assay_digests": {"_producer": PRODUCER, "_schemaURL": f"{_SPEC}/RunFacet", **own},
            },
        },
        "job": {
            "namespace": space,
            "name": run.plan.name,
            "facets": {
                "jobType": _facet(
                    "2-0-4", "JobTypeJobFacet", processingType="BATCH", integration="ASSAY", jobType=run.plan.kind.value
                ),
            },
        },
        "inputs": inputs,
        "outputs": outputs,
    }


def _session_inputs(space: str, recorded: Recorded, session: RecordedRun) -> list[Event]:
    """The tables of the lake by version, or the bundled data; the policy."""
    tables = [
        _dataset(space, f"lake/{table.name}", f"{table.version} {table.digest}") for table in recorded.tables
    ] or [_dataset(space, "lake/bundled", _cited(session))]
    return [*tables, _policy(space, recorded)]


def _cited(run: RecordedRun) -> str:
    return " ".join(map(digest_text, run.trace.cites)) or "bundled"


def _order_inputs(space: str, recorded: Recorded) -> list[Event]:
    account = _dataset(space, f"account/{recorded.entry.facts['account_id']}", "as the log's append held it")
    rows = [] if recorded.session is None else [_rows(space, recorded, recorded.session)]
    return [*rows, account, _policy(space, recorded)]


def _policy(space: str, recorded: Recorded) -> Event:
    digest = digest_text(recorded.order.trace.header.policy_digest)
    return _dataset(space, f"policy/{recorded.policy.family}", f"{recorded.policy.version} {digest}")


def _rows(space: str, recorded: Recorded, session: RecordedRun) -> Event:
    """The rows of a session: what the session run writes, and each order reads one of."""
    fields = [_field(session.plan.node(name)) for name in _row_nodes(session)]
    found = _dataset(space, _rows_name(recorded), digest_text(session.trace.digest))
    found["facets"]["schema"] = _facet("1-2-0", "SchemaDatasetFacet", fields=fields)
    return found


def _rows_name(recorded: Recorded) -> str:
    return f"session/{recorded.entry.facts['session_on']}"


def _row_nodes(session: RecordedRun) -> tuple[str, ...]:
    names = {node.name for node in session.plan.nodes}
    return tuple(sorted(names & set(ROW_NODES.values())))


def _decision(space: str, recorded: Recorded) -> Event:
    """The decision, each of its fields traced to what of the snapshot it was computed from."""
    decision_id = recorded.record.decision_id or b""
    plan = recorded.order.plan
    found = _dataset(space, f"decisions/{recorded.symbol}", decision_id.hex())
    outputs = [plan.node(ORDER_SIZE), *(plan.node(rule.node) for rule in plan.rules)]
    found["facets"]["schema"] = _facet("1-2-0", "SchemaDatasetFacet", fields=[_field(node) for node in outputs])
    reads = {node.name: node.arguments for node in plan.nodes}
    reads[ORDER_SIZE] = tuple(rule.cap for rule in plan.rules if rule.cap) or reads[ORDER_SIZE]
    found["facets"]["columnLineage"] = _facet(
        "1-2-0",
        "ColumnLineageDatasetFacet",
        fields={node.name: {"inputFields": _sources(space, recorded, node, reads)} for node in outputs},
    )
    return found


def _sources(space: str, recorded: Recorded, node: PlanNode, reads: Mapping[str, Iterable[str]]) -> list[Event]:
    """The inputs of the snapshot that a node was computed from, each in the dataset that it came from."""
    inputs = {each.name for each in recorded.order.plan.nodes if each.kind is NodeKind.INPUT}
    rows = set() if recorded.session is None else set(_row_nodes(recorded.session))
    account = f"account/{recorded.entry.facts['account_id']}"
    how = [{"type": "DIRECT", "subtype": "TRANSFORMATION", "description": node.doc.formula, "masking": False}]
    found = []
    for name in sorted(_upstream(node.name, reads) & inputs):
        row = ROW_NODES.get(name, name)
        place = (_rows_name(recorded), row) if row in rows else (account, name)
        found.append({"namespace": space, "name": place[0], "field": place[1], "transformations": how})
    return found


def _upstream(name: str, reads: Mapping[str, Iterable[str]]) -> set[str]:
    reached, waiting = set[str](), [name]
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting += reads.get(here, ())
    return reached


def _field(node: PlanNode) -> Event:
    return {"name": node.name, "type": node.unit.name, "description": node.doc.summary or node.doc.formula}


def _dataset(space: str, name: str, version: str) -> Event:
    facets = {"version": _facet("1-0-1", "DatasetVersionDatasetFacet", datasetVersion=version)}
    return {"namespace": space, "name": name, "facets": facets}


def _facet(version: str, kind: str, /, **fields: object) -> Event:
    return {"_producer": PRODUCER, "_schemaURL": f"{_FACETS}/{version}/{kind}.json#/$defs/{kind}", **fields}
