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


def deciding_keys(view: DecisionView) -> frozenset[str]:
    """Keys of the nodes that explain the outcome.

    They are the rules that objected with all that fed them, and the conclusion. When no rule objected, the
    conclusion is explained by what was asked for, so the ancestry of the order's target is taken instead.
    """
    reads = readings(view.nodes)
    conclusions = {node.key for node in view.nodes if node.kind in ("verdict", "size")}
    roots = {rule.key for rule in view.deciders}
    if not roots:
        roots = {node.key for node in view.nodes if node.run == "order" and node.name in _TARGETS}
    return ancestry(roots, reads) | conclusions


_TARGETS = frozenset({"target_weight_frac", "proposed_order_shares"})
