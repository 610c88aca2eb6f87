"""The catalog and the dataflows in JSON."""

from __future__ import annotations

import msgspec

from api.use_cases.dataflow_catalog import CompiledDataflow, Usage
from api.views.shown import shown
from dataflows.engine.catalog import CatalogNode
from dataflows.engine.docstrings import NodeDoc
from dataflows.engine.plan import CONSTANT_KINDS, NodeKind, Plan, PlanNode, PlanRule
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.units import Unit
from policies.contracts import Contract

_NO_STAGE = {
    NodeKind.INPUT: "snapshot",
    NodeKind.PARAMETER: "policy",
    NodeKind.LIMIT: "policy",
    NodeKind.GATHER: "signals",
    NodeKind.SIZE: "size",
}


class ContractSourceView(msgspec.Struct, frozen=True):
    """What a feature expects of a source.

    Attributes:
        domain: whose facts.
        lag_s: time that passes at least between an event and its knowledge.
        max_staleness_s: how old the newest knowledge may be; null for events that may not happen for years.
    """

    domain: str
    lag_s: int
    max_staleness_s: int | None


class ContractView(msgspec.Struct, frozen=True):
    """What a feature rests on and may be.

    Attributes:
        owner: who answers for it.
        unit: unit of its values.
        dtype: type of its values.
        low: least value; null without one.
        high: most value; null without one.
        missing: unknown, where a gap denies; never, where a gap is a fault of the source.
        window: how many rows of its arguments one value reads.
        sources: the domains that it reads.
    """

    owner: str
    unit: str
    dtype: str
    low: float | None
    high: float | None
    missing: str
    window: str
    sources: tuple[ContractSourceView, ...]


class CatalogArgument(msgspec.Struct, frozen=True):
    """What a node reads.

    Attributes:
        name: the node, field or parameter.
        unit: its unit.
        may_be_absent: whether the node handles its absence itself; else it is absent when this is.
    """

    name: str
    unit: str
    may_be_absent: bool


class RuleUseView(msgspec.Struct, frozen=True):
    """A rule that names a node: the dataflow and the rule's id."""

    dataflow: str
    rule_id: str


class CatalogLine(msgspec.Struct, frozen=True):
    """One node in short.

    Attributes:
        name: its name.
        unit: what it returns.
        stage: the stage of its module.
        summary: what it is, in words.
        has_contract: whether a contract bounds it.
        dataflows: those whose plan computes it.
        links: the node in full.
    """

    name: str
    unit: str
    stage: str
    summary: str
    has_contract: bool
    dataflows: tuple[str, ...]
    links: dict[str, str]


class CatalogPage(msgspec.Struct, frozen=True):
    """Every node, by stage and name.

    Attributes:
        stages: the stages that have nodes, in the order of a day.
        nodes: the nodes.
    """

    stages: tuple[str, ...]
    nodes: tuple[CatalogLine, ...]


class CatalogEntry(msgspec.Struct, frozen=True):
    """One node in full.

    Attributes:
        name: its name.
        unit: what it returns.
        unit_note: the unit in words, as its docstring says it.
        stage: the stage of its module.
        module: dotted name of its module.
        summary: what it is, in words.
        formula: how it is computed.
        missing: what absent input yields.
        source: the paper, rule or page that it follows.
        arguments: what it reads, in order.
        contract: what it rests on and may be; null where its stage has none.
        read_by: nodes that read it.
        dataflows: those whose plan computes it.
        rules: rules that name it.
    """

    name: str
    unit: str
    unit_note: str
    stage: str
    module: str
    summary: str
    formula: str
    missing: str
    source: str
    arguments: tuple[CatalogArgument, ...]
    contract: ContractView | None
    read_by: tuple[str, ...]
    dataflows: tuple[str, ...]
    rules: tuple[RuleUseView, ...]


class DataflowLine(msgspec.Struct, frozen=True):
    """A dataflow in short.

    Attributes:
        name: its name.
        kind: session, order or gate.
        policy: family and version of the policy that it is compiled with.
        policy_digest: that policy's identity.
        plan_digest: digest of all that it would compute.
        n_nodes: nodes that it computes.
        n_rules: rules that judge.
        links: its picture.
    """

    name: str
    kind: str
    policy: str
    policy_digest: str
    plan_digest: str
    n_nodes: int
    n_rules: int
    links: dict[str, str]


class DataflowsPage(msgspec.Struct, frozen=True):
    """Every dataflow under the policy that governs it now."""

    dataflows: tuple[DataflowLine, ...]


class DataflowNode(msgspec.Struct, frozen=True):
    """A node of a dataflow's picture.

    Attributes:
        name: its name, unique in the dataflow.
        kind: input, parameter, limit, node, gather, rule or size.
        stage: the stage of its module; snapshot, policy, rules or size for what has no module.
        unit: its unit.
        summary: what it is, in words.
        formula: how it is computed; a rule's text.
        value: what the policy says, for a parameter or a limit; "" for any other.
        code_digest: digest of its code, or of a rule's text; "" for inputs and policy values.
        is_output: whether the dataflow is run for it.
    """

    name: str
    kind: str
    stage: str
    unit: str
    summary: str
    formula: str
    value: str
    code_digest: str
    is_output: bool


class DataflowEdge(msgspec.Struct, frozen=True):
    """That one node reads another.

    Attributes:
        source: the node that is read.
        target: the node that reads it.
    """

    source: str
    target: str


class DataflowRule(msgspec.Struct, frozen=True):
    """A rule of a dataflow.

    Attributes:
        rule_id: its id.
        node: the node that holds its outcome.
        effect: what follows when it does not hold.
        text: what must hold.
        because: why.
        cap: the node that gives the size it leaves; null where it gives none.
    """

    rule_id: str
    node: str
    effect: str
    text: str
    because: str
    cap: str | None


class DataflowPicture(msgspec.Struct, frozen=True):
    """How a dataflow joins its nodes.

    Attributes:
        name: its name.
        kind: session, order or gate.
        policy: family and version of the policy that it is compiled with.
        policy_digest: that policy's identity.
        plan_digest: digest of all that it would compute.
        stages: in the order in which they first appear.
        nodes: each after all that it reads.
        edges: which node reads which.
        rules: what judges.
    """

    name: str
    kind: str
    policy: str
    policy_digest: str
    plan_digest: str
    stages: tuple[str, ...]
    nodes: tuple[DataflowNode, ...]
    edges: tuple[DataflowEdge, ...]
    rules: tuple[DataflowRule, ...]


def catalog_line(node: CatalogNode, usage: Usage) -> CatalogLine:
    """A node of the catalog in short, for clients."""
    return CatalogLine(
        name=node.name,
        unit=node.unit.name,
        stage=node.stage,
        summary=node.doc.summary,
        has_contract=node.contract is not None,
        dataflows=usage.dataflows,
        links={"node": f"/internal/catalog/{node.name}"},
    )


def catalog_entry(node: CatalogNode, usage: Usage) -> CatalogEntry:
    """A node of the catalog in full, for clients."""
    doc: NodeDoc = node.doc
    return CatalogEntry(
        name=node.name,
        unit=node.unit.name,
        unit_note=doc.unit,
        stage=node.stage,
        module=node.module,
        summary=doc.summary,
        formula=doc.formula,
        missing=doc.missing,
        source=doc.source,
        arguments=tuple(_argument(name, unit) for name, unit in node.arguments.items()),
        contract=None if node.contract is None else _contract(node.contract),
        read_by=usage.read_by,
        dataflows=usage.dataflows,
        rules=tuple(RuleUseView(dataflow, rule_id) for dataflow, rule_id in usage.rules),
    )


def _argument(name: str, unit: Unit) -> CatalogArgument:
    return CatalogArgument(name, unit.name, unit.is_optional)


def _contract(contract: Contract) -> ContractView:
    return ContractView(
        owner=contract.owner,
        unit=contract.unit,
        dtype=contract.dtype,
        low=contract.low,
        high=contract.high,
        missing=contract.missing,
        window=contract.window,
        sources=tuple(ContractSourceView(each.domain, each.lag_s, each.max_staleness_s) for each in contract.sources),
    )


def dataflow_line(found: CompiledDataflow) -> DataflowLine:
    """A dataflow in short, for clients."""
    plan = found.plan
    return DataflowLine(
        name=plan.name,
        kind=plan.kind.value,
        policy=found.policy,
        policy_digest=digest_text(plan.policy_digest),
        plan_digest=digest_text(plan.digest),
        n_nodes=sum(node.kind not in CONSTANT_KINDS for node in plan.nodes),
        n_rules=len(plan.rules),
        links={"picture": f"/internal/dataflows/{plan.name}"},
    )


def dataflow_picture(found: CompiledDataflow) -> DataflowPicture:
    """A dataflow with its nodes and edges, for clients."""
    plan, texts = found.plan, {node.name: node.doc.formula for node in found.plan.nodes}
    known = frozenset(texts)
    return DataflowPicture(
        name=plan.name,
        kind=plan.kind.value,
        policy=found.policy,
        policy_digest=digest_text(plan.policy_digest),
        plan_digest=digest_text(plan.digest),
        stages=tuple(dict.fromkeys(node_stage(node) for node in plan.nodes)),
        nodes=tuple(_node(node, plan) for node in plan.nodes),
        edges=tuple(DataflowEdge(read, node.name) for node in plan.nodes for read in node.arguments if read in known),
        rules=tuple(_rule(rule, texts[rule.node]) for rule in plan.rules),
    )


def node_stage(node: PlanNode) -> str:
    """The stage of a plan's node; of rules and of what has no module, what it is."""
    if node.kind is NodeKind.RULE:
        return "rules"
    return node.stage or _NO_STAGE.get(node.kind, "size")


def _node(node: PlanNode, plan: Plan) -> DataflowNode:
    is_constant = node.kind in CONSTANT_KINDS
    return DataflowNode(
        name=node.name,
        kind=node.kind.value,
        stage=node_stage(node),
        unit=node.unit.name,
        summary=node.doc.summary,
        formula=node.doc.formula,
        value=shown(node.value, node.unit.name).text if is_constant else "",
        code_digest=digest_text(node.code_digest) if node.code_digest else "",
        is_output=node.name in plan.dataflow.outputs,
    )


def _rule(rule: PlanRule, text: str) -> DataflowRule:
    return DataflowRule(rule.rule_id, rule.node, rule.effect.label, text, rule.because, rule.cap)
