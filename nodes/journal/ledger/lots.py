"""Lots: how cost is spread over units, and which lots a closing takes, without losing a digit.

A cost that does not divide evenly by its units becomes two parts whose unit costs are one step apart, so that parts
always add up to the whole: 1,000.00 over 30 units is 20 at 33.333333 and 10 at 33.333334. Nothing is ever rounded away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Any, NamedTuple

from nodes.vocabulary.errors import DataError
from nodes.vocabulary.journal import Lot, LotCost, LotMethod

_ZERO, _UNIT = Decimal(0), Decimal(1)
_STEP_PLACES = 6
_MILLIONTH = Decimal("0.000001")
AVERAGE_LOT = "average"
"""The name of the lot that closings at average cost leave."""


class Relief(NamedTuple):
    """What a closing does to lots.

    Attributes:
        changes: units taken from lots (against their sign) and, at average cost, put back at another; no cost twice.
        left: the lots after it.
        cost: what the closed units cost; negative when they were short.
    """

    changes: tuple[Lot, ...]
    left: tuple[Lot, ...]
    cost: Decimal


def units_of(lots: Iterable[Lot]) -> Decimal:
    """Units of lots together."""
    return sum((lot.quantity for lot in lots), _ZERO)


def cost_of(lots: Iterable[Lot]) -> Decimal:
    """Cost of lots together."""
    return sum((lot.total_cost for lot in lots), _ZERO)


def apportioned(quantity: Decimal, total_cost: Decimal) -> tuple[tuple[Decimal, Decimal], ...]:
    """Parts of a quantity with their unit costs: at most two, whose costs add up to the total exactly.

    Raises DataError for no quantity, over which no cost can be spread.
    """
    if not quantity:
        message = f"{total_cost} cannot be spread over no units; state how many there are"
        raise DataError(message)
    unit_places = _places(quantity)
    cost_places = max(_STEP_PLACES, _places(total_cost) - unit_places)
    sign = 1 if quantity > 0 else -1
    n_units = int(abs(quantity).scaleb(unit_places))
    steps, more = divmod(int((sign * total_cost).scaleb(unit_places + cost_places)), n_units)
    parts = ((n_units - more, steps), (more, steps + 1))
    return tuple(
        (sign * Decimal(units).scaleb(-unit_places), plain(Decimal(cost).scaleb(-cost_places)))
        for units, cost in parts
        if units
    )


def spread(whole: Decimal, weights: Sequence[Decimal], step: Decimal) -> tuple[Decimal, ...]:
    """A whole in parts proportional to weights, each a multiple of a step but the last, adding up to it exactly."""
    total, seen, given = sum(weights, _ZERO), _ZERO, _ZERO
    parts = []
    for place, weight in enumerate(weights):
        seen += weight
        is_last = place == len(weights) - 1
        upto = whole if is_last else (whole * seen / total / step).quantize(_UNIT, ROUND_FLOOR) * step
        parts.append(upto - given)
        given = upto
    return tuple(parts)


def with_cost(lot: Lot, quantity: Decimal, total_cost: Decimal, symbol: str | None = None) -> tuple[Lot, ...]:
    """The lots that a lot becomes with other units at another cost together; it keeps its name and age."""
    return tuple(
        Lot(lot.symbol if symbol is None else symbol, units, replace(lot.cost, unit_cost=unit_cost))
        for units, unit_cost in apportioned(quantity, total_cost)
    )


def scaled(lots: Sequence[Lot], quantity: Decimal, costs: Sequence[Decimal], symbol: str) -> tuple[Lot, ...]:
    """Lots of another total of units in the same proportions, each with a cost; broken units go to later lots.

    A lot that is left without a unit hands its cost to the next, the last ones to the one before.
    """
    units = spread(quantity, [lot.quantity for lot in lots], _UNIT.scaleb(-_places(quantity)))
    found: list[Lot] = []
    carried = _ZERO
    for lot, count, cost in zip(lots, units, costs, strict=True):
        carried += cost
        if count:
            found += with_cost(lot, count, carried, symbol)
            carried = _ZERO
    if carried:
        last = [lot for lot in found if lot.cost.lot == found[-1].cost.lot]
        found = [*found[: -len(last)], *with_cost(last[-1], units_of(last), cost_of(last) + carried)]
    return tuple(found)


def relieved(lots: Sequence[Lot], quantity: Decimal, method: LotMethod, named: Sequence[str] = ()) -> Relief:
    """Lots after some units were closed.

    Args:
        lots: of one symbol and one sign.
        quantity: units closed, with the sign of the lots; at most as many as they hold.
        method: which lots go first.
        named: names of the lots that SPECIFIC takes, in this order; without any it takes the oldest.

    Raises:
        DataError: there are not so many units, or not in the lots that are named.
    """
    held = units_of(lots)
    if abs(quantity) > abs(held) or quantity * held <= 0:
        message = f"{quantity} units cannot be closed of {held}; close at most what is held, of the same sign"
        raise DataError(message)
    if quantity == held:
        return Relief(_opposite(lots), (), cost_of(lots))
    if method is LotMethod.AVERAGE:
        return _at_average(lots, quantity)
    return _in_turn(lots, _turn(lots, method, named), quantity)


def _at_average(lots: Sequence[Lot], quantity: Decimal) -> Relief:
    held, cost = units_of(lots), cost_of(lots)
    relief = (cost * quantity / held).quantize(_MILLIONTH, ROUND_HALF_EVEN)
    oldest = min(lots, key=_age)
    merged = Lot(oldest.symbol, held, replace(oldest.cost, lot=AVERAGE_LOT))
    left = with_cost(merged, held - quantity, cost - relief)
    return Relief(_netted((*_opposite(lots), *left)), left, relief)


def _in_turn(lots: Sequence[Lot], turn: Sequence[int], quantity: Decimal) -> Relief:
    wanted, taken = quantity, {}
    for place in turn:
        if not wanted:
            break
        units = lots[place].quantity if abs(lots[place].quantity) <= abs(wanted) else wanted
        taken[place] = units
        wanted -= units
    if wanted:
        message = (
            f"the lots that are named hold {quantity - wanted} units of the {quantity} to close; name more of them"
        )
        raise DataError(message)
    gone = tuple(replace(lots[place], quantity=units) for place, units in taken.items())
    left = tuple(
        lot if place not in taken else replace(lot, quantity=lot.quantity - taken[place])
        for place, lot in enumerate(lots)
        if taken.get(place) != lot.quantity
    )
    return Relief(_opposite(gone), left, cost_of(gone))


def _turn(lots: Sequence[Lot], method: LotMethod, named: Sequence[str]) -> Sequence[int]:
    """The places of lots in the order in which they are closed."""
    places = range(len(lots))
    if method is LotMethod.SPECIFIC and named:
        return [place for name in named for place in places if lots[place].cost.lot == name]
    sign = 1 if lots[0].quantity > 0 else -1
    orders: dict[LotMethod, Callable[[int], Any]] = {
        LotMethod.FIFO: lambda place: (_age(lots[place]), place),
        LotMethod.SPECIFIC: lambda place: (_age(lots[place]), place),
        LotMethod.LIFO: lambda place: (_age(lots[place]), place),
        LotMethod.HIFO: lambda place: (-sign * lots[place].cost.unit_cost, _age(lots[place]), place),
    }
    return sorted(places, key=orders[method], reverse=method is LotMethod.LIFO)


def _age(lot: Lot) -> Any:  # noqa: ANN401  # what instants are ordered by
    return lot.cost.acquired_at


def _opposite(lots: Iterable[Lot]) -> tuple[Lot, ...]:
    return tuple(replace(lot, quantity=-lot.quantity) for lot in lots)


def _netted(lots: Iterable[Lot]) -> tuple[Lot, ...]:
    """Lots of one symbol with those of one cost as one, those of none left out."""
    units: dict[LotCost, Decimal] = {}
    symbol = ""
    for lot in lots:
        symbol = lot.symbol
        units[lot.cost] = units.get(lot.cost, _ZERO) + lot.quantity
    return tuple(Lot(symbol, quantity, cost) for cost, quantity in units.items() if quantity)


def plain(amount: Decimal) -> Decimal:
    """An amount without the zeros at its end."""
    found = amount.normalize()
    return found if found == 0 or _places(found) else found.quantize(_UNIT)


def _places(amount: Decimal) -> int:
    """Decimal places that an amount needs."""
    exponent = amount.normalize().as_tuple().exponent
    if not isinstance(exponent, int):
        message = f"{amount} is no amount; state a finite one"
        raise DataError(message)
    return max(0, -exponent)
