"""Generates the Python that runs an order plan when nothing is absent: flat functions over local names.

The first calls every node once, in plan order, with the proposed size, checks every value's class, packs them and says
whether all rules hold. Any surprise (an absence, a NaN, a wrong type, an exception) raises; the caller then evaluates
the plan again node by node (`evaluation`), which knows what to do. Nodes are pure, so evaluating twice is sound.

The second, after a clip, calls those nodes again that depend on the size. A size of nothing leaves some of them absent,
so that there each node that is surprised is evaluated by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from dataflows.engine.evaluation import called, checked
from dataflows.engine.packing import Layout, PassReading, is_in_slot, value_bytes
from dataflows.engine.plan import CONSTANT_KINDS, PROPOSED_SIZE, NodeKind, Plan, PlanNode
from dataflows.engine.rules import certain_source, rule_names, typed_rule
from nodes.vocabulary.absent import Absent
from policies.grammar import rule_tree

FastRun = Callable[[Any], tuple[tuple[Any, ...], bytes, bool]]
"""From a snapshot to the values of all nodes, their packed bytes and whether every rule holds."""

FastResize = Callable[[tuple[Any, ...], int], tuple[tuple[Any, ...], bytes, bytes]]
"""From the values of a run and another size to those at that size, their packed bytes, and those of the sized nodes of
the run before (`Layout.sized`)."""

FastPart = Callable[[PassReading, PassReading, int], tuple[Any, ...]]
"""From the recorded pass of what does not depend on the size, that of what does, and the size to values of nodes."""

_TEXTS = (Decimal, str)


class RecordedPlace(NamedTuple):
    """Where a node's recorded value stands.

    Attributes:
        is_sized: in the pass of what depends on the size, or in that of what does not.
        place: in the layout of that pass.
        number: in its variable part; None for one that stands in a slot.
    """

    is_sized: bool
    place: int
    number: int | None


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

    def shared(self, stem: str, kind: type) -> str:
        """The name of a type that many lines name."""
        name = f"{stem}_{kind.__name__}_{id(kind)}"
        self.objects[name] = kind
        return name


def fast_run(plan: Plan, layout: Layout) -> FastRun:
    """A function from a snapshot to what its run computes at the proposed size.

    It raises an exception, of any kind, when the values need the node-by-node evaluation.
    """
    source = _Source([], {"Surprise": SurpriseError})
    words = _words(plan, source)
    _read_snapshot(plan, words, source)
    for node in plan.nodes:
        _compute(plan, node, words, source)
    _check(plan, words, source)
    _pack(layout, words, source)
    rules = [words[node.name] for node in plan.computed if node.kind is NodeKind.RULE]
    source.lines.append(f"return ({_values(plan, words)}), packed, {' and '.join(rules) or True}")
    run: FastRun = _compiled(plan, "snapshot", source)
    return run


def fast_resize(plan: Plan, layout: Layout) -> FastResize:
    """A function from the values of a run, none of them absent, and another size to what is computed at that size.

    It raises an exception, of any kind, when the values need the node-by-node evaluation.
    """
    source = _Source([], {"Surprise": SurpriseError, "Absent": Absent, "called": called, "checked": checked})
    words = _words(plan, source)
    source.lines.append(f"{''.join(f'v{place}, ' for place in range(len(plan.nodes)))} = values")
    _pack(layout.sized, words, source)
    source.lines.append("replaced = packed")
    sized = {node.name for node in plan.nodes if node.is_sized}
    for node in plan.nodes:
        if node.kind is NodeKind.SIZE:
            source.lines.append(f"{words[node.name]} = size")
        elif node.is_sized:
            _resized_node(plan, node, sized, words, source)
    packed = source.named("packed", layout.packed)
    is_absent = " or ".join(f"{words[name]}.__class__ is Absent" for name in sorted(sized))
    everything = "".join(f"{words[node.name]}, " for node in plan.computed)
    source.lines.append(f"if {is_absent or False}:")
    source.lines.append(f"    return ({_values(plan, words)}), {packed}([{everything}]), replaced")
    _pack(layout, words, source)
    source.lines.append(f"return ({_values(plan, words)}), packed, replaced")
    resize: FastResize = _compiled(plan, "values, size", source)
    return resize


def fast_part(plan: Plan, wanted: Sequence[str], recorded: Mapping[str, RecordedPlace]) -> FastPart:
    """A function from recorded passes and an order's size to the values of some nodes at that size.

    It raises an exception, of any kind, when a value needs the node-by-node evaluation.

    Args:
        plan: whose nodes they are.
        wanted: names of the nodes whose values are to be found.
        recorded: nodes whose recorded values are taken, and where; what they read is not computed.
    """
    source = _Source([], {"Surprise": SurpriseError, "Decimal": Decimal})
    words = _words(plan, source) | {node.name: "size" for node in plan.nodes if node.kind is NodeKind.SIZE}
    inner = _between(plan, wanted, recorded.keys())
    known = {node.name for node in inner}
    known |= {node.name for node in plan.nodes if node.kind in CONSTANT_KINDS or node.kind is NodeKind.SIZE}
    _read_recorded(
        plan, {*wanted, *(name for node in inner for name in node.arguments)} - known, recorded, words, source
    )
    for node in inner:
        _compute(plan, node, words, source)
    claims = [
        claim for node in inner if node.kind is not NodeKind.RULE for claim in _claims(node, words[node.name], source)
    ]
    source.lines += [f"if not ({' and '.join(claims) or True}):", "    raise Surprise"]
    source.lines.append(f"return ({''.join(f'{words[name]}, ' for name in wanted)})")
    part: FastPart = _compiled(plan, "final, sized, size", source)
    return part


def _read_recorded(
    plan: Plan, names: AbstractSet[str], recorded: Mapping[str, RecordedPlace], words: dict[str, str], source: _Source
) -> None:
    """Read the recorded values of some nodes; that one is absent, or was not recorded, is a surprise."""
    if not names <= recorded.keys():
        source.lines.append("raise Surprise")
        return
    for is_sized, reading in ((False, "final"), (True, "sized")):
        mask = sum(1 << recorded[name].place for name in names if recorded[name].is_sized is is_sized)
        if mask:
            source.lines += [
                f"if {reading}.bitmap & {mask}:",
                "    raise Surprise",
                f"{reading}_slots = {reading}.slots",
            ]
    for name in sorted(names):
        found = recorded[name]
        source.lines.append(f"{words[name]} = {_recorded_source(plan.node(name), found)}")


def _recorded_source(node: PlanNode, found: RecordedPlace) -> str:
    reading = "sized" if found.is_sized else "final"
    if is_in_slot(node) and node.kind is not NodeKind.RULE:
        return f"{reading}_slots[{found.place}]{' == 1' if node.unit.base is bool else ''}"
    if node.unit.base is Decimal and found.number is not None:
        return f"Decimal({reading}.part({found.number}).decode())"
    return f"{reading}.value({found.place})"


def _between(plan: Plan, wanted: Sequence[str], given: AbstractSet[str]) -> list[PlanNode]:
    """The nodes to compute for some others, in plan order, where some are given."""
    nodes = {node.name: node for node in plan.nodes}
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in found and name not in given and nodes[name].function is not None:
            found.add(name)
            waiting += nodes[name].arguments
    return [node for node in plan.nodes if node.name in found]


def _resized_node(plan: Plan, node: PlanNode, sized: AbstractSet[str], words: dict[str, str], source: _Source) -> None:
    """One node at another size, where what it reads may be absent and so may be what it gives."""
    word, again = words[node.name], source.named("again", node)
    evaluated = f"{word} = called({again}, [{', '.join(words[name] for name in node.arguments)}])"
    absent = " or ".join(f"{words[name]}.__class__ is Absent" for name in node.arguments if name in sized)
    if absent:
        source.lines += [f"if {absent}:", f"    {evaluated}", "else:"]
    else:
        source.lines.append("if True:")
    at = len(source.lines)
    source.lines.append("try:")
    _compute(plan, node, words, source)
    source.lines[-1] = f"    {source.lines[-1]}"
    source.lines += ["except Exception:", f"    {evaluated}"]
    if node.kind is not NodeKind.RULE:
        claims = " and ".join(_claims(node, word, source))
        source.lines += [f"if not ({claims}):", f"    {word} = checked({again}, {word})"]
    source.lines[at:] = [f"    {line}" for line in source.lines[at:]]


def _words(plan: Plan, source: _Source) -> dict[str, str]:
    """What each node's value is called: a local name, or a global one for the constants of the policy."""
    words = {node.name: f"v{place}" for place, node in enumerate(plan.nodes)}
    for node in plan.nodes:
        if node.kind in CONSTANT_KINDS:
            words[node.name] = source.named("constant", node.value)
    return words


def _compiled(plan: Plan, arguments: str, source: _Source) -> Any:  # noqa: ANN401  # a function that exec makes
    text = f"def run({arguments}):\n" + "".join(f"    {line}\n" for line in source.lines)
    exec(compile(text, f"<plan {plan.name}>", "exec"), source.objects)  # noqa: S102  # our own text over checked names
    return source.objects["run"]


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


def _values(plan: Plan, words: dict[str, str]) -> str:
    return "".join(f"{words[node.name]}, " for node in plan.nodes)


def _check(plan: Plan, words: dict[str, str], source: _Source) -> None:
    """Every computed value is what its unit says, or the run is a surprise."""
    nodes = [node for node in plan.computed if node.kind is not NodeKind.RULE]
    claims = [claim for node in nodes for claim in _claims(node, words[node.name], source)]
    if claims:
        source.lines.append(f"if not ({' and '.join(claims)}):")
        source.lines.append("    raise Surprise")


def _claims(node: PlanNode, word: str, source: _Source) -> list[str]:
    """What must be true of a value: that it has exactly its unit's class and is no NaN."""
    base = node.unit.base
    claims = [f"{word}.__class__ is {source.shared('base', base)}"]
    if base is float:
        claims.append(f"{word} == {word}")
    elif base is Decimal:
        claims.append(f"{word}.is_finite()")
    return claims


def _pack(layout: Layout, words: dict[str, str], source: _Source) -> None:
    slots: list[str] = []
    variable: list[tuple[bool, str]] = []
    for node in layout.nodes:
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
