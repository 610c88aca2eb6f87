"""What a dataflow is before it is compiled: a name, its stages, its snapshot and its outputs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a run of a dataflow is over."""

    SESSION = "session"
    ORDER = "order"
    GATE = "gate"


@dataclass(frozen=True)
class Dataflow:
    """A named DAG, not yet joined with a policy.

    Attributes:
        name: e.g. "us-equities-session".
        kind: over panels (a session run), over the scalars of one proposed order (an order run), or over the scalars of
            something else that rules judge (a gate): it has a verdict and no size.
        stages: stages whose node modules take part; every installed entry point `<stage>.<family>` of
            the group "assay.nodes" is one module.
        snapshot: a frozen dataclass; every field is an input node of that name and unit.
        outputs: nodes that must be computed; what they do not need is left out of the plan.
        choices: parameters that are one word of a few, each with those words.
    """

    name: str
    kind: Kind
    stages: tuple[str, ...]
    snapshot: type
    outputs: tuple[str, ...]
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Strategy:
    """The pair of dataflows that one policy governs: targets for a session, then each of its orders."""

    name: str
    session: Dataflow
    order: Dataflow
