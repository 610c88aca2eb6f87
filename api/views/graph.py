"""The lineage of a decision as a graph whose every node has a digest over itself and all that it was computed from.

The digests are a pure function of what the trace archives: two decisions share a node's digest when everything on the
way to it was the same, code included. They are derived on demand and never stored; what binds them to the log is the
trace digest, which covers the same values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from api.views.built import Recorded
from api.views.decision import DecisionView, NodeView
from api.views.lineage import ancestry, deciding_keys, readings
from nodes.vocabulary.canonical import digest, digest_text, encode


@dataclass(frozen=True)
class LineageNode:
    """One node of a lineage.

    Attributes:
        key: run and name, unique in the graph: "order.participation_frac".
        name: the node's name.
        run: "session" or "order".
        kind: "input", "parameter", "limit", "node", "rule", "gather", "verdict" or "size".
        band: the stage it stands in, e.g. "features".
        unit: the unit's name; "" for the verdict.
        text: its value, rounded for the eye.
        exact: its value to the last digit; for a table, what it holds in words.
        is_absent: whether it has no value; `exact` then says why.
        code_digest: digest of the code that computed it; "" for inputs and policy numbers.
        digest: over its unit, code and value and the digests of all nodes that it reads.
        is_deciding: whether it is on the way to a rule that objected, or to what was asked for when none did.
    """

    key: str
    name: str
    run: str
    kind: str
    band: str
    unit: str
    text: str
    exact: str
    is_absent: bool
    code_digest: str
    digest: str
    is_deciding: bool


@dataclass(frozen=True)
class LineageEdge:
    """That one node reads another.

    Attributes:
        source: key of the node that is read.
        target: key of the node that reads it.
    """

    source: str
    target: str


@dataclass(frozen=True)
class LineageGraph:
    """What a decision was computed from.

    Attributes:
        decision_id: the decision, 64 hexadecimal digits.
        trace_digest: digest of the order run's trace, which covers every value of it.
        session_trace_digest: digest of the session run's trace; "" when the decision cites none.
        root: key of the node where every lineage ends.
        nodes: each after all that it reads.
        edges: which node reads which.
    """

    decision_id: str
    trace_digest: str
    session_trace_digest: str
    root: str
    nodes: tuple[LineageNode, ...]
    edges: tuple[LineageEdge, ...]


def lineage_graph(recorded: Recorded, view: DecisionView, roots: Iterable[str] = ()) -> LineageGraph:
    """The lineage of a decision, or of some of its nodes by key; keys that it does not have are left out."""
    reads = readings(view.nodes)
    wanted = ancestry(roots, reads) or frozenset(reads)
    digests, deciding = node_digests(recorded, view), deciding_keys(view)
    kept = [node for node in view.nodes if node.key in wanted]
    session = recorded.session
    return LineageGraph(
        decision_id=view.decision_id,
        trace_digest=digest_text(recorded.order.trace.digest),
        session_trace_digest="" if session is None else digest_text(session.trace.digest),
        root=view.nodes[-1].key,
        nodes=tuple(_node(node, digests[node.key], is_deciding=node.key in deciding) for node in kept),
        edges=tuple(LineageEdge(read, node.key) for node in kept for read in node.reads if read in wanted),
    )


def _node(node: NodeView, node_digest: bytes, *, is_deciding: bool) -> LineageNode:
    return LineageNode(
        key=node.key,
        name=node.name,
        run=node.run,
        kind=node.kind,
        band=node.band,
        unit=node.unit,
        text=node.value.text,
        exact=node.value.exact,
        is_absent=node.value.is_absent,
        code_digest=node.code_digest,
        digest=digest_text(node_digest),
        is_deciding=is_deciding,
    )


def node_digests(recorded: Recorded, view: DecisionView) -> dict[str, bytes]:
    """The digest of each node by key."""
    nodes = {node.key: node for node in view.nodes}
    values = _values(recorded)
    found: dict[str, bytes] = {}

    def digested(key: str) -> bytes:
        if key not in found:
            node = nodes[key]
            said = encode((key, node.unit, node.code_digest, values.get(key, node.value.exact)))
            found[key] = digest("lineage", said, *(digested(read) for read in node.reads if read in nodes))
        return found[key]

    for key in nodes:
        digested(key)
    return found


def _values(recorded: Recorded) -> Mapping[str, Any]:
    """Each node's recorded values: of both passes for an order run."""
    order = {f"order.{name}": (recorded.order.proposed[name], value) for name, value in recorded.order.values.items()}
    session = {} if recorded.session is None else recorded.session.values
    return {**order, **{f"session.{name}": value for name, value in session.items()}}
