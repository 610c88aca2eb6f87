"""The words that a policy of the served strategy may use: for completion and help while one is written.

Names come from the nodes that are installed and from the policy that runs; keys and their meaning from the types of a
policy document. What is offered here compiles as far as its unit fits; `policy_check` is the authority.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from api.use_cases.policy_standing import standing
from api.use_cases.service import Service
from dataflows.engine.compile import Offered, installed_strategy, offered_nodes
from dataflows.engine.dataflow import Strategy
from dataflows.engine.plan import CONSTANT_KINDS, NodeKind, PlanNode
from nodes.vocabulary.units import Shares, annotation_of_name
from policies.diff import value_text
from policies.json_schema import SUFFIXES, policy_schema
from policies.parse import ParsedPolicy, parsed_policy
from policies.schema import Policy
from policies.values import base_of_name

_WORDS: Mapping[type, str] = {
    bool: "truth value",
    int: "whole number",
    float: "number",
    Decimal: "amount",
    str: "text",
    date: "date",
    datetime: "instant",
}
_ATTRIBUTE = re.compile(r"^ {4}(\w+): (.+(?:\n {6,}.+)*)", re.MULTILINE)
OPERATORS = ("=", "<>", "<", "<=", ">", ">=", "AND", "OR", "NOT", "IN", "BETWEEN", "IS NULL", "IS NOT NULL")
"""What joins names and limits in the `require` of a rule."""


@dataclass(frozen=True)
class PolicyWord:
    """A name that a policy can use.

    Attributes:
        name: the name.
        kind: input, node, limit, parameter or size.
        unit: its unit.
        type: what a value of it is written as; "" where it has no literal.
        doc: what it is, in a sentence.
        formula: how it is computed; "" where nobody says.
        missing: when it is absent.
        source: where it is from.
        stage: of its module; "" for what is none of a module's.
        uses: where it may stand: require, cap, signal or params.
        value: what the policy that runs gives it; None where that gives none.
        read_by: nodes and rules that read it.
        choices: the words that it may be; () where it is free.
    """

    name: str
    kind: str
    unit: str
    type: str
    doc: str
    formula: str
    missing: str
    source: str
    stage: str
    uses: tuple[str, ...]
    value: str | None
    read_by: tuple[str, ...]
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class PolicyKey:
    """A key of the document, or of a rule in it.

    Attributes:
        name: the key.
        of: policy or rule.
        is_required: whether it must be there.
        doc: what it means.
        choices: the words that it may be; () where it is free.
    """

    name: str
    of: str
    is_required: bool
    doc: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class PolicyVocabulary:
    """All that can be completed in a policy.

    Attributes:
        strategy: what policies here are for.
        policy_digest: what runs.
        policy: what runs, with its rules.
        words: names, in order.
        keys: keys, in the order of the document.
    """

    strategy: str
    policy_digest: bytes
    policy: Policy
    words: tuple[PolicyWord, ...]
    keys: tuple[PolicyKey, ...]


def policy_vocabulary(service: Service) -> PolicyVocabulary:
    """The words of the policies of the service's strategy."""
    found = standing(service)
    with service.store.reader() as reader:
        text = reader.body(found.newest.refs.policy)
    parsed = parsed_policy(text, found.log.activations[-1].name)
    strategy = installed_strategy(parsed.policy.strategy)
    return PolicyVocabulary(
        strategy.name, found.active_digest, parsed.policy, policy_words(parsed, strategy), policy_keys()
    )


def policy_words(parsed: ParsedPolicy, strategy: Strategy) -> tuple[PolicyWord, ...]:
    """Every name that a policy of a strategy can use, with what one of its policies gives for it."""
    offered = offered_nodes(parsed, strategy)
    known = _Known(_readers(offered, parsed.policy), _described(strategy), _choices_of(strategy))
    sized = _sized(offered.order)
    words = {name: known.word(node, ("signal",)) for name, node in offered.session.items() if _is_feature(node)}
    for name, node in offered.order.items():
        if node.kind is not NodeKind.RULE and node.unit.base in _WORDS:
            words[name] = known.word(node, _uses(node, sized))
    given = (node for node in offered.session.values() if node.kind is NodeKind.PARAMETER)
    wanted = (PlanNode(name, NodeKind.PARAMETER, unit) for name, unit in offered.wanted.items())
    for node in (*given, *wanted):
        if node.unit.base in _WORDS and node.name not in words:
            words[node.name] = known.word(node, ("params",))
    return tuple(words[name] for name in sorted(words))


def suffix_units() -> tuple[tuple[str, str, str], ...]:
    """What the ending of a name says of a value: the ending, its unit, and what a value is written as."""
    units = ((suffix, annotation_of_name(f"x{suffix}"), base_of_name(f"x{suffix}")) for suffix in SUFFIXES)
    return tuple(
        (suffix, getattr(unit, "__name__", ""), "" if base is None else _WORDS.get(base, "weights"))
        for suffix, unit, base in units
    )


def policy_keys() -> tuple[PolicyKey, ...]:
    """The keys of a policy and of its rules, as the JSON Schema has them."""
    schema = policy_schema()
    parts = (("policy", schema), ("rule", schema["$defs"]["Rule"]))
    return tuple(
        PolicyKey(name, of, name in part["required"], said.get("description", ""), _choices(said))
        for of, part in parts
        for name, said in part["properties"].items()
    )


def _choices(said: Mapping[str, Any]) -> tuple[str, ...]:
    options = (said, *said.get("oneOf", ()))
    return tuple(str(word) for each in options for word in each.get("enum", [each["const"]] if "const" in each else []))


def _readers(offered: Offered, policy: Policy) -> dict[str, tuple[str, ...]]:
    """Which nodes read each name; of rules, their ids."""
    rules = {rule.node_name: rule.id for rule in policy.rules}
    found: dict[str, set[str]] = {}
    for node in (*offered.session.values(), *offered.order.values()):
        for name in node.arguments:
            found.setdefault(name, set()).add(rules.get(node.name, node.name))
    return {name: tuple(sorted(readers)) for name, readers in found.items()}


def _sized(nodes: Mapping[str, PlanNode]) -> frozenset[str]:
    """Names of nodes that depend on the order's size, directly or through others."""
    found = {name for name, node in nodes.items() if node.kind is NodeKind.SIZE}
    while more := {name for name, node in nodes.items() if not found.isdisjoint(node.arguments)} - found:
        found |= more
    return frozenset(found)


def _is_feature(node: PlanNode) -> bool:
    return node.kind is NodeKind.FUNCTION and node.unit.name.endswith("Column")


def _uses(node: PlanNode, sized: frozenset[str]) -> tuple[str, ...]:
    if node.kind is NodeKind.PARAMETER:
        return ("params", "require")
    is_cap = node.kind is NodeKind.FUNCTION and node.unit.name == Shares.__name__ and node.name not in sized
    return ("require", "cap") if is_cap else ("require",)


@dataclass(frozen=True)
class _Known:
    """What is known of names beside their nodes.

    Attributes:
        read_by: who reads each.
        described: what the fields of snapshots are.
        choices: the words that some parameters may be.
    """

    read_by: Mapping[str, tuple[str, ...]]
    described: Mapping[str, str]
    choices: Mapping[str, tuple[str, ...]]

    def word(self, node: PlanNode, uses: tuple[str, ...]) -> PolicyWord:
        """A node as a word of policies."""
        is_given = node.kind in CONSTANT_KINDS and node.value is not None
        return PolicyWord(
            name=node.name,
            kind=node.kind.value,
            unit=node.unit.name,
            type=_WORDS.get(node.unit.base, ""),
            doc=node.doc.summary or self.described.get(node.name, ""),
            formula=node.doc.formula,
            missing=node.doc.missing,
            source=node.doc.source,
            stage=node.stage,
            uses=uses,
            value=value_text(node.value) if is_given else None,
            read_by=self.read_by.get(node.name, ()),
            choices=self.choices.get(node.name, ()),
        )


def _described(strategy: Strategy) -> dict[str, str]:
    """What the fields of the strategy's snapshots are, as their docstrings say."""
    texts = (inspect.getdoc(dataflow.snapshot) or "" for dataflow in (strategy.session, strategy.order))
    lines = (line for text in texts for line in _ATTRIBUTE.findall(text))
    return {name: " ".join(said.split()) for name, said in lines}


def _choices_of(strategy: Strategy) -> dict[str, tuple[str, ...]]:
    return dict((*strategy.session.choices, *strategy.order.choices))
