"""Conditions that are armed: rules in the language of policies over the nodes of an order plan, watched, not enforced.

A condition reads the very names that the rules of the policy read, with their units, and follows the same three-valued
logic. It is true of a share when it holds for the order run of its day plan: nothing fires on what is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import fields as fields_of
from typing import Any, get_type_hints

from dataflows.engine.plan import CONSTANT_KINDS, NodeKind, Plan
from dataflows.engine.rules import rule_function, rule_names, typed_rule
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import Fault, PolicyError
from nodes.vocabulary.units import Unit, unit_of
from policies.grammar import printed, rule_tree

FILE = "condition"
"""What a condition's text is called in its faults."""


@dataclass(frozen=True)
class Condition:
    """A condition, ready to be asked.

    Attributes:
        text: its one canonical text.
        names: the names that it reads, in alphabetical order.
        units: their units, in the same order.
        function: takes their values by position, None where absent.
    """

    text: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    function: Callable[..., bool | None]

    def outcome(self, values: Mapping[str, Any]) -> bool | None:
        """Whether it holds for the values of a run; None where what it reads is not known."""
        return self.function(*(_present(values[name]) for name in self.names))

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What it read of a run, by name; None where it was absent."""
        return {name: _present(values[name]) for name in self.names}


def condition(text: str, plan: Plan) -> Condition:
    """The condition that a text says over the nodes of an order plan. Raises PolicyError with every fault."""
    tree = rule_tree(text, FILE)
    units = condition_units(plan)
    faults: list[Fault] = []

    def complain(what: str, mend: str, offset: int = 0) -> None:
        faults.append(Fault(FILE, 1, offset + 1, what, mend))

    typed = typed_rule(tree, units, complain)
    names = rule_names(typed)
    constant = {node.name for node in plan.nodes if node.kind in CONSTANT_KINDS}
    if constant.issuperset(names):
        complain("reads nothing that a run computes, so that it never changes", "compare a node of the policy's plan")
    if faults:
        raise PolicyError(faults)
    return Condition(printed(tree), names, tuple(units[name].name for name in names), rule_function(typed, units))


def condition_units(plan: Plan) -> dict[str, Unit]:
    """Every name that a condition may read, with its unit.

    The fields of the snapshot, also those that no rule of the policy reads, and nodes, parameters and limits.
    """
    fields = {name: unit_of(hint) for name, hint in get_type_hints(plan.dataflow.snapshot).items()}
    nodes = {node.name: node.unit for node in plan.nodes if node.kind not in {NodeKind.RULE, NodeKind.GATHER}}
    return fields | nodes


def readable_values(snapshot: Any, values: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401  # the dataflow's type
    """All that conditions may read of a run: its values, and the fields of its snapshot beside them."""
    return {field.name: getattr(snapshot, field.name) for field in fields_of(snapshot)} | dict(values)


def _present(value: Any) -> Any:  # noqa: ANN401  # a value of any node
    return None if isinstance(value, Absent) else value
