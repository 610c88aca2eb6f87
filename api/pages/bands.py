"""The stages of a decision as a reader meets them: their order, their titles, what each contributed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.views.decision import POLICY_KINDS, DecisionView, NodeView
from api.views.lineage import ancestry, deciding_roots, readings, steps_to

TITLES: Mapping[str, str] = {
    "data": "Market data",
    "features": "Features",
    "labels": "Labels",
    "models": "Models",
    "signals": "Signal",
    "portfolio": "Portfolio",
    "order": "Order and account",
    "policy": "Policy numbers",
    "guardrails": "Guardrails",
    "rules": "Rules",
    "verdict": "Decision",
    "routing": "Route",
    "execution": "Expected cost",
    "journal": "Journal",
}
BANDS = tuple(TITLES)
_MAX_OUTLETS = 3


@dataclass(frozen=True)
class Station:
    """One stage on the way to the decision.

    Attributes:
        band: its key.
        title: its name for people.
        n_nodes: how many nodes it has.
        n_absent: how many of them have no value.
        outlets: the nodes nearest to what decided, or its last when none of them fed it.
    """

    band: str
    title: str
    n_nodes: int
    n_absent: int
    outlets: tuple[NodeView, ...]


def title(band: str) -> str:
    """A stage's name for people; a stage of somebody's own package is named as he named it."""
    return TITLES.get(band, band.replace("_", " ").capitalize())


def bands_of(nodes: Sequence[NodeView]) -> tuple[str, ...]:
    """The stages in use, from data to route; unknown stages stand before the rules."""
    used = dict.fromkeys(node.band for node in nodes)
    own = [band for band in used if band not in TITLES]
    order = [*BANDS[: BANDS.index("rules")], *own, *BANDS[BANDS.index("rules") :]]
    return tuple(band for band in order if band in used)


def drawing_bands(nodes: Sequence[NodeView]) -> dict[str, str]:
    """The stage that each node is drawn in: its own, but what a rule reads is drawn before the rules.

    A limit price is the router's, yet the price collar judges it: it is drawn with what feeds the rules.
    """
    judged = ancestry((node.key for node in nodes if node.kind == "rule"), readings(nodes))
    return {node.key: "guardrails" if node.band in _AFTER_RULES and node.key in judged else node.band for node in nodes}


_AFTER_RULES = frozenset(BANDS[BANDS.index("rules") + 1 :])


def stations(view: DecisionView) -> tuple[Station, ...]:
    """The stages of a decision with what each handed on."""
    nodes = [node for node in view.nodes if node.kind not in POLICY_KINDS]
    steps = steps_to(deciding_roots(view), readings(nodes))
    return tuple(_station(band, nodes, steps) for band in bands_of(nodes))


def _station(band: str, nodes: Sequence[NodeView], steps: Mapping[str, int]) -> Station:
    members = [node for node in nodes if node.band == band]
    nearest = sorted((node for node in members if node.key in steps), key=lambda node: steps[node.key])
    outlets = nearest or members[-_MAX_OUTLETS:]
    n_absent = sum(node.value.is_absent for node in members)
    return Station(band, title(band), len(members), n_absent, tuple(outlets[:_MAX_OUTLETS]))
