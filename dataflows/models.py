"""How a policy names a model, and what follows for a session run: which champion scores, and what the run computes.

A policy names a family (`model_family`) and the features that it hands over (`model_feature_names`); which version
scores is the registry's word. So a promotion or a rollback changes what a session run computes while its plan stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dataflows.engine.graph import MODEL_FAMILY, MODEL_FEATURES
from dataflows.engine.plan import NodeKind, Plan
from nodes.vocabulary.canonical import digest

MODEL = "model"
"""The field of a session's snapshot that holds the exported model."""
MODEL_DIGEST = "model_digest"


def scoring_family(plan: Plan) -> str | None:
    """The family whose champion scores in a session plan; None where no model does."""
    if MODEL not in plan.inputs:
        return None
    family = plan.params.get(MODEL_FAMILY)
    return None if family is None else str(family)


def session_computation(plan: Plan, champions: Mapping[str, bytes]) -> bytes:
    """Digest of what a session plan computes with some champions: of its nodes, and of the version that scores.

    Args:
        plan: of session runs.
        champions: digest of each family's champion.
    """
    family = scoring_family(plan)
    if family is None:
        return plan.computation_digest
    return digest("scored-computation", plan.computation_digest, champions.get(family, b""))


def feature_params(plan: Plan) -> dict[str, Any]:
    """The parameters that shape what a session plan hands to its model, by name."""
    nodes = {node.name: node for node in plan.nodes}
    found, waiting = dict[str, Any](), [MODEL_FEATURES]
    seen: set[str] = set()
    while waiting:
        node = nodes.get(waiting.pop())
        if node is None or node.name in seen:
            continue
        seen.add(node.name)
        waiting += node.arguments
        if node.kind is NodeKind.PARAMETER:
            found[node.name] = node.value
    return found
