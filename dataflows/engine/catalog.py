"""Every node that installed packages offer: its name, units, arguments, documentation, module and code.

Node modules are found only through installed entry points of the group "assay.nodes", named
`<stage>.<family>`; a policy never brings code of its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module, metadata
from types import ModuleType
from typing import Any

from dataflows.engine.contracts import CONTRACTED_STAGE, module_sheet, sheet_complaints
from dataflows.engine.docstrings import NodeDoc, node_doc
from dataflows.engine.hamilton_graph import ResolvedNode, resolved_nodes
from dataflows.engine.reductions import banned_reductions
from nodes.vocabulary.errors import PlanError
from nodes.vocabulary.units import Unit, unit_of
from policies.contracts import Contract, ContractSheet

NODE_GROUP = "assay.nodes"
STRATEGY_GROUP = "assay.strategies"
STAGES = (
    "market",
    "features",
    "labels",
    "models",
    "signals",
    "portfolio",
    "stops",
    "picks",
    "guardrails",
    "routing",
    "execution",
    "journal",
)


@dataclass(frozen=True)
class CatalogNode:
    """One node function of the catalog.

    Attributes:
        name: the node's name.
        unit: what it returns.
        arguments: unit of each argument, in the order in which `function` takes them.
        function: takes the arguments by position.
        origins: the functions that a person wrote.
        stage: the stage of its module.
        module: dotted name of its module.
        doc: the fields of its docstring.
        tags: what `@tag` said.
        sheet: the contracts of its module; None where its stage has none.
    """

    name: str
    unit: Unit
    arguments: Mapping[str, Unit]
    function: Callable[..., Any]
    origins: tuple[Callable[..., Any], ...]
    stage: str
    module: str
    doc: NodeDoc = field(default_factory=NodeDoc)
    tags: Mapping[str, Any] = field(default_factory=dict)
    sheet: ContractSheet | None = None

    @property
    def contract(self) -> Contract | None:
        """The contract of a feature that has one."""
        return None if self.sheet is None else self.sheet.contracts.get(self.name)


@dataclass(frozen=True)
class NodeModule:
    """A module of node functions.

    Attributes:
        stage: the stage it is registered for.
        module: the module.
        sheet: the contracts of its features; None where none are asked for.
    """

    stage: str
    module: ModuleType
    sheet: ContractSheet | None = None


def installed_entries(group: str) -> dict[str, metadata.EntryPoint]:
    """The installed entry points of a group, by name. Raises PlanError when two packages claim one name."""
    entries: dict[str, metadata.EntryPoint] = {}
    complaints = []
    for entry in metadata.entry_points(group=group):
        other = entries.setdefault(entry.name, entry)
        if other.value != entry.value:
            complaints.append(
                f"entry point {entry.name} of {group} is {other.value} and {entry.value}; rename or uninstall one"
            )
    if complaints:
        raise PlanError(*complaints)
    return entries


def installed_modules(stages: Iterable[str]) -> tuple[NodeModule, ...]:
    """The installed node modules of some stages, by entry point name. Raises PlanError when one does not load."""
    wanted, found = frozenset(stages), []
    complaints: list[str] = []
    entries = installed_entries(NODE_GROUP)
    for name in sorted(entries):
        stage = name.partition(".")[0]
        if stage not in wanted:
            continue
        try:
            module = import_module(entries[name].module)
            sheet = module_sheet(module.__name__) if stage == CONTRACTED_STAGE else None
            found.append(NodeModule(stage, module, sheet))
        except PlanError as error:
            complaints.extend(error.complaints)
        except Exception as error:  # noqa: BLE001  # foreign modules may raise anything at import
            complaints.append(
                f"node module {name} = {entries[name].value} does not load: {error!r}; mend or uninstall it"
            )
    if complaints:
        raise PlanError(*complaints)
    return tuple(found)


def catalog(modules: Iterable[NodeModule]) -> dict[str, CatalogNode]:
    """The nodes of some modules, by name. Raises PlanError with every complaint about any of them."""
    nodes: dict[str, CatalogNode] = {}
    complaints: list[str] = []
    for entry in modules:
        resolved, unresolved = resolved_nodes(entry.module)
        complaints.extend(unresolved)
        if entry.sheet is not None:
            complaints.extend(sheet_complaints(entry.sheet, (node.name for node in resolved)))
        for node in resolved:
            complaints.extend(_complaints(node))
            if node.name in nodes:
                complaints.append(
                    f"node {node.name} is defined in {nodes[node.name].module} and in {node.module}; rename one"
                )
            try:
                nodes[node.name] = _catalog_node(node, entry)
            except PlanError as error:
                complaints.extend(f"{node.module}.{node.name}: {complaint}" for complaint in error.complaints)
    if complaints:
        raise PlanError(*dict.fromkeys(complaints))
    return dict(sorted(nodes.items()))


def _catalog_node(node: ResolvedNode, entry: NodeModule) -> CatalogNode:
    return CatalogNode(
        name=node.name,
        unit=unit_of(node.returned),
        arguments={name: unit_of(annotation) for name, annotation in node.arguments.items()},
        function=node.function,
        origins=node.origins,
        stage=entry.stage,
        module=node.module,
        doc=node_doc(node.docstring),
        tags=node.tags,
        sheet=entry.sheet,
    )


def _complaints(node: ResolvedNode) -> list[str]:
    place = f"{node.module}.{node.name}"
    complaints = [
        f"{place} gives argument {name} a default value; a number with market meaning belongs in the policy, so "
        "drop the default"
        for name in node.defaults
    ]
    if node.returned is Any or node.returned is inspect.Signature.empty:
        complaints.append(
            f"{place} returns {node.returned}, which has no unit; annotate it with one of nodes.vocabulary"
        )
    for origin in node.origins:
        complaints.extend(_form_complaints(place, origin))
        complaints.extend(banned_reductions(origin))
    return complaints


def _form_complaints(place: str, origin: Callable[..., Any]) -> list[str]:
    """Complaints about a function that cannot be called with its nodes by name and answer with a value."""
    complaints = [
        f"{place} takes {parameter}, which names no node; name each argument"
        for parameter in inspect.signature(origin).parameters.values()
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    if inspect.iscoroutinefunction(origin) or inspect.isgeneratorfunction(origin) or inspect.isasyncgenfunction(origin):
        complaints.append(f"{place} is asynchronous or a generator, so its result is no value; write a plain function")
    return complaints
