"""The books in the form of a statement: grouped as it groups trades, fees apart where it has them so, and rounded.

A broker that tells one line a day and symbol, or posts the fees of a day as one sum, states the same facts in another
form. Both sides are brought to one form before anything is compared, so that form alone never is a break.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from nodes.vocabulary.statements import TRADES, ZERO, Form, Grouping, Movement, MovementKind

_Key: TypeAlias = tuple[object, ...]


def in_form(movements: Sequence[Movement], form: Form) -> tuple[Movement, ...]:
    """Movements of either side as a statement of a form would tell them, before it rounds."""
    apart = fees_apart(movements) if form.fees_are_apart else tuple(movements)
    return grouped(apart, form.grouping)


def rounded(movement: Movement, form: Form) -> Movement:
    """A movement as a statement of a form prints it: halves away from zero, as brokers do."""
    return replace(
        movement,
        price=_to(movement.price, form.price_decimals),
        fee=_to(movement.fee, form.amount_decimals),
        amount=_to(movement.amount, form.amount_decimals),
    )


def grouped(movements: Sequence[Movement], grouping: Grouping) -> tuple[Movement, ...]:
    """Trades of one order or one day as one, at their average price; everything else as it is."""
    if grouping is Grouping.EXECUTION:
        return tuple(movements)
    groups: dict[_Key, list[Movement]] = {}
    for place, movement in enumerate(movements):
        groups.setdefault(_group(movement, grouping) or (place,), []).append(movement)
    return tuple(_joined(group) for group in groups.values())


def _group(movement: Movement, grouping: Grouping) -> _Key | None:
    """What the lines of one group share; None for a movement that stands alone."""
    if movement.kind is not MovementKind.TRADE or movement.quantity is None:
        return None
    if grouping is Grouping.ORDER and not movement.order:
        return None
    order = movement.order if grouping is Grouping.ORDER else ""
    return (movement.symbol, movement.on, movement.currency, movement.quantity > 0, order)


def _joined(group: Sequence[Movement]) -> Movement:
    """The trades of a group as one."""
    first = group[0]
    if len(group) == 1:
        return first
    quantity = sum([each.quantity or ZERO for each in group], ZERO)
    values = [None if each.price is None else each.price * (each.quantity or ZERO) for each in group]
    value = _total(values)
    return replace(
        first,
        quantity=quantity,
        price=None if value is None or not quantity else value / quantity,
        fee=_total(each.fee for each in group),
        amount=_total(each.cash for each in group),
        reference="",
        place=" ".join(each.place for each in group),
    )


def fees_apart(movements: Sequence[Movement]) -> tuple[Movement, ...]:
    """Trades without their fees; all fees of a day and currency as one movement."""
    fees: dict[tuple[date, str], list[Movement]] = {}
    others = []
    for movement in movements:
        day = fees.setdefault((movement.on, movement.currency), [])
        if movement.kind is MovementKind.FEE:
            day.append(movement)
            continue
        if movement.kind in TRADES and movement.fee:
            day.append(_fee_of(movement))
        others.append(_bare(movement))
    summed = (_fees_joined(group) for _, group in sorted(fees.items()) if group)
    return (*others, *(fee for fee in summed if fee.amount != 0))


def _fee_of(trade: Movement) -> Movement:
    amount = None if trade.fee is None else -trade.fee
    return Movement(MovementKind.FEE, trade.on, amount=amount, currency=trade.currency, place=trade.place)


def _bare(movement: Movement) -> Movement:
    """A trade that says nothing of fees; anything else as it is."""
    if movement.kind not in TRADES or movement.fee is None:
        return movement
    amount = None if movement.amount is None else movement.amount + movement.fee
    return replace(movement, fee=None, amount=amount)


def _fees_joined(group: Sequence[Movement]) -> Movement:
    if len(group) == 1:
        return group[0]
    return replace(
        group[0],
        amount=_total(each.amount for each in group),
        reference="",
        place=" ".join(each.place for each in group),
    )


def _total(values: Iterable[Decimal | None]) -> Decimal | None:
    """Their sum; None where one is not told: a sum of the others would say too much."""
    told = list(values)
    known = [value for value in told if value is not None]
    return sum(known, ZERO) if len(known) == len(told) else None


def _to(value: Decimal | None, decimals: int | None) -> Decimal | None:
    if value is None or decimals is None:
        return value
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
