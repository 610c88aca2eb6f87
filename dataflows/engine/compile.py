"""Compiles a policy and a strategy into a generation of two plans, or names every fault.

The steps, and the function that takes each:
 1. the catalog of installed node modules                         catalog.catalog
 2. snapshot fields, policy values and gathered features as nodes  graph.snapshot_nodes, value_nodes, signal_nodes
 3. rules as nodes: parsed, typed, compiled to Python              _rule_nodes
 4. what the outputs, rules, caps and texts need                   graph.needed
 5. units along every edge, no label in a decision                 graph.edge_faults, _label_complaints
 6. an order without cycles                                        graph.ordered
 7. what the policy declares and nothing reads                     _unused
 8. the frozen plan with its manifest and sources                  plan.Plan
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError

from dataflows.engine.catalog import (
    STRATEGY_GROUP,
    CatalogNode,
    NodeModule,
    catalog,
    installed_entries,
    installed_modules,
)
from dataflows.engine.dataflow import Dataflow, Kind, Strategy
from dataflows.engine.docstrings import NodeDoc
from dataflows.engine.graph import (
    FIRST_PARTY,
    Complaints,
    cycle_complaint,
    edge_faults,
    finished,
    function_nodes,
    near,
    needed,
    ordered,
    signal_nodes,
    snapshot_nodes,
    value_nodes,
    value_path,
)
from dataflows.engine.order_laws import cap_faults, lot_faults, reducing_faults
from dataflows.engine.plan import LOT, ORDER_SIZE, REDUCES_RISK, NodeKind, Plan, PlanNode, PlanRule
from dataflows.engine.rules import Complain, rule_function, rule_names, typed_rule
from dataflows.engine.sources import module_sources
from nodes.vocabulary.canonical import digest
from nodes.vocabulary.errors import Fault, PlanError, PolicyError
from nodes.vocabulary.units import Flag, Unit, unit_of
from policies.grammar import printed, rule_tree
from policies.parse import ParsedPolicy, policy_digest
from policies.schema import AppliesTo, Policy, Rule
from policies.texts import format_fits, parsed_text


@dataclass(frozen=True)
class Generation:
    """A policy and the plans compiled from it: what a run is pinned to.

    Attributes:
        policy: the parsed policy.
        policy_digest: its identity.
        session: the plan of session runs.
        order: the plan of order runs.
    """

    policy: Policy
    policy_digest: bytes
    session: Plan
    order: Plan


def installed_strategy(name: str) -> Strategy:
    """The strategy that an installed entry point provides. Raises PlanError when none does."""
    entries = installed_entries(STRATEGY_GROUP)
    if name not in entries:
        known = ", ".join(sorted(entries)) or "none"
        raise PlanError(
            f"strategy {name!r} is not installed, only {known}; {near(name, entries, 'install its package')}"
        )
    try:
        strategy = entries[name].load()
    except Exception as error:
        message = f"strategy {name} = {entries[name].value} does not load: {error!r}; mend or uninstall it"
        raise PlanError(message) from error
    if not isinstance(strategy, Strategy):
        raise PlanError(f"entry point {name} = {entries[name].value} is {strategy!r}, expected a Strategy; correct it")
    return strategy


def compiled_strategy(
    parsed: ParsedPolicy, strategy: Strategy, modules: Iterable[NodeModule] | None = None
) -> Generation:
    """The generation of a policy. Raises PolicyError or PlanError with every fault found.

    Args:
        parsed: the policy and the marks of its values in its text.
        strategy: the dataflows that it governs.
        modules: node modules to use in place of the installed ones of the dataflows' stages.
    """
    complaints = Complaints()
    if parsed.policy.strategy != strategy.name:
        complain = complaints.of_policy("strategy")
        complain(f"the policy is for {parsed.policy.strategy}, compiled is {strategy.name}", "name that strategy")
    found = _catalogs((strategy.session, strategy.order), modules)
    session = _Draft(parsed.policy, strategy.session, found[0], complaints)
    order = _Draft(parsed.policy, strategy.order, found[1], complaints)
    _unused(parsed.policy, session.reach | order.reach, complaints)
    _raise(parsed, complaints)
    return Generation(parsed.policy, policy_digest(parsed.policy), session.plan(), order.plan())


def _modules(dataflow: Dataflow, modules: Iterable[NodeModule] | None) -> tuple[NodeModule, ...]:
    if modules is None:
        return installed_modules(dataflow.stages)
    return tuple(entry for entry in modules if entry.stage in dataflow.stages)


def _catalogs(dataflows: Iterable[Dataflow], modules: Iterable[NodeModule] | None) -> list[Mapping[str, CatalogNode]]:
    """The catalog of each dataflow. Raises PlanError with the complaints about all of them."""
    given = None if modules is None else tuple(modules)
    found: list[Mapping[str, CatalogNode]] = []
    complaints: list[str] = []
    for dataflow in dataflows:
        try:
            found.append(catalog(_modules(dataflow, given)))
        except PlanError as error:
            complaints.extend(error.complaints)
    if complaints:
        raise PlanError(*dict.fromkeys(complaints))
    return found


def _raise(parsed: ParsedPolicy, complaints: Complaints) -> None:
    """Raises what was found: policy faults at their lines, else complaints about code."""
    faults = []
    for path, offset, what, mend in dict.fromkeys(complaints.policy):
        line, column = parsed.mark(path, offset)
        faults.append(Fault(parsed.file, line, column, what, mend))
    code = tuple(dict.fromkeys(complaints.code))
    if faults:
        raise PolicyError([*faults, *(Fault(parsed.file, 0, 0, *_split(complaint)) for complaint in code)])
    if code:
        raise PlanError(*code)


def _split(complaint: str) -> tuple[str, str]:
    what, _, mend = complaint.rpartition("; ")
    return what, mend


class _Draft:
    """One dataflow on its way to a plan."""

    def __init__(
        self, policy: Policy, dataflow: Dataflow, functions: Mapping[str, CatalogNode], complaints: Complaints
    ) -> None:
        self.policy = policy
        self.dataflow = dataflow
        self.complaints = complaints
        self.units: dict[str, Mapping[str, Unit]] = {name: node.arguments for name, node in functions.items()}
        self.nodes = self._offered(functions)
        self.rules = self._rule_nodes() if dataflow.kind is Kind.ORDER else ()
        self.reach = needed(self._wanted(), self.nodes, complaints, f"dataflow {dataflow.name}")
        edge_faults(self.reach, self.nodes, self.units, complaints)
        self._label_complaints()
        self.order = self._ordered()
        if dataflow.kind is Kind.ORDER:
            lot_faults(policy, self.nodes, complaints)
            reducing_faults(self.rules, self.nodes, complaints)
            cap_faults(policy, self.rules, self.nodes, self.order, complaints)

    def _offered(self, functions: Mapping[str, CatalogNode]) -> dict[str, PlanNode]:
        consumers = {name: unit for node in functions.values() for name, unit in node.arguments.items()}
        offered = snapshot_nodes(self.dataflow, self.complaints)
        for name, node in function_nodes(functions.values()).items():
            if name in offered:
                self.complaints.code.append(f"{node.module}.{name} has the name of a snapshot field; rename one")
            offered[name] = node
        for name, node in value_nodes(self.policy, consumers, self.complaints).items():
            if name in offered:
                self.complaints.of_policy(*value_path(self.policy, name))(
                    f"{name} is the name of a node", "give the value another name"
                )
            offered[name] = node
        if self.dataflow.kind is Kind.SESSION:
            offered |= signal_nodes(self.policy, offered, self.complaints)
        return offered

    def _rule_nodes(self) -> tuple[PlanRule, ...]:
        rules = []
        units = {name: node.unit for name, node in self.nodes.items()}
        for position, rule in enumerate(self.policy.rules):
            name = rule.node_name
            if name in self.nodes:
                self.complaints.of_policy("rules", position, "id")(
                    f"{name} is already a node", "give the rule another id"
                )
            self.nodes[name] = self._rule_node(position, rule, name, units)
            rules.append(self._plan_rule(position, rule, name))
        return tuple(sorted(rules, key=lambda rule: rule.rule_id))

    def _rule_node(self, position: int, rule: Rule, name: str, units: Mapping[str, Unit]) -> PlanNode:
        complain = self.complaints.of_policy("rules", position, "require")
        before = len(self.complaints.policy)
        parsed = rule_tree(rule.require)
        tree, text = typed_rule(parsed, units, complain), printed(parsed)
        arguments = rule_names(tree)
        constants = (NodeKind.LIMIT, NodeKind.PARAMETER)
        if all(item in units and self.nodes[item].kind in constants for item in arguments):
            complain(f"rule {rule.id} reads no node, so its outcome never changes", "compare a node with the limit")
        sound = len(self.complaints.policy) == before
        return PlanNode(
            name=name,
            kind=NodeKind.RULE,
            unit=unit_of(Flag),
            arguments=tuple(item for item in arguments if item in units),
            accepts_absent=(True,) * len(arguments),
            function=rule_function(tree, units) if sound else None,
            stage="guardrails",
            doc=NodeDoc(summary=rule.plain, formula=text, source=rule.source),
            code_digest=digest("rule", text.encode()),
        )

    def _plan_rule(self, position: int, rule: Rule, name: str) -> PlanRule:
        read = set(self.nodes[name].arguments)
        for field in ("because", "plain"):
            complain = self.complaints.of_policy("rules", position, field)
            read |= self._text_names(getattr(rule, field), complain)
        return PlanRule(
            rule_id=rule.id,
            node=name,
            effect=rule.then.verdict,
            cap=rule.then.cap,
            on_unknown_warns=rule.on_unknown_warns,
            skips_reducing=rule.applies_to is AppliesTo.INCREASING,
            because=rule.because,
            plain=rule.plain,
            operands=tuple(sorted(read)),
        )

    def _text_names(self, text: str, complain: Complain) -> set[str]:
        """Names that a text shows; unknown ones and formats that do not fit are faults."""
        names = set()
        for slot in parsed_text(text).slots:
            node = self.nodes.get(slot.name)
            if node is None:
                mend = near(slot.name, self.nodes, "name a node or a limit")
                complain(f"text shows {slot.name}, which nothing provides", mend, slot.offset)
            elif not format_fits(slot.format, node.unit.base):
                complain(
                    f"format {slot.format!r} does not fit {slot.name} ({node.unit.name})", "change it", slot.offset
                )
            else:
                names.add(slot.name)
        return names

    def _wanted(self) -> list[str]:
        wanted = list(self.dataflow.outputs)
        for rule in self.rules:
            wanted += [rule.node, *rule.operands, *([rule.cap] if rule.cap in self.nodes else [])]
        if any(rule.skips_reducing for rule in self.rules):
            wanted.append(REDUCES_RISK)
        if self.dataflow.kind is Kind.ORDER:
            wanted += [ORDER_SIZE, LOT]
        return wanted

    def _label_complaints(self) -> None:
        for name in sorted(self.reach):
            if self.nodes[name].stage == "labels":
                self.complaints.code.append(
                    f"{self.nodes[name].module}.{name} is a label, known only later, yet dataflow {self.dataflow.name} "
                    "reads it; take it out of the decision"
                )

    def _ordered(self) -> list[str]:
        try:
            return ordered(self.reach, self.nodes)
        except CycleError as error:
            self.complaints.code.append(cycle_complaint(error))
            return []

    def plan(self) -> Plan:
        """The frozen plan, once nothing was found wrong."""
        nodes = finished(
            self.order, self.nodes, FIRST_PARTY | {node.module.partition(".")[0] for node in self.nodes.values()}
        )
        return Plan(
            dataflow=self.dataflow,
            policy_digest=policy_digest(self.policy),
            nodes=nodes,
            rules=self.rules,
            lot_shares=self.nodes[LOT].value if self.dataflow.kind is Kind.ORDER else 1,
            sources=module_sources(node.module for node in nodes if node.module),
        )


def _unused(policy: Policy, reach: set[str], complaints: Complaints) -> None:
    for name in policy.params:
        if name not in reach:
            complaints.of_policy("params", name)(
                f"parameter {name} is read by nothing", "remove it or correct its name"
            )
    for position, rule in enumerate(policy.rules):
        for name in rule.limits:
            if name not in reach:
                complain = complaints.of_policy("rules", position, "limits", name)
                complain(f"limit {name} is read by nothing", "remove it or correct its name")
