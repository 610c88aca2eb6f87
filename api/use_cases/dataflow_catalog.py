"""Which nodes there are, which dataflows join them under which policies, and who uses what.

The trading dataflows are those of the generation that runs. The others are compiled with the policy that the log runs,
or else the shipped one: what is shown is what would run if somebody asked now. Compiling all of them takes some seconds
of processor time; what depends on shipped files only is compiled once a process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from api.use_cases.gate_policies import policy_in_force
from api.use_cases.gates import SHIPPED
from api.use_cases.policies import file_bytes
from api.use_cases.signal_join import signals_in_force
from dataflows.engine.catalog import STAGES, CatalogNode, catalog, installed_modules
from dataflows.engine.compile import Generation
from dataflows.engine.plan import NodeKind, Plan
from dataflows.features import PARAMETERS as FEATURES
from dataflows.features import compiled_features
from dataflows.labels import PARAMETERS as LABELS
from dataflows.labels import compiled_labels
from dataflows.venue_rules import compiled_venue_rules
from governance.ports import LogReader
from nodes.vocabulary.errors import EdgeError
from policies.parse import ParsedPolicy, parsed_policy
from policies.slips import suggestion

VENUE_RULES = Path(__file__).resolve().parents[2] / "policies" / "venue-rules" / "us-equities" / "v1.yaml"
"""The shipped rules of venues."""


@dataclass(frozen=True)
class CompiledDataflow:
    """A dataflow under the policy that governs it now.

    Attributes:
        plan: what it compiles to.
        policy: family and version of the policy.
    """

    plan: Plan
    policy: str


@dataclass(frozen=True)
class Usage:
    """Who uses a node.

    Attributes:
        read_by: nodes of the catalog that take it as an argument.
        dataflows: those whose plan computes it.
        rules: dataflow and rule id of each rule that names it.
    """

    read_by: tuple[str, ...] = ()
    dataflows: tuple[str, ...] = ()
    rules: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=1)
def installed_nodes() -> Mapping[str, CatalogNode]:
    """Every node that installed packages offer, by name; installed code never changes while a process lives."""
    return catalog(installed_modules(STAGES))


def dataflows_in_force(running: Generation, reader: LogReader | None) -> Mapping[str, CompiledDataflow]:
    """Every dataflow by name, in the order in which a day passes through them.

    Args:
        running: the generation that runs.
        reader: the log that says which policies of gates are active; the shipped ones without it.
    """
    name = f"{running.policy.family} v{running.policy.version}"
    features, labels, venue_rules = _shipped()
    signals, signals_name = signals_in_force()
    gates = (policy_in_force(reader, gate) for gate in SHIPPED)
    found = (
        CompiledDataflow(running.session, name),
        CompiledDataflow(running.order, name),
        venue_rules,
        CompiledDataflow(signals, signals_name),
        *(CompiledDataflow(gate.plan, gate.name) for gate in gates),
        features,
        labels,
    )
    return {each.plan.name: each for each in found}


@lru_cache(maxsize=1)
def _shipped() -> tuple[CompiledDataflow, CompiledDataflow, CompiledDataflow]:
    """Features, labels and venue rules under the policies that come with the code."""
    features, labels, venue_rules = (_parsed(file) for file in (FEATURES, LABELS, VENUE_RULES))
    return (
        CompiledDataflow(compiled_features(features), _said(features)),
        CompiledDataflow(compiled_labels(labels), _said(labels)),
        CompiledDataflow(compiled_venue_rules(venue_rules), _said(venue_rules)),
    )


def _parsed(file: Path) -> ParsedPolicy:
    return parsed_policy(file_bytes(file), file.name)


def _said(parsed: ParsedPolicy) -> str:
    return f"{parsed.policy.family} v{parsed.policy.version}"


def dataflow_named(found: Mapping[str, CompiledDataflow], name: str) -> CompiledDataflow:
    """The dataflow of that name. Raises EdgeError that suggests another."""
    if name not in found:
        raise EdgeError(f"no dataflow is named {name!r}; {suggestion(name, found)}", reason="not-found")
    return found[name]


def node_named(nodes: Mapping[str, CatalogNode], name: str) -> CatalogNode:
    """The node of that name. Raises EdgeError that suggests another."""
    if name not in nodes:
        raise EdgeError(f"no node is named {name!r}; {suggestion(name, nodes)}", reason="not-found")
    return nodes[name]


def usages(nodes: Mapping[str, CatalogNode], plans: Iterable[Plan]) -> Mapping[str, Usage]:
    """Who uses each node of a catalog, by its name."""
    read_by: dict[str, list[str]] = {name: [] for name in nodes}
    dataflows: dict[str, list[str]] = {name: [] for name in nodes}
    rules: dict[str, list[tuple[str, str]]] = {name: [] for name in nodes}
    for node in nodes.values():
        for argument in node.arguments:
            read_by.get(argument, []).append(node.name)
    for plan in plans:
        for planned in plan.nodes:
            if planned.kind is NodeKind.FUNCTION:
                dataflows.get(planned.name, []).append(plan.name)
        for rule in plan.rules:
            for operand in rule.operands:
                rules.get(operand, []).append((plan.name, rule.rule_id))
    return {name: Usage(tuple(read_by[name]), tuple(dataflows[name]), tuple(rules[name])) for name in nodes}
