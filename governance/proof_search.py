"""Looks for a witness by running: many values of one input, or of an input and the order's size, near recorded ones.

Runs cost tens of microseconds, so a few thousand of them are tried before a solver is asked. The values are multiples
of what was recorded, the ends of its bounds, and the limits of both policies with their neighbours, where decisions
turn. What is found is moved back towards what was recorded as far as it still shows the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from dataflows.engine.decision import Decision
from dataflows.engine.plan import CONSTANT_KINDS, PROPOSED_SIZE, Plan
from governance.input_bounds import Bound
from governance.proof_witness import Base, Judge, Witness, shown
from nodes.vocabulary.absent import Absent

_MULTIPLES = (0.01, 0.1, 0.3, 0.5, 0.8, 0.95, 1.05, 1.25, 1.5, 2.0, 3.0, 10.0, 100.0)
_WHOLE = (1, 2, 5, 10, 30, 100, 300, 1_000, 3_000, 4_500, 10_000, 30_000)
_HALVINGS = 48
_ORDERS = (100, 1_000, 3_000, 10_000)
_QUANTA: Mapping[str, Any] = {"Usd": Decimal("0.01"), "UsdPerShare": Decimal("0.0001")}

Shows = Callable[[Decision, Decision], bool]


def searched(
    judge: Judge,
    bases: Sequence[Base],
    where: tuple[Sequence[str], Mapping[str, Bound]],
    shows: Shows,
    n_runs: int,
) -> Witness | None:
    """The first witness that running finds; None when none does.

    Args:
        judge: runs both plans.
        bases: what was recorded.
        where: inputs that may change, the likeliest first, and what they can be.
        shows: whether two decisions are what is looked for.
        n_runs: how many inputs are tried of each decision.
    """
    for base in bases:
        for changed in islice(_changes(judge, base, *where), n_runs):
            inputs = {**base.inputs, **changed}
            if shows(*judge.likely(inputs)) and shows(*judge.decisions(inputs)):
                return moved_back(judge, base, changed, shows)
    return None


def _changes(judge: Judge, base: Base, names: Sequence[str], bounds: Mapping[str, Bound]) -> Iterator[dict[str, Any]]:
    """Changes to try: one input, then the order's size and one other, the likeliest inputs first."""
    values = {name: tuple(_values(judge, name, base.inputs.get(name), bounds.get(name))) for name in names}
    yield {}
    for name in names:
        yield from ({name: value} for value in values[name])
    sizes = tuple(_sizes(base.inputs.get(PROPOSED_SIZE)))
    for name in names:
        if name != PROPOSED_SIZE:
            yield from ({PROPOSED_SIZE: size, name: value} for value in values[name] for size in sizes)


def _values(judge: Judge, name: str, recorded: Any, bound: Bound | None) -> Iterator[Any]:  # noqa: ANN401
    unit = judge.units[name]
    if unit.base is bool:
        yield not recorded
        return
    if unit.base not in (int, float, Decimal) or recorded is None or isinstance(recorded, Absent):
        return
    ends: tuple[Any, ...] = () if bound is None or bound.source != "contract" else (bound.low, bound.high)
    for value in dict.fromkeys((*_limits(judge.plans, unit.name), *_multiples(recorded, unit.base), *ends)):
        is_size_of_nothing = name == PROPOSED_SIZE and not value
        is_other = value is not None and value != recorded and not is_size_of_nothing
        if is_other and (bound is None or bound.holds(value)):
            yield value


def _sizes(recorded: Any) -> Iterator[int]:  # noqa: ANN401
    if isinstance(recorded, int) and recorded:
        yield from dict.fromkeys(
            sign * whole for whole in (abs(recorded), *_ORDERS) for sign in (1, -1) if sign * whole != recorded
        )


def _multiples(recorded: Any, base: type) -> Iterator[Any]:  # noqa: ANN401
    if base is int:
        yield from (-recorded, *(sign * whole for whole in _WHOLE for sign in (1, -1)))
    for factor in _MULTIPLES:
        if base is Decimal:
            yield (recorded * Decimal(str(factor))).quantize(Decimal("0.01"))
        else:
            yield math.floor(recorded * factor) if base is int else recorded * factor


def _limits(plans: Iterable[Plan], unit: str) -> Iterator[Any]:
    """The limits of a unit and their neighbours: where decisions turn."""
    for plan in plans:
        for node in plan.nodes:
            if node.kind in CONSTANT_KINDS and node.unit.name == unit and not isinstance(node.value, str | bool):
                yield from _neighbours(node.value, unit)


def _neighbours(value: Any, unit: str) -> tuple[Any, ...]:  # noqa: ANN401
    if isinstance(value, float):
        return value, math.nextafter(value, math.inf), math.nextafter(value, -math.inf), -value
    if isinstance(value, int):
        return value, value + 1, value - 1, -value
    step = _QUANTA.get(unit, Decimal("0.01"))
    return value, value + step, value - step


def moved_back(judge: Judge, base: Base, changed: Mapping[str, Any], shows: Shows) -> Witness:
    """The witness moved back towards what was recorded, input by input, as far as it still shows the same."""
    found = dict(changed)
    for name in changed:
        recorded: Any = base.inputs.get(name)
        if type(recorded) in (int, float, Decimal) and (found[name] > 0) == (recorded > 0):
            shown_at = _showing(judge, {**base.inputs, **found}, name, shows)
            found[name] = _halved(recorded, found[name], judge.units[name].name, shown_at)
    inputs = {name: _plain({**base.inputs, **found}.get(name)) for name in judge.units}
    return shown(inputs, judge, base)


def _halved(recorded: Any, reached: Any, unit: str, shows_at: Callable[[Any], bool]) -> Any:  # noqa: ANN401
    """The value nearest to what was recorded that halving finds to show the same."""
    low, high = recorded, reached
    for _ in range(_HALVINGS):
        middle = between(low, high, unit)
        if middle in (low, high):
            break
        low, high = (low, middle) if shows_at(middle) else (middle, high)
    return high


def between(low: Any, high: Any, unit: str) -> Any:  # noqa: ANN401
    """The middle of two numbers, to what their unit is counted in."""
    if isinstance(low, int):
        return (low + high) // 2
    middle = (low + high) / 2
    return middle.quantize(_QUANTA.get(unit, Decimal("0.01"))) if isinstance(middle, Decimal) else middle


def _showing(judge: Judge, inputs: Mapping[str, Any], name: str, shows: Shows) -> Callable[[Any], bool]:
    return lambda value: shows(*judge.decisions({**inputs, name: value}))


def _plain(value: Any) -> Any:  # noqa: ANN401
    return None if isinstance(value, Absent) else value
