"""Questions about lineage: what fed a node, and which part of a decision's graph explains its outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.views.decision import POLICY_KINDS, DecisionView, NodeView


def ancestry(roots: Iterable[str], reads: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """The roots and everything they were computed from, as keys."""
    found: set[str] = set()
    waiting = [root for root in roots if root in reads]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting.extend(reads.get(key, ()))
    return frozenset(found)


def readings(nodes: Iterable[NodeView]) -> dict[str, tuple[str, ...]]:
    """What each node reads, by key."""
    return {node.key: node.reads for node in nodes}


def drawn_nodes(nodes: Iterable[NodeView]) -> tuple[NodeView, ...]:
    """The nodes that a drawing shows: all but the numbers of the policy."""
    return tuple(node for node in nodes if node.kind not in POLICY_KINDS)


def deciding_roots(view: DecisionView) -> tuple[str, ...]:
    """Keys of the nodes that explain the outcome by themselves: the rules that objected.

    When none did, the outcome is explained by what was asked for: the order and its target.
    """
    if view.deciders:
        return tuple(rule.key for rule in view.deciders)
    return tuple(node.key for node in view.nodes if node.run == "order" and node.name in _TARGETS)


def deciding_keys(view: DecisionView) -> frozenset[str]:
    """Keys of the nodes that explain the outcome, with all that fed them, and the conclusion itself."""
    conclusions = {node.key for node in view.nodes if node.kind in ("verdict", "size")}
    return ancestry(deciding_roots(view), readings(view.nodes)) | conclusions


def steps_to(roots: Iterable[str], reads: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """How many steps each node that fed the roots is away from the nearest of them."""
    found = {root: 0 for root in roots if root in reads}
    rank = list(found)
    while rank:
        following = dict.fromkeys(key for head in rank for key in reads.get(head, ()) if key not in found)
        found.update({key: found[head] + 1 for head in rank for key in reads.get(head, ()) if key in following})
        rank = list(following)
    return found


_TARGETS = frozenset({"target_weight_frac", "proposed_order_shares"})
