"""Generates the Python that runs an order plan when nothing is absent: one flat function over local names.

It calls every node once, in plan order, with the proposed size, checks every value's class, packs them and says
whether all rules hold. Any surprise (an absence, a NaN, a wrong type, an exception) raises; the caller then evaluates
the plan again node by node with `evaluation.evaluated`, which knows what to do. Nodes are pure, so evaluating twice
is sound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from dataflows.engine.packing import Layout, is_in_slot, value_bytes
from dataflows.engine.plan import PROPOSED_SIZE, NodeKind, Plan, PlanNode
from dataflows.engine.rules import certain_source, rule_names, typed_rule
from policies.grammar import rule_tree

FastRun = Callable[[Any], tuple[tuple[Any, ...], bytes, bool]]
_TEXTS = (Decimal, str)


class SurpriseError(Exception):
    """A value that only the node-by-node evaluation can judge."""


@dataclass
class _Source:
    """Source text under way, and the objects that it names."""

    lines: list[str]
    objects: dict[str, Any]

    def named(self, stem: str, value: Any) -> str:  # noqa: ANN401
        name = f"{stem}_{len(self.objects)}"
        self.objects[name] = value
        return name


def fast_run(plan: Plan, layout: Layout) -> FastRun:
    """A function from a snapshot to the values of all nodes, their packed bytes and whether every rule holds.

    It raises an exception, of any kind, when the values need the node-by-node evaluation.
    """
    source = _Source([], {"Surprise": SurpriseError})
    words = {node.name: f"v{position}" for position, node in enumerate(plan.nodes)}
    for node in plan.nodes:
        if node.kind in (NodeKind.PARAMETER, NodeKind.LIMIT):
            words[node.name] = source.named("constant", node.value)
    _read_snapshot(plan, words, source)
    for node in plan.nodes:
        _compute(plan, node, words, source)
    _check(plan, words, source)
    _pack(plan, layout, words, source)
    text = "def run(snapshot):\n" + "".join(f"    {line}\n" for line in source.lines)
    exec(compile(text, f"<plan {plan.name}>", "exec"), source.objects)  # noqa: S102  # our own text over checked names
    run: FastRun = source.objects["run"]
    return run


def _read_snapshot(plan: Plan, words: dict[str, str], source: _Source) -> None:
    inputs = [node.name for node in plan.nodes if node.kind is NodeKind.INPUT]
    if len(inputs) == 1:
        source.lines.append(f"{words[inputs[0]]} = snapshot.{inputs[0]}")
    elif inputs:
        fields = source.named("fields", attrgetter(*inputs))
        source.lines.append(f"{', '.join(words[name] for name in inputs)} = {fields}(snapshot)")


def _compute(plan: Plan, node: PlanNode, words: dict[str, str], source: _Source) -> None:
    word = words[node.name]
    if node.kind is NodeKind.SIZE:
        source.lines.append(f"{word} = snapshot.{PROPOSED_SIZE}")
    elif node.kind is NodeKind.RULE:
        units = {name: plan.node(name).unit for name in node.arguments}
        tree = typed_rule(rule_tree(node.doc.formula), units, _no_fault)
        rename = {name: words[name] for name in rule_names(tree)}
        source.lines.append(f"{word} = {certain_source(tree, source.objects, rename)}")
    elif node.function is not None:
        function = source.named("node", node.function)
        source.lines.append(f"{word} = {function}({', '.join(words[name] for name in node.arguments)})")


def _no_fault(what: str, mend: str, offset: int = 0) -> None:
    raise SurpriseError(f"{what} at {offset}; {mend}")


def _check(plan: Plan, words: dict[str, str], source: _Source) -> None:
    """Every computed value has exactly its unit's class and is no NaN, or the run is a surprise."""
    claims = []
    bases: dict[type, str] = {}
    for node in plan.computed:
        word, base = words[node.name], node.unit.base
        if node.kind is NodeKind.RULE:
            continue
        if base not in bases:
            bases[base] = source.named("base", base)
        claims.append(f"{word}.__class__ is {bases[base]}")
        if base is float:
            claims.append(f"{word} == {word}")
        elif base is Decimal:
            claims.append(f"{word}.is_finite()")
    if claims:
        source.lines.append(f"if not ({' and '.join(claims)}):")
        source.lines.append("    raise Surprise")


def _pack(plan: Plan, layout: Layout, words: dict[str, str], source: _Source) -> None:
    slots: list[str] = []
    variable: list[tuple[bool, str]] = []
    for node in plan.computed:
        word = words[node.name]
        if is_in_slot(node):
            slots.append(word)
            continue
        is_text = node.unit.base in _TEXTS
        part = f"{'t' if is_text else 'b'}{len(variable)}"
        source.lines.append(f"{part} = {_part_source(node, word, source)}")
        slots.append(f"len({part})")
        variable.append((is_text, part))
    pack = source.named("pack", layout.head.pack)
    parts = [f"{pack}({', '.join(slots)})", *_variable_parts(variable, source)]
    source.lines.append(f"packed = {' + '.join(parts)}")
    values = "".join(f"{words[node.name]}, " for node in plan.nodes)
    rules = [words[node.name] for node in plan.computed if node.kind is NodeKind.RULE]
    source.lines.append(f"return ({values}), packed, {' and '.join(rules) or True}")


def _part_source(node: PlanNode, word: str, source: _Source) -> str:
    if node.unit.base is str:
        return word
    if node.unit.base is Decimal:
        return f"str({word})"
    return f"{source.named('bytes', value_bytes)}({source.named('place', node)}, {word})"


def _variable_parts(variable: list[tuple[bool, str]], source: _Source) -> list[str]:
    """The variable part. Texts are encoded together while they are ASCII: each then has a byte a character."""
    parts = []
    for number, (is_text, run) in enumerate(groupby(variable, key=lambda each: each[0])):
        words = [part for _, part in run]
        if not is_text:
            parts += words
            continue
        text = f"text{number}"
        source.lines.append(f'{text} = f"{"".join(f"{{{word}}}" for word in words)}"')
        source.lines.append(f"if not {text}.isascii():")
        source.lines.append("    raise Surprise")
        parts.append(f"{text}.encode()")
    return parts
