"""Joins a catalog, a snapshot and a policy into an ordered graph, naming every fault it finds.

Faults of the policy are placed at its lines; complaints about code name the module and the function.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any, get_type_hints

from dataflows.engine.catalog import CatalogNode
from dataflows.engine.code_digest import code_digest
from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.docstrings import NodeDoc
from dataflows.engine.plan import CONSTANT_KINDS, ORDER_SIZE, PROPOSED_SIZE, NodeKind, PlanNode
from dataflows.engine.rules import Complain
from nodes.vocabulary.errors import PlanError
from nodes.vocabulary.units import Features, Shares, Unit, Weights, annotation_of_name, unit_of
from policies.remains import Gaps
from policies.schema import Policy
from policies.slips import nearest

SIGNAL_FEATURES = "signal_features"
SIGNAL_WEIGHTS = "signal_weights"
MODEL_FEATURES = "model_features"
MODEL_FEATURE_NAMES = "model_feature_names"
MODEL_FAMILY = "model_family"
FIRST_PARTY = frozenset({"nodes"})
UNSURE = Unit("not known", object)
"""The unit of a value that could not be read and whose name does not say one."""


@dataclass
class Complaints:
    """Everything found wrong so far: with the policy (by the path of the offending value) and with code.

    Attributes:
        policy: path in the policy document, offset in the text there, what is wrong, the mend.
        code: whole sentences about modules, dataflows and nodes.
    """

    policy: list[tuple[tuple[str | int, ...], int, str, str]] = field(default_factory=list)
    code: list[str] = field(default_factory=list)

    def of_policy(self, *path: str | int) -> Complain:
        """A function that takes what is wrong, the mend and an offset, for one place of the policy."""

        def complain(what: str, mend: str, offset: int = 0) -> None:
            self.policy.append((path, offset, what, mend))

        return complain


def snapshot_nodes(dataflow: Dataflow, complaints: Complaints) -> dict[str, PlanNode]:
    """The inputs of a dataflow: one for each field of its snapshot, and the size that the engine supplies."""
    place = f"{dataflow.snapshot.__module__}.{dataflow.snapshot.__qualname__}"
    nodes = {}
    for name, hint in _hints(dataflow.snapshot, place, complaints).items():
        try:
            nodes[name] = PlanNode(name, NodeKind.INPUT, unit_of(hint))
        except PlanError as error:
            complaints.code.extend(f"{place}.{name}: {complaint}" for complaint in error.complaints)
    if dataflow.kind is Kind.ORDER:
        if ORDER_SIZE in nodes:
            complaints.code.append(f"{place} has a field {ORDER_SIZE}, which the engine supplies; rename the field")
        if nodes.get(PROPOSED_SIZE) != PlanNode(PROPOSED_SIZE, NodeKind.INPUT, unit_of(Shares)):
            complaints.code.append(f"{place} has no field {PROPOSED_SIZE} of unit Shares; add it")
        doc = NodeDoc(summary="Size of the order: as proposed in pass 1, final in pass 2.", unit="shares, signed")
        nodes[ORDER_SIZE] = PlanNode(ORDER_SIZE, NodeKind.SIZE, unit_of(Shares), is_sized=True, doc=doc)
    return nodes


def _hints(snapshot: type, place: str, complaints: Complaints) -> dict[str, Any]:
    try:
        return get_type_hints(snapshot)
    except NameError as error:
        complaints.code.append(f"{place} has an annotation that does not resolve: {error}; import the unit at run time")
        return {}


def function_nodes(nodes: Iterable[CatalogNode]) -> dict[str, PlanNode]:
    """The catalog's nodes as nodes of a plan, not yet joined."""
    return {
        node.name: PlanNode(
            name=node.name,
            kind=NodeKind.FUNCTION,
            unit=node.unit,
            arguments=tuple(node.arguments),
            accepts_absent=tuple(unit.is_optional for unit in node.arguments.values()),
            function=node.function,
            module=node.module,
            stage=node.stage,
            doc=node.doc,
            origins=node.origins,
            contract=node.contract,
        )
        for node in nodes
    }


def value_nodes(policy: Policy, consumers: Mapping[str, Unit], complaints: Complaints) -> dict[str, PlanNode]:
    """The policy's parameters and limits. A value's unit comes from its name, else from the node that reads it."""
    nodes: dict[str, PlanNode] = {}
    for name, value in policy.params.items():
        complain = complaints.of_policy("params", name)
        nodes[name] = _value_node(name, value, NodeKind.PARAMETER, consumers, complain)
    for position, rule in enumerate(policy.rules):
        for name, value in rule.limits.items():
            complain = complaints.of_policy("rules", position, "limits", name)
            nodes[name] = _value_node(name, value, NodeKind.LIMIT, consumers, complain)
    return nodes


def gap_nodes(gaps: Gaps, consumers: Mapping[str, Unit]) -> dict[str, PlanNode]:
    """Values that the policy gives and that could not be read: there, so that nobody misses them."""
    return {
        name: PlanNode(name, NodeKind.PARAMETER, _unit_of_value(name, consumers) or UNSURE)
        for name in sorted(gaps.names)
    }


def _unit_of_value(name: str, consumers: Mapping[str, Unit]) -> Unit | None:
    """The unit of a parameter or limit: from its name, else from the node that reads it."""
    annotation = annotation_of_name(name)
    unit = unit_of(annotation) if annotation is not None else consumers.get(name)
    return None if unit is None else replace(unit, is_optional=False)


def _value_node(
    name: str,
    value: Any,  # noqa: ANN401  # any value of a policy
    kind: NodeKind,
    consumers: Mapping[str, Unit],
    complain: Complain,
) -> PlanNode:
    unit = _unit_of_value(name, consumers) or Unit(type(value).__name__, type(value))
    if type(value) is not unit.base:
        complain(f"{name} is {value!r}, expected {unit.base.__name__} ({unit.name})", f"write a {unit.base.__name__}")
    return PlanNode(name, kind, unit, value=value)


def signal_nodes(policy: Policy, nodes: Mapping[str, PlanNode], complaints: Complaints) -> dict[str, PlanNode]:
    """The gathered features of the policy's signal, and their weights."""
    names = tuple(sorted(name for name in policy.signal if name in nodes))
    for name in sorted(policy.signal):
        complain = complaints.of_policy("signal", name)
        node = nodes.get(name)
        if node is None:
            complain(f"unknown feature {name}", near(name, nodes, "name a column of the catalog"))
        elif not node.unit.name.endswith("Column"):
            complain(f"{name} is {node.unit.name}, not a column", "name a feature that returns a column")
    for name in (SIGNAL_FEATURES, SIGNAL_WEIGHTS):
        _refuse_name(name, policy, nodes, complaints, "signal:")
    return {
        SIGNAL_FEATURES: PlanNode(
            SIGNAL_FEATURES,
            NodeKind.GATHER,
            unit_of(Features),
            arguments=names,
            accepts_absent=(False,) * len(names),
            function=_gathered(names),
            doc=NodeDoc(summary="The features that the policy's signal names, by name."),
        ),
        SIGNAL_WEIGHTS: PlanNode(SIGNAL_WEIGHTS, NodeKind.PARAMETER, unit_of(Weights), value=dict(policy.signal)),
    }


def model_nodes(policy: Policy, nodes: Mapping[str, PlanNode], complaints: Complaints) -> dict[str, PlanNode]:
    """The gathered features that a policy hands to its model; none where it names none."""
    named = policy.params.get(MODEL_FEATURE_NAMES)
    if named is None:
        return {}
    complain = complaints.of_policy("params", MODEL_FEATURE_NAMES)
    if not isinstance(named, tuple) or not named or not all(isinstance(name, str) for name in named):
        complain(f"{MODEL_FEATURE_NAMES} was {named!r}", "write a list of features")
        return {}
    if MODEL_FAMILY not in policy.params:
        complain(f"{MODEL_FEATURE_NAMES} has no {MODEL_FAMILY} beside it", "name the family whose champion scores")
    for name in named:
        node = nodes.get(str(name))
        if node is None:
            complain(f"unknown feature {name}", near(str(name), nodes, "name a column of the catalog"))
        elif not node.unit.name.endswith("Column"):
            complain(f"{name} is {node.unit.name}, not a column", "name a feature that returns a column")
    _refuse_name(MODEL_FEATURES, policy, nodes, complaints, MODEL_FEATURE_NAMES)
    names = tuple(sorted({str(name) for name in named if name in nodes}))
    doc = NodeDoc(summary="The features that the policy hands to its model, by name.")
    gather = PlanNode(MODEL_FEATURES, NodeKind.GATHER, unit_of(Features), names, (False,) * len(names), doc=doc)
    return {MODEL_FEATURES: replace(gather, function=_gathered(names))}


def _refuse_name(name: str, policy: Policy, nodes: Mapping[str, PlanNode], complaints: Complaints, giver: str) -> None:
    """Complains when a name of the engine's own is a node, a field or a value already."""
    if name in nodes and nodes[name].kind in CONSTANT_KINDS:
        complain = complaints.of_policy(*value_path(policy, name))
        complain(f"{name} is the name of what {giver} provides", "give the value another name")
    elif name in nodes:
        complaints.code.append(f"{_place(nodes[name])} has the name of what {giver} provides; rename it")


def value_path(policy: Policy, name: str) -> tuple[str | int, ...]:
    """Where the policy gives a parameter or a limit its value."""
    for position, rule in enumerate(policy.rules):
        if name in rule.limits:
            return ("rules", position, "limits", name)
    return ("params", name)


def _gathered(names: tuple[str, ...]) -> Callable[..., Any]:
    return lambda *values: dict(zip(names, values, strict=True))


def near(name: str, known: Iterable[str], otherwise: str) -> str:
    """A mend for an unknown name: the nearest known one, or what to do when none is near."""
    close = nearest(name, known)
    return f"did you mean {close}?" if close else otherwise


def needed(outputs: Iterable[str], nodes: Mapping[str, PlanNode], complaints: Complaints, place: str) -> set[str]:
    """Names of the nodes that the outputs need, themselves included; unknown names and wrong units are faults."""
    found: set[str] = set()
    stack = [(name, place) for name in outputs]
    while stack:
        name, reader = stack.pop()
        if name in found:
            continue
        if name not in nodes:
            mend = near(name, nodes, "add the node, the snapshot field or the policy parameter")
            complaints.code.append(f"{reader} reads {name}, which nothing provides; {mend}")
            continue
        found.add(name)
        stack.extend((argument, _place(nodes[name])) for argument in nodes[name].arguments)
    return found


def _place(node: PlanNode) -> str:
    return f"{node.module}.{node.name}" if node.module else node.name


def edge_faults(
    names: Iterable[str], nodes: Mapping[str, PlanNode], units: Mapping[str, Mapping[str, Unit]], complaints: Complaints
) -> None:
    """Complains of every argument whose unit is not that of the node it names."""
    for name in sorted(names):
        for argument, unit in units.get(name, {}).items():
            source = nodes.get(argument)
            if source is None or (source.unit.name, source.unit.base) == (unit.name, unit.base):
                continue
            complaints.code.append(
                f"{_place(nodes[name])} takes {argument} as {unit.name}, but {_place(source)} is {source.unit.name}; "
                "convert in a node of its own or correct the annotation"
            )


def ordered(names: set[str], nodes: Mapping[str, PlanNode]) -> list[str]:
    """The names, each after all it reads, ties in alphabetical order. Raises CycleError with the path."""
    reads = {name: {argument for argument in nodes[name].arguments if argument in names} for name in sorted(names)}
    TopologicalSorter(reads).prepare()
    readers: dict[str, list[str]] = {name: [] for name in names}
    for name, sources in reads.items():
        for source in sources:
            readers[source].append(name)
    waiting = {name: len(sources) for name, sources in reads.items()}
    ready = [name for name, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        name = heapq.heappop(ready)
        order.append(name)
        for reader in readers[name]:
            waiting[reader] -= 1
            if waiting[reader] == 0:
                heapq.heappush(ready, reader)
    return order


def cycle_complaint(error: CycleError) -> str:
    """The path of a cycle, from a node back to itself."""
    path = list(reversed(error.args[1]))
    return f"nodes read each other in a cycle: {' -> '.join(path)}; break it at one of them"


def sized(order: Iterable[str], nodes: Mapping[str, PlanNode]) -> frozenset[str]:
    """The names, among some in order, of nodes that depend on the order's size."""
    found: set[str] = set()
    for name in order:
        if nodes[name].kind is NodeKind.SIZE or not found.isdisjoint(nodes[name].arguments):
            found.add(name)
    return frozenset(found)


def finished(order: list[str], nodes: Mapping[str, PlanNode], first_party: frozenset[str]) -> tuple[PlanNode, ...]:
    """The nodes in order, each knowing whether it depends on the order's size and the digest of its code."""
    depending = sized(order, nodes)
    return tuple(
        replace(
            nodes[name],
            is_sized=name in depending,
            code_digest=_code_digest(nodes[name].origins[0], first_party)
            if nodes[name].origins
            else nodes[name].code_digest,
        )
        for name in order
    )


# A function and what it reads stay what they are while the process lives: another policy has the same code under it.
_code_digest = lru_cache(maxsize=4096)(code_digest)
