"""What a study rests on, as digests: the samples that it learnt from, and the code that made and judged them."""

from __future__ import annotations

from functools import cache

from dataflows.engine.code_digest import code_digest
from dataflows.engine.plan import Plan
from dataflows.research.design import study_design
from dataflows.research.evidence import study_evidence
from dataflows.research.fitting import fit_result, study_data
from dataflows.research.outcome import study_outcome
from dataflows.research.sampling import SampleTable, sample_table
from dataflows.research.study import done_fits
from nodes.vocabulary.canonical import digest, encode

_FOLLOWED = frozenset({"nodes", "policies", "dataflows"})
"""Packages whose sources are part of the identity; of libraries it is their version."""
_STEPS = (study_design, sample_table, study_data, fit_result, done_fits, study_outcome, study_evidence)


def samples_digest(table: SampleTable) -> bytes:
    """The identity of samples and of the market that they are valued in."""
    samples, market = table.samples, table.market
    content = {
        "keys": samples.keys,
        "features": samples.features,
        "names": samples.names,
        "target": samples.target,
        "starts": samples.spans.starts,
        "ends": samples.spans.ends,
        "weights": samples.weights,
        "sessions": market.sessions,
        "symbols": market.symbols,
        "returns": market.returns,
    }
    return digest("samples", encode(content))


def study_code_digest(plan: Plan) -> bytes:
    """The identity of the code of a study: its steps, and the nodes of its features."""
    nodes = {node.name: node.code_digest for node in plan.nodes if node.code_digest}
    return digest("study-code", _steps_digest(), encode(nodes))


@cache
def _steps_digest() -> bytes:
    return digest("study-steps", *(code_digest(step, _FOLLOWED) for step in _STEPS))
