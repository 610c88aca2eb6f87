"""The compiled, frozen, ordered form of a dataflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.docstrings import NodeDoc
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.units import Unit
from nodes.vocabulary.verdict import Verdict
from policies.contracts import Contract

ORDER_SIZE = "order_shares"
PROPOSED_SIZE = "proposed_order_shares"
REDUCES_RISK = "order_reduces_risk"
LOT = "lot_shares"
PLAN_SCHEME = 1


class NodeKind(Enum):
    """Where the value of a plan's node comes from."""

    INPUT = "input"
    PARAMETER = "parameter"
    LIMIT = "limit"
    FUNCTION = "node"
    GATHER = "gather"
    RULE = "rule"
    SIZE = "size"


CONSTANT_KINDS = frozenset({NodeKind.PARAMETER, NodeKind.LIMIT})


@dataclass(frozen=True)
class PlanNode:
    """One node of a plan.

    Attributes:
        name: the node's name.
        kind: where its value comes from.
        unit: its unit.
        arguments: names of the nodes it reads, in the order in which `function` takes them.
        accepts_absent: for each argument, whether the node handles its absence itself.
        function: takes the arguments by position; None for inputs, policy values and the order's size.
        value: the value of a parameter or limit.
        is_sized: whether it depends on the order's size, so that a clip evaluates it again.
        module: dotted name of its module, or "" for what policy and engine make.
        stage: the stage of its module, or "".
        doc: the fields of its docstring; a rule's formula is its text.
        code_digest: digest of its code, or of its text for a rule.
        origins: the functions that a person wrote.
        contract: what a feature rests on and may be; None for any other node.
    """

    name: str
    kind: NodeKind
    unit: Unit
    arguments: tuple[str, ...] = ()
    accepts_absent: tuple[bool, ...] = ()
    function: Callable[..., Any] | None = None
    value: Any = None
    is_sized: bool = False
    module: str = ""
    stage: str = ""
    doc: NodeDoc = field(default_factory=NodeDoc)
    code_digest: bytes = b""
    origins: tuple[Callable[..., Any], ...] = ()
    contract: Contract | None = None


@dataclass(frozen=True)
class PlanRule:
    """One rule of a plan: the node that holds its outcome and what follows from it."""

    rule_id: str
    node: str
    effect: Verdict
    cap: str | None
    on_unknown_warns: bool
    skips_reducing: bool
    because: str
    plain: str
    operands: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """A dataflow joined with one policy, ready to run.

    Attributes:
        dataflow: what was compiled.
        policy_digest: digest of the policy it was compiled with.
        nodes: every node, each after all that it reads.
        rules: the rules, by id.
        lot_shares: shares to a lot; clipped sizes are rounded down to whole lots.
        sources: source text of every first-party module that the nodes read, by dotted name.
    """

    dataflow: Dataflow
    policy_digest: bytes
    nodes: tuple[PlanNode, ...]
    rules: tuple[PlanRule, ...]
    lot_shares: int
    sources: Mapping[str, str]
    manifest: bytes = field(init=False)
    digest: bytes = field(init=False)
    computed: tuple[PlanNode, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "manifest", encode(_manifest(self)))
        object.__setattr__(self, "digest", digest("plan", self.manifest))
        object.__setattr__(self, "computed", tuple(node for node in self.nodes if node.kind not in CONSTANT_KINDS))

    @property
    def name(self) -> str:
        """The dataflow's name."""
        return self.dataflow.name

    @property
    def kind(self) -> Kind:
        """Over what it runs."""
        return self.dataflow.kind

    @cached_property
    def computation_digest(self) -> bytes:
        """Digest of what the plan computes, whichever policy it was compiled from: its manifest but for that name.

        Two plans with one computation digest give the same values for the same snapshot: they have the same nodes with
        the same code, policy values and rules. A session plan has no rules, and only the parameters that it reads.
        """
        content = _manifest(self)
        del content["policy_digest"]
        return digest("computation", encode(content))

    @cached_property
    def params(self) -> Mapping[str, Any]:
        """The policy's parameters that the plan reads, by name."""
        return {node.name: node.value for node in self.nodes if node.kind is NodeKind.PARAMETER}

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names of the snapshot's fields that the plan reads, in plan order."""
        return tuple(node.name for node in self.nodes if node.kind is NodeKind.INPUT)

    def node(self, name: str) -> PlanNode:
        """The node of that name. Raises KeyError when the plan has none."""
        return next(node for node in self.nodes if node.name == name)


def _manifest(plan: Plan) -> dict[str, Any]:
    """What a trace needs to be read and replayed: every node with its unit, arguments and digests."""
    return {
        "scheme": PLAN_SCHEME,
        "dataflow": plan.dataflow.name,
        "kind": plan.dataflow.kind.value,
        "policy_digest": plan.policy_digest,
        "lot_shares": plan.lot_shares,
        "nodes": tuple(_node_manifest(node) for node in plan.nodes),
        "rules": tuple(_rule_manifest(rule) for rule in plan.rules),
        "contracts": {node.name: node.contract.content for node in plan.nodes if node.contract is not None},
    }


def _node_manifest(node: PlanNode) -> dict[str, Any]:
    return {
        "name": node.name,
        "kind": node.kind.value,
        "unit": node.unit.name,
        "base": node.unit.base.__name__,
        "arguments": node.arguments,
        "accepts_absent": node.accepts_absent,
        "value": node.value,
        "is_sized": node.is_sized,
        "module": node.module,
        "stage": node.stage,
        "code_digest": node.code_digest,
        "summary": node.doc.summary,
        "formula": node.doc.formula,
        "missing": node.doc.missing,
        "source": node.doc.source,
    }


def _rule_manifest(rule: PlanRule) -> dict[str, Any]:
    return {
        "rule_id": rule.rule_id,
        "node": rule.node,
        "effect": rule.effect,
        "cap": rule.cap,
        "on_unknown_warns": rule.on_unknown_warns,
        "skips_reducing": rule.skips_reducing,
        "because": rule.because,
        "plain": rule.plain,
        "operands": rule.operands,
    }
