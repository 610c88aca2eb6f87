"""The stages of a decision as a reader meets them: their order, their titles, what each contributed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.views.decision import POLICY_KINDS, DecisionView, NodeView

TITLES: Mapping[str, str] = {
    "data": "Market data",
    "market": "Market",
    "features": "Features",
    "labels": "Labels",
    "models": "Models",
    "signals": "Signal",
    "portfolio": "Portfolio",
    "order": "Order and account",
    "policy": "Policy numbers",
    "execution": "Execution",
    "guardrails": "Guardrails",
    "rules": "Rules",
    "size": "Size",
    "verdict": "Verdict",
    "routing": "Route",
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
        outlets: the nodes that later stages read, those on the deciding path first.
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


def stations(view: DecisionView, deciding: frozenset[str]) -> tuple[Station, ...]:
    """The stages of a decision with what each handed on."""
    nodes = [node for node in view.nodes if node.kind not in POLICY_KINDS]
    band_of = {node.key: node.band for node in nodes}
    handed_on = {key for node in nodes for key in node.reads if band_of.get(key, node.band) != node.band}
    return tuple(_station(band, nodes, handed_on, deciding) for band in bands_of(nodes))


def _station(band: str, nodes: Sequence[NodeView], handed_on: set[str], deciding: frozenset[str]) -> Station:
    members = [node for node in nodes if node.band == band]
    outlets = [node for node in members if node.key in handed_on] or members[-1:]
    outlets.sort(key=lambda node: node.key not in deciding)
    n_absent = sum(node.value.is_absent for node in members)
    return Station(band, title(band), len(members), n_absent, tuple(outlets[:_MAX_OUTLETS]))
