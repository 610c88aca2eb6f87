"""What a version in the shadow says of a session: its study's own features over the session's snapshot, and its score.

The plan is made of the research policy that the version was trained under, so that its features are those that it
knows, whatever the trading policy says. It has no rule, no size and no route: nothing can follow from it.
"""

from __future__ import annotations

from functools import lru_cache

from dataflows.engine.compile import compiled_dataflow
from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.graph import MODEL_FAMILY, MODEL_FEATURE_NAMES
from dataflows.engine.plan import Plan
from dataflows.models import MODEL_DIGEST
from dataflows.research.design import study_design
from dataflows.us_equities import SessionSnapshot
from policies.parse import ParsedPolicy, parsed_policy

SCORE = "model_score"
SYMBOLS = "symbols"
STAGES = ("market", "features", "models")
_RETURN = "total_return_frac"


@lru_cache(maxsize=16)
def shadow_plan(policy: bytes) -> Plan:
    """The plan by which versions of a research policy score sessions. Raises PolicyError or PlanError with every fault.

    Kept for the life of the process: every session asks for it.
    """
    design = study_design(parsed_policy(policy, "research policy"))
    told = {**design.nodes.policy.params, MODEL_FAMILY: design.family, MODEL_FEATURE_NAMES: design.features}
    asked = design.nodes.policy.model_copy(update={"params": told})
    # what the labels read is computed too, so that the policy has no parameter that nothing reads
    primary = (design.label.primary,) if design.label.primary else ()
    outputs = tuple(dict.fromkeys((SYMBOLS, MODEL_DIGEST, SCORE, _RETURN, design.label.volatility, *primary)))
    dataflow = Dataflow("us-equities-shadow", Kind.SESSION, STAGES, SessionSnapshot, outputs)
    return compiled_dataflow(ParsedPolicy(asked, design.nodes.marks, design.nodes.gaps), dataflow)
