"""What the rules of a policy claim: typed, and refused when no value can move a claim or two cannot hold together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

from dataflows.engine.constancy import constant_faults, contradict
from dataflows.engine.graph import UNSURE, Complaints
from dataflows.engine.plan import CONSTANT_KINDS, PlanNode
from dataflows.engine.rules import rule_names, typed_rule
from nodes.vocabulary.units import Unit
from policies.grammar import Expression
from policies.schema import Rule

MAX_CLAIMS_OF_ONE_NODE = 30
"""Pairs of claims about one node are compared up to this many claims."""


class _Claim(NamedTuple):
    position: int
    rule_id: str
    tree: Expression


class Claims:
    """The claims of one policy's rules over the nodes of one dataflow.

    Args:
        units: unit of every name that a claim may use.
        nodes: the nodes of those names.
        complaints: takes everything found wrong.
    """

    def __init__(self, units: Mapping[str, Unit], nodes: Mapping[str, PlanNode], complaints: Complaints) -> None:
        self.units = units
        self._complaints = complaints
        self._values = {name: node.value for name, node in nodes.items() if node.kind in CONSTANT_KINDS}
        self._of_one_node: dict[str, list[_Claim]] = defaultdict(list)

    def typed(self, position: int, rule: Rule, claim: Expression) -> Expression | None:
        """The claim with its literals widened to what they are compared with; None when something is wrong with it."""
        complain = self._complaints.of_policy("rules", position, "require")
        n_before = len(self._complaints.policy)
        names = rule_names(claim)
        if any(self.units.get(name) is UNSURE for name in names):
            return None
        tree = typed_rule(claim, self.units, complain)
        free = [name for name in names if name not in self._values]
        if not free:
            complain(f"rule {rule.id} reads no node, so its outcome never changes", "compare a node with the limit")
        if len(self._complaints.policy) > n_before:
            return None
        if any(name in self._values and self._values[name] is None for name in names):  # it could not be read
            return tree
        constant_faults(tree, self.units, self._values, complain)
        if len(self._complaints.policy) > n_before:
            return None
        if len(free) == 1:
            self._of_one_node[free[0]].append(_Claim(position, rule.id, tree))
        return tree

    def complain_of_pairs(self) -> None:
        """Complain of every two rules about one node that can never hold together: no order would pass."""
        for name, claims in self._of_one_node.items():
            for one, other in combinations(claims[:MAX_CLAIMS_OF_ONE_NODE], 2):
                if contradict(one.tree, other.tree, self.units, self._values):
                    what = f"rule {other.rule_id} never holds where rule {one.rule_id} does: no {name} passes both"
                    complain = self._complaints.of_policy("rules", other.position, "require")
                    complain(what, "correct one of their limits")
