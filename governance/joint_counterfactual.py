"""The smallest change of several inputs at once after which a recorded order run would say otherwise.

Changes of unlike inputs are made comparable by scale: the width of an input's contract, or its own size where it has
none. Sets of inputs are moved together along rays from the recorded values, the nearest point that passes is kept, and
then each of its inputs is moved back towards what was recorded as far as the run still passes. So the answer passes,
and none of its parts can be taken one step back by itself; that no other point is nearer is searched for, not proved.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product
from typing import Any

from dataflows.engine.decision import Decision
from governance.input_bounds import Bound

MAX_INPUTS = 3
MAX_NAMES = 7
"""Inputs that are moved together, and inputs of which sets are made."""
_GROWTH, _FIRST, _LAST = 1.4, 1e-4, 4.0
_HALVINGS = 30
_STEPS = 2_100
"""Halvings between neighbouring doubles at most."""
_SHARES: Mapping[int, tuple[tuple[float, ...], ...]] = {
    2: ((1.0, 1.0), (3.0, 1.0), (1.0, 3.0), (10.0, 1.0), (1.0, 10.0)),
    3: ((1.0, 1.0, 1.0), (3.0, 1.0, 1.0), (1.0, 3.0, 1.0), (1.0, 1.0, 3.0)),
}
Passes = Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True)
class Direction:
    """An input that may be moved.

    Attributes:
        name: the field of the snapshot.
        unit: its unit.
        recorded: its recorded value: a whole number, a decimal or a double.
        step: one step of it, for whole numbers and decimals.
        bound: what it can be; None where nothing is known.
        keeps_sign: whether it stays on its side of nothing.
    """

    name: str
    unit: str
    recorded: Any
    step: Any
    bound: Bound | None
    keeps_sign: bool

    @property
    def scale(self) -> float:
        """What counts as one whole change of it."""
        width = None if self.bound is None else self.bound.width
        return width or max(abs(float(self.recorded)), float(self.step) if self.step else 1.0)

    def at(self, distance: float) -> Any:  # noqa: ANN401  # of the input's type
        """The value so many scales away; None where it cannot be."""
        moved = distance * self.scale
        if not math.isfinite(moved):
            return None
        if isinstance(self.recorded, float):
            value: Any = self.recorded + moved
        else:
            steps = round(moved / float(self.step))
            value = self.recorded + steps * self.step
        return value if self.allows(value) else None

    def allows(self, value: Any) -> bool:  # noqa: ANN401
        """Whether it can be so."""
        if self.keeps_sign and (value == 0 or (value > 0) != (self.recorded > 0)):
            return False
        return self.bound is None or self.bound.holds(value)

    def between(self, low: Any, high: Any) -> Any:  # noqa: ANN401
        """A value half way; one of the two where they are neighbours."""
        if isinstance(low, float):
            return low + (high - low) / 2
        return low + int((high - low) / self.step) // 2 * self.step


@dataclass(frozen=True)
class JointPart:
    """What one input has to become.

    Attributes:
        input: the field of the snapshot.
        unit: its unit.
        recorded: its recorded value.
        needed: what it has to become, the others being changed as well.
        fails_at: the value next to it, towards what was recorded, at which that is not enough.
        range_frac: the change as a part of the input's scale.
    """

    input: str
    unit: str
    recorded: Any
    needed: Any
    fails_at: Any
    range_frac: float


@dataclass(frozen=True)
class JointChange:
    """The smallest change of several inputs together that was found.

    Attributes:
        parts: of each input that changes, the largest part of its scale first.
        distance: root of the sum of squares of the parts of their scales.
        verdict: what the order would then come to.
        action: what would be done with it.
        order_shares: how many shares could be sent.
    """

    parts: tuple[JointPart, ...]
    distance: float
    verdict: str
    action: str
    order_shares: int


def joint_change(
    directions: Sequence[Direction],
    n_inputs: int,
    decision: Callable[[Mapping[str, Any]], Decision],
    wanted: Callable[[Decision], bool],
) -> JointChange | None:
    """The smallest change of at most so many inputs that brings about what is wanted; None when none is found.

    Args:
        directions: inputs that may be moved, the likeliest first.
        n_inputs: how many may be moved together.
        decision: what a run says with some inputs changed.
        wanted: whether that is what is asked for.
    """

    def passes(changed: Mapping[str, Any]) -> bool:
        return wanted(decision(changed))

    best: tuple[float, tuple[JointPart, ...]] | None = None
    for chosen in _sets(directions[:MAX_NAMES], min(n_inputs, MAX_INPUTS)):
        for ray in _rays(len(chosen)):
            point = _nearest(chosen, ray, passes, math.inf if best is None else best[0] * 2)
            if point is None:
                continue
            parts = _tightened(chosen, point, passes)
            distance = math.hypot(*(part.range_frac for part in parts))
            if best is None or distance < best[0]:
                best = distance, parts
    if best is None:
        return None
    then = decision({part.input: part.needed for part in best[1]})
    parts = tuple(sorted(best[1], key=lambda part: (-part.range_frac, part.input)))
    return JointChange(parts, best[0], then.verdict.label, then.action.value, then.order_shares)


def _sets(directions: Sequence[Direction], n_inputs: int) -> Iterator[tuple[Direction, ...]]:
    for size in range(1, n_inputs + 1):
        yield from combinations(directions, size)


def _rays(size: int) -> Iterator[tuple[float, ...]]:
    """Directions of length 1, to both sides of every input."""
    for shares in _SHARES.get(size, ((1.0,) * size,)):
        length = math.hypot(*shares)
        for signs in product((1.0, -1.0), repeat=size):
            yield tuple(sign * share / length for sign, share in zip(signs, shares, strict=True))


def _nearest(chosen: Sequence[Direction], ray: Sequence[float], passes: Passes, most: float) -> dict[str, Any] | None:
    """The nearest point of a ray that passes, within a distance; None when none of those that are tried does."""
    low, high, found = 0.0, _FIRST, None
    while high <= min(_LAST, most):
        point = _point(chosen, ray, high)
        if point is None:
            return None
        if passes(point):
            found = point
            break
        low, high = high, high * _GROWTH
    if found is None:
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        point = _point(chosen, ray, middle)
        if point is not None and passes(point):
            high, found = middle, point
        else:
            low = middle
    return found


def _point(chosen: Sequence[Direction], ray: Sequence[float], distance: float) -> dict[str, Any] | None:
    found = {each.name: each.at(part * distance) for each, part in zip(chosen, ray, strict=True)}
    return None if None in found.values() else found


def _tightened(chosen: Sequence[Direction], point: Mapping[str, Any], passes: Passes) -> tuple[JointPart, ...]:
    """The parts of a point, each moved back towards what was recorded as far as the run still passes."""
    found, parts = dict(point), {}
    for each in chosen:
        if passes({name: value for name, value in found.items() if name != each.name}):
            del found[each.name]
    for each in chosen:
        if each.name in found:
            found[each.name], _ = _halved(each, found, passes)
    for each in chosen:
        if each.name in found:
            found[each.name], fails_at = _halved(each, found, passes)
            away = abs(float(found[each.name] - each.recorded)) / each.scale
            parts[each.name] = JointPart(each.name, each.unit, each.recorded, found[each.name], fails_at, away)
    return tuple(parts.values())


def _halved(each: Direction, found: Mapping[str, Any], passes: Passes) -> tuple[Any, Any]:
    """The neighbours between what was recorded and a value that passes: the nearer fails, the other passes."""
    low, high = each.recorded, found[each.name]
    for _ in range(_STEPS):
        middle = each.between(low, high)
        if middle in (low, high):
            break
        low, high = (low, middle) if passes({**found, each.name: middle}) else (middle, high)
    return high, low


def direction(name: str, unit: str, recorded: Any, step: Any, bound: Bound | None) -> Direction | None:  # noqa: ANN401
    """An input as a direction; None for one that is no number or is outside of its own bound."""
    if isinstance(recorded, bool) or not isinstance(recorded, int | float | Decimal):
        return None
    if isinstance(recorded, float) and not math.isfinite(recorded):
        return None
    if bound is not None and not bound.holds(recorded):
        bound = None
    keeps = recorded != 0 and (bound is None or bound.low is None or bound.low < 0) and name.endswith("order_shares")
    return Direction(name, unit, recorded, None if isinstance(recorded, float) else step, bound, keeps)
