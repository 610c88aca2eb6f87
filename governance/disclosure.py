"""What a salted trace tells when some values are masked: each under its commitment, or the commitment alone.

A salted trace commits to each value (`dataflows.engine.salts`), so a value can be withheld while the trace's digest,
and with it the log's proof, still holds. Masking goes by names: a value of the session run that filled a field of the
order's snapshot is masked with the field, and the other way round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, NamedTuple

from dataflows.engine import salts
from dataflows.engine.packing import Layout
from dataflows.engine.plan import NodeKind, Plan
from dataflows.engine.recorded import RecordedRun
from governance.told_values import Secrets, secrets
from nodes.vocabulary.errors import EdgeError


@dataclass(frozen=True)
class Masked:
    """What is withheld of a decision.

    Attributes:
        order: names of nodes of the order run.
        session: names of nodes of the session run.
        near: values that are shown and may tell a masked one: they read it, or are equal to it.
    """

    order: frozenset[str] = frozenset()
    session: frozenset[str] = frozenset()
    near: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted(self.order | self.session))


NOTHING = Masked()


class Disclosed(NamedTuple):
    """One value of a salted trace.

    Attributes:
        data: what its commitment hashes (`dataflows.engine.packing`), or the commitment when it is masked.
        is_masked: whether it is.
    """

    data: bytes
    is_masked: bool


def disclosed(run: RecordedRun, masked: Collection[str]) -> tuple[tuple[Disclosed, ...], ...]:
    """The values of each pass of a salted run, in plan order. Raises EdgeError for a trace without salts."""
    key, layout = run.trace.key, run.reading.layout
    if key is None:
        message = (
            f"trace {run.trace.digest.hex()[:12]} of {run.trace.header.origin} is hashed in one piece, so none of its "
            "values can be masked; only live and paper logs commit to each value"
        )
        raise EdgeError(message, reason="invalid")
    layouts = (layout, layout.sized)
    return tuple(_pass(key, layouts[at], part, at, masked) for at, part in enumerate(run.trace.packed))


def _pass(key: bytes, layout: Layout, packed: bytes, part: int, masked: Collection[str]) -> tuple[Disclosed, ...]:
    preimages = layout.preimages(packed, salts.salts(key, len(layout.nodes), part))
    pairs = zip(layout.nodes, preimages, strict=True)
    return tuple(
        Disclosed(sha256(each).digest(), is_masked=True) if node.name in masked else Disclosed(each, is_masked=False)
        for node, each in pairs
    )


def masked_values(
    wanted: Iterable[str],
    order: RecordedRun,
    session: RecordedRun | None,
    rows: Mapping[str, str],
    told: Collection[str],
) -> Masked:
    """What has to be withheld so that some names are.

    Args:
        wanted: names of nodes.
        order: the order run.
        session: the session run that it cites.
        rows: field of the order's snapshot to the node of the session run whose row fills it.
        told: what the decision's own entry says, or its names: the tree covers an entry whole.

    Raises:
        EdgeError: a name is unknown, is a number of the policy, or is said by the entry itself.
    """
    names = frozenset(wanted)
    if not names:
        return NOTHING
    sources = {field: rows.get(field, field) for field in _inputs(order.plan)}
    in_session = _computed(session.plan) if session is not None else frozenset()
    both = names | {source for field, source in sources.items() if field in names}
    both |= {field for field, source in sources.items() if source in both and source in in_session}
    _refuse(names, both, order.plan, in_session, told)
    masked = Masked(both & _computed(order.plan), both & in_session)
    hidden = _hidden(masked, order, session)
    near = set(_near(order, masked.order, hidden))
    if session is not None:
        near.update(_near(session, masked.session, hidden))
    near.update(_near_facts(told, order, hidden))
    return replace(masked, near=tuple(sorted(near - both)))


def says(facts: Mapping[str, Any], masked: Masked, order: RecordedRun, session: RecordedRun | None = None) -> bool:
    """Whether an entry's facts tell something that is masked: by its name, or by its value, however deep inside."""
    names = set(masked.names)
    return bool(names) and (_names(facts, names) or _hidden(masked, order, session).are_told_by(facts))


def _names(value: object, names: Collection[str]) -> bool:
    if isinstance(value, Mapping):
        return any(key in names or _names(inner, names) for key, inner in value.items())
    return isinstance(value, list | tuple) and any(_names(inner, names) for inner in value)


def _near_facts(told: Collection[str], order: RecordedRun, hidden: Secrets) -> list[str]:
    """What the decision's own entry says beside values of nodes, and what tells a masked one by that."""
    if not isinstance(told, Mapping):
        return []
    known = {node.name for node in order.plan.nodes}
    return [name for name, fact in told.items() if name not in known and hidden.are_told_by(fact)]


def _inputs(plan: Plan) -> tuple[str, ...]:
    return tuple(node.name for node in plan.nodes if node.kind is NodeKind.INPUT)


def _computed(plan: Plan) -> frozenset[str]:
    return frozenset(node.name for node in plan.computed)


def _refuse(
    names: Collection[str], both: Collection[str], plan: Plan, in_session: Collection[str], told: Collection[str]
) -> None:
    known = _computed(plan)
    for name in sorted(names):
        if name not in known and name not in in_session:
            is_policy = any(node.name == name for node in plan.nodes)
            why = "is a number of the policy, which the bundle holds" if is_policy else "is no node of this decision"
            raise EdgeError(f"{name[:60]!r} {why}; name nodes as its trace does", reason="invalid")
    said = sorted(set(both) & set(told))
    if said:
        message = (
            f"{', '.join(said)} cannot be masked: the decision's own entry says it, and the tree covers it whole; "
            "mask other names, or give the proof of the entry alone"
        )
        raise EdgeError(message, reason="invalid")


def _near(run: RecordedRun, masked: Collection[str], hidden: Secrets) -> list[str]:
    """Values that are shown and read a masked one, or tell one."""
    return [
        node.name
        for node in run.plan.computed
        if node.name not in masked
        and (
            not set(node.arguments).isdisjoint(masked)
            or hidden.are_told_by(run.values[node.name])
            or hidden.are_told_by(run.proposed[node.name])
        )
    ]


def _hidden(masked: Masked, order: RecordedRun, session: RecordedRun | None) -> Secrets:
    """What the masked values of both runs say."""
    runs = [(order, masked.order)] + ([] if session is None else [(session, masked.session)])
    return secrets(values[name] for run, names in runs for values in (run.values, run.proposed) for name in names)
