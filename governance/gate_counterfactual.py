"""Counterfactuals of gates: the smallest change of one input after which a gate would say otherwise.

As `governance.counterfactual` does it for orders: one field of the snapshot changes, the whole gate runs again, and the
pair of neighbours, one that does not turn it and one that does, is exact. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from dataflows.engine.run import GateRun, Runner
from governance.counterfactual import axis, nearest

Turned = Callable[[GateRun], bool]


@dataclass(frozen=True)
class GateChange:
    """The smallest change of one input that turns what a gate says.

    Attributes:
        input: the field of the snapshot.
        unit: its unit.
        recorded: what it was.
        needed: the nearest value that turns it.
        fails_at: the value next to it that does not.
        verdict: what the gate then says.
        action: what would then be done.
    """

    input: str
    unit: str
    recorded: Any
    needed: Any
    fails_at: Any
    verdict: str
    action: str


def gate_changes(
    runner: Runner, known: Mapping[str, Any], as_of: datetime, names: Iterable[str], turned: Turned
) -> tuple[GateChange, ...]:
    """The changes that turn a gate, one for each input that can do it alone, the least of its own size first.

    Args:
        runner: runs the gate.
        known: value of each field of its snapshot; what is None cannot be changed.
        as_of: the instant that it is asked at.
        names: the fields that may change.
        turned: whether a run says what is wanted.
    """
    found = [change for name in names if (change := _change(runner, known, as_of, (name, turned)))]
    return tuple(sorted(found, key=lambda change: (_size(change), change.input)))


def _change(runner: Runner, known: Mapping[str, Any], as_of: datetime, wanted: tuple[str, Turned]) -> GateChange | None:
    name, turned = wanted
    along = axis(runner.plan, name, known.get(name))
    if along is None:
        return None

    def run(value: Any) -> GateRun:  # noqa: ANN401  # of the input's type
        return runner.gate(SimpleNamespace(**{**known, name: value}), as_of)

    pairs = [pair for way in (1, -1) if (pair := nearest(along, way, lambda value: turned(run(value))))]
    if not pairs:
        return None
    fails_at, needed = min(pairs, key=lambda pair: abs(float(pair[1]) - float(along.recorded)))
    then = run(needed)
    return GateChange(
        name, along.node.unit.name, along.recorded, needed, fails_at, then.verdict.label, then.action.value
    )


def _size(change: GateChange) -> float:
    """How large a change is, of what was recorded."""
    recorded = float(change.recorded)
    return abs(float(change.needed) - recorded) / max(abs(recorded), 1e-9)
