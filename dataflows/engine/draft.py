"""One dataflow joined with a policy: its nodes, its rules, what it needs, and everything wrong with that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError

from dataflows.engine.catalog import CatalogNode
from dataflows.engine.claims import Claims
from dataflows.engine.contracts import contract_complaints
from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.docstrings import NodeDoc
from dataflows.engine.graph import (
    FIRST_PARTY,
    MODEL_FEATURE_NAMES,
    MODEL_FEATURES,
    UNSURE,
    Complaints,
    cycle_complaint,
    edge_faults,
    finished,
    function_nodes,
    gap_nodes,
    model_nodes,
    near,
    needed,
    ordered,
    signal_nodes,
    snapshot_nodes,
    value_nodes,
    value_path,
)
from dataflows.engine.label_laws import label_faults
from dataflows.engine.order_laws import cap_faults, lot_faults, reducing_faults, sizeless_faults
from dataflows.engine.plan import LOT, ORDER_SIZE, REDUCES_RISK, NodeKind, Plan, PlanNode, PlanRule
from dataflows.engine.rules import Complain, rule_function, rule_names
from dataflows.engine.sources import module_sources
from nodes.vocabulary.canonical import digest
from nodes.vocabulary.units import Flag, Unit, unit_of
from policies.grammar import printed, rule_tree
from policies.parse import ParsedPolicy
from policies.schema import AppliesTo, Rule
from policies.texts import format_fits, parsed_text


class Draft:
    """One dataflow on its way to a plan.

    Args:
        parsed: the policy; parts that could not be read are among its gaps.
        dataflow: what it is joined with.
        functions: the nodes that are installed for it.
        complaints: takes everything found wrong.

    Attributes:
        read: names of all nodes that the outputs, the rules and their caps need.
        reach: those, and the names of what is only shown in texts.
    """

    def __init__(
        self, parsed: ParsedPolicy, dataflow: Dataflow, functions: Mapping[str, CatalogNode], complaints: Complaints
    ) -> None:
        self.policy, self.gaps = parsed.policy, parsed.gaps
        self.dataflow = dataflow
        self.complaints = complaints
        self.units: dict[str, Mapping[str, Unit]] = {name: node.arguments for name, node in functions.items()}
        self.nodes = self._offered(functions)
        self.rules = () if dataflow.kind is Kind.SESSION else self._rule_nodes()
        wanted, place = self._wanted(), f"dataflow {dataflow.name}"
        self.read = needed(wanted, self.nodes, complaints, place)
        shown = [name for rule in self.rules for name in rule.operands]
        self.reach = needed([*wanted, *shown], self.nodes, complaints, place)
        edge_faults(self.reach, self.nodes, self.units, complaints)
        label_faults(dataflow, self.reach, self.nodes, complaints)
        sheets = {node.module: node.sheet for node in functions.values() if node.sheet is not None}
        complaints.code.extend(contract_complaints(self.reach, self.nodes, sheets))
        choice_faults(dataflow, self.policy.params, complaints)
        self.order = self._ordered()
        if dataflow.kind is Kind.ORDER:
            lot_faults(self.policy, self.nodes, complaints)
            reducing_faults(self.rules, self.nodes, complaints)
            cap_faults(self.policy, self.rules, self.nodes, self.order, complaints)
        elif dataflow.kind is Kind.GATE:
            sizeless_faults(self.policy, complaints)

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
        offered = gap_nodes(self.gaps, consumers) | offered
        if self.dataflow.kind is Kind.SESSION:
            offered |= signal_nodes(self.policy, offered, self.complaints)
            offered |= model_nodes(self.policy, offered, self.complaints)
        return offered

    def _rule_nodes(self) -> tuple[PlanRule, ...]:
        rules = []
        units = {name: node.unit for name, node in self.nodes.items()}
        claims = Claims(units, self.nodes, self.complaints)
        for position, rule in enumerate(self.policy.rules):
            name = rule.node_name
            if name in self.nodes:
                self.complaints.of_policy("rules", position, "id")(
                    f"{name} is already a node", "give the rule another id"
                )
            self.nodes[name] = self._rule_node(position, rule, name, claims)
            rules.append(self._plan_rule(position, rule, name))
        claims.complain_of_pairs()
        return tuple(sorted(rules, key=lambda rule: rule.rule_id))

    def _rule_node(self, position: int, rule: Rule, name: str, claims: Claims) -> PlanNode:
        if position in self.gaps.rules:
            return PlanNode(name=name, kind=NodeKind.RULE, unit=unit_of(Flag))
        parsed = rule_tree(rule.require)
        tree = claims.typed(position, rule, parsed)
        arguments, text = rule_names(parsed), printed(parsed)
        return PlanNode(
            name=name,
            kind=NodeKind.RULE,
            unit=unit_of(Flag),
            arguments=tuple(item for item in arguments if item in claims.units),
            accepts_absent=(True,) * len(arguments),
            function=None if tree is None else rule_function(tree, claims.units),
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
            elif node.unit is not UNSURE and not format_fits(slot.format, node.unit.base):
                complain(
                    f"format {slot.format!r} does not fit {slot.name} ({node.unit.name})", "change it", slot.offset
                )
            else:
                names.add(slot.name)
        return names

    def _wanted(self) -> list[str]:
        wanted = list(self.dataflow.outputs)
        for rule in self.rules:
            wanted.append(rule.node)
            if rule.cap in self.nodes:
                wanted.append(rule.cap)
        if self.dataflow.kind is Kind.ORDER and any(rule.skips_reducing for rule in self.rules):
            wanted.append(REDUCES_RISK)
        if self.dataflow.kind is Kind.ORDER:
            wanted += [ORDER_SIZE, LOT]
        return [*wanted, *sorted(self.gaps.words & self.nodes.keys())]

    def _ordered(self) -> list[str]:
        try:
            return ordered(self.reach, self.nodes)
        except CycleError as error:
            self.complaints.code.append(cycle_complaint(error))
            return []

    def plan(self, policy_digest: bytes) -> Plan:
        """The frozen plan, once nothing was found wrong."""
        nodes = finished(
            self.order, self.nodes, FIRST_PARTY | {node.module.partition(".")[0] for node in self.nodes.values()}
        )
        return Plan(
            dataflow=self.dataflow,
            policy_digest=policy_digest,
            nodes=nodes,
            rules=self.rules,
            lot_shares=self.nodes[LOT].value if self.dataflow.kind is Kind.ORDER else 1,
            sources=module_sources(node.module for node in nodes if node.module),
        )


def choice_faults(dataflow: Dataflow, params: Mapping[str, object], complaints: Complaints) -> None:
    """Complains of every parameter that is none of the words that it may be; a missing one is its reader's fault."""
    for name, words in dataflow.choices:
        if name in params and params[name] not in words:
            mend = near(str(params[name]), words, f"name one of {', '.join(words)}")
            complaints.of_policy("params", name)(f"{name} is {params[name]!r}, which is none that there is", mend)


def unused_faults(parsed: ParsedPolicy, drafts: Iterable[Draft], complaints: Complaints) -> None:
    """Complains of every parameter and limit that no rule and no node reads."""
    found = tuple(drafts)
    read = parsed.gaps.words.union(*(draft.read for draft in found))
    if MODEL_FEATURES in read:
        read |= {MODEL_FEATURE_NAMES}
    shown = frozenset().union(*(draft.reach for draft in found)) - read
    for name in parsed.policy.params:
        if name not in read:
            _complain_of_unused("parameter", name, shown, complaints.of_policy("params", name))
    for position, rule in enumerate(parsed.policy.rules):
        for name in rule.limits:
            if name not in read:
                _complain_of_unused("limit", name, shown, complaints.of_policy("rules", position, "limits", name))


def _complain_of_unused(kind: str, name: str, shown: frozenset[str], complain: Complain) -> None:
    if name in shown:
        complain(f"{kind} {name} is shown in a text and read by nothing", "read it in require, or write it in the text")
    else:
        complain(f"{kind} {name} is read by nothing", "remove it or correct its name")
