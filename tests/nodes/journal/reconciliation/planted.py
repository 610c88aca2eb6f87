"""Books of a made-up account, the statement that a flawless broker would send of them, and breaks planted in it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from nodes.vocabulary.statements import Cause, Movement, MovementKind, Statement

SINCE, N_DAYS = date(2013, 1, 7), 12
UNTIL = SINCE + timedelta(days=N_DAYS - 1)
SYMBOLS = ("AAPL", "GOOG", "IBM", "MSFT")
KNOWN = frozenset({*SYMBOLS, "EUR"})
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Planted:
    """A break that was planted.

    Attributes:
        cause: the cause that must be found.
        place: of the movement that it was planted in.
    """

    cause: Cause
    place: str


def movements(chance: random.Random, n_movements: int, *, has_references: bool) -> tuple[Movement, ...]:
    """Movements of all kinds, each of another quantity and price, so that what was planted has one right answer."""
    kinds = [MovementKind.TRADE] * 8 + [
        each for each in MovementKind if each not in {MovementKind.TRADE, MovementKind.ADJUSTMENT}
    ]
    made = [_movement(chance, chance.choice(kinds), number) for number in range(1, n_movements + 1)]
    if not has_references:
        made = [replace(each, reference="", order="") for each in made]
    return tuple(sorted(made, key=lambda each: (each.on, each.place)))


def _movement(chance: random.Random, kind: MovementKind, number: int) -> Movement:
    on = SINCE + timedelta(days=chance.randrange(1, N_DAYS - 1))
    named = partial(Movement, kind, on, reference=f"exec-{number}", order=f"order-{number}", place=f"entry {number}")
    symbol = chance.choice(SYMBOLS)
    sign = chance.choice([-1, 1])
    quantity = Decimal(sign * (100 * number + chance.randrange(1, 50)))
    price = Decimal(1000 * number + chance.randrange(1, 500)) / 100
    if kind is MovementKind.TRADE:
        fee = Decimal(number * 7 % 90 + 10) / 100
        amount = -quantity * price - fee
        return named(symbol=symbol, quantity=quantity, price=price, fee=fee, amount=amount)
    if kind is MovementKind.CONVERSION:
        rate = 1 + Decimal(number) / 1000
        return named(symbol="EUR", quantity=quantity, price=rate, amount=-quantity * rate)
    if kind in {MovementKind.SPLIT, MovementKind.DELIVERY}:
        return named(symbol=symbol, quantity=quantity)
    named_symbol = symbol if kind is MovementKind.DIVIDEND else ""
    return named(symbol=named_symbol, amount=sign * price)


def statement(told: Sequence[Movement], opening: Sequence[Movement] = ()) -> Statement:
    """A statement of movements, with the positions and balances that follow from them."""
    positions = {symbol: Decimal(1_000_000) for symbol in SYMBOLS}
    balances = {"USD": Decimal(1_000_000), "EUR": Decimal(1_000_000)}
    for each in (*opening, *told):
        positions[each.symbol] = positions.get(each.symbol, Decimal(0)) + each.shares
        balances[each.currency] += each.cash or Decimal(0)
        if each.kind is MovementKind.CONVERSION:
            balances[each.symbol] += each.quantity or Decimal(0)
    shares = tuple((symbol, quantity) for symbol, quantity in sorted(positions.items()) if quantity)
    return Statement("demo", SINCE, UNTIL, tuple(told), shares, tuple(sorted(balances.items())))


Plant = Callable[[Movement], tuple[Movement, ...]]


def _priced(changed: Movement) -> Movement:
    """A changed trade, its amount following."""
    bare = replace(changed, amount=None)
    return replace(bare, amount=bare.cash)


def _number(value: Decimal | None) -> Decimal:
    assert value is not None
    return value


TRADE_PLANTS: dict[Cause, Plant] = {
    Cause.DUPLICATE: lambda each: (each, each),
    Cause.WRONG_PRICE: lambda each: (_priced(replace(each, price=_number(each.price) + _CENT)),),
    Cause.WRONG_QUANTITY: lambda each: (_priced(replace(each, quantity=_number(each.quantity) * 3)),),
    Cause.WRONG_FEE: lambda each: (_priced(replace(each, fee=_number(each.fee) + _CENT)),),
    Cause.WRONG_SIGN: lambda each: (_priced(replace(each, quantity=-_number(each.quantity))),),
    Cause.WRONG_AMOUNT: lambda each: (replace(each, amount=_number(each.amount) + _CENT),),
    Cause.TIMING: lambda each: (replace(each, on=each.on + timedelta(days=1)),),
    Cause.UNKNOWN_SYMBOL: lambda each: (replace(each, symbol="APPL"),),
    Cause.WRONG_SYMBOL: lambda each: (replace(each, symbol="GOOG" if each.symbol != "GOOG" else "IBM"),),
    Cause.UNCONFIRMED: lambda _: (),
}
CASH_PLANTS: dict[Cause, Plant] = {
    Cause.DUPLICATE: lambda each: (each, each),
    Cause.WRONG_AMOUNT: lambda each: (replace(each, amount=_number(each.amount) * 2),),
    Cause.WRONG_SIGN: lambda each: (replace(each, amount=-_number(each.amount)),),
    Cause.TIMING: lambda each: (replace(each, on=each.on + timedelta(days=1)),),
    Cause.UNCONFIRMED: lambda _: (),
}
MISSING = {
    MovementKind.TRADE: Cause.MISSING_FILL,
    MovementKind.DIVIDEND: Cause.MISSING_DIVIDEND,
    MovementKind.SPLIT: Cause.MISSING_SPLIT,
    MovementKind.DELIVERY: Cause.MISSING_DELIVERY,
    MovementKind.CONVERSION: Cause.MISSING_CONVERSION,
    MovementKind.TRANSFER: Cause.CASH_ONLY,
}
"""What it is called when the books have nothing of it; a missing charge otherwise."""
CHARGES = {MovementKind.FEE, MovementKind.BORROW}


def planted(
    chance: random.Random, booked: Sequence[Movement], n_breaks: int
) -> tuple[list[Movement], list[Movement], list[Planted]]:
    """The statement's lines and what the books keep, with breaks planted in as many movements; and which."""
    told: list[Movement] = []
    kept: list[Movement] = []
    breaks: list[Planted] = []
    chosen = _chosen(chance, booked, n_breaks)
    for place, movement in enumerate(booked):
        if place not in chosen:
            told.append(movement)
            kept.append(movement)
            continue
        cause, lines, is_kept = _plant(chance, movement)
        told += lines
        kept += [movement] if is_kept else []
        breaks.append(Planted(cause, movement.place))
    return told, kept, breaks


def _chosen(chance: random.Random, booked: Sequence[Movement], n_breaks: int) -> set[int]:
    """Movements to plant in. Of those without a reference one of a kind and day: two could be told as each other."""
    places = chance.sample(range(len(booked)), n_breaks)
    first = {booked[place].reference or (booked[place].kind, booked[place].on): place for place in reversed(places)}
    return set(first.values())


def _plant(chance: random.Random, movement: Movement) -> tuple[Cause, tuple[Movement, ...], bool]:
    """One break: its cause, the lines that the statement has, and whether the books keep the movement."""
    if chance.random() < 0.25:
        return MISSING.get(movement.kind, Cause.MISSING_CHARGE), (movement,), False
    if movement.kind is MovementKind.TRADE:
        cause = chance.choice(list(TRADE_PLANTS))
        return cause, TRADE_PLANTS[cause](movement), True
    if movement.kind is MovementKind.CONVERSION:
        return Cause.WRONG_RATE, (_priced(replace(movement, price=_number(movement.price) + _CENT)),), True
    if movement.kind in {MovementKind.SPLIT, MovementKind.DELIVERY}:
        return Cause.WRONG_QUANTITY, (replace(movement, quantity=_number(movement.quantity) * 3),), True
    cause = chance.choice(list(CASH_PLANTS))
    lines = CASH_PLANTS[cause](movement)
    is_fee = cause is Cause.WRONG_AMOUNT and movement.kind in CHARGES
    return Cause.WRONG_FEE if is_fee else cause, lines, True
