"""What a break says in a sentence."""

from __future__ import annotations

from decimal import Decimal

from nodes.vocabulary.statements import Break, Cause, Movement, MovementKind

_ONE_SIDED = {
    Cause.DUPLICATE: "the statement tells {what} twice",
    Cause.DOUBLE_BOOKING: "the books have {what} twice",
    Cause.UNCONFIRMED: "the books have {what}, the statement does not",
    Cause.UNKNOWN_SYMBOL: "the statement tells {what}, a symbol that nobody here knows",
}
_PARTED = {
    Cause.WRONG_PRICE: "price of {what}",
    Cause.WRONG_QUANTITY: "quantity of {what}",
    Cause.WRONG_FEE: "fee of {what}",
    Cause.WRONG_AMOUNT: "amount of {what}",
    Cause.WRONG_SIGN: "sign of {what}",
    Cause.WRONG_SYMBOL: "symbol of {what}",
    Cause.UNKNOWN_SYMBOL: "symbol of {what}",
    Cause.WRONG_RATE: "rate of {what}",
    Cause.TIMING: "day of {what}",
}
_ENDS = {
    Cause.POSITION: "position of {name}, which no movement explains",
    Cause.UNKNOWN_SYMBOL: "position of {name}, which nobody here knows",
    Cause.MISSING_SPLIT: "position of {name}, as after a split that nobody booked",
    Cause.CASH_ONLY: "cash in {name}, which no movement explains",
}


def break_text(found: Break) -> str:
    """A break in a sentence, with both values where both sides have one."""
    movement = found.booked or found.stated
    if movement is None:
        return _end_text(found)
    what = movement_text(movement)
    if found.stated is not None and found.booked is not None:
        stated, booked = found.detail
        return f"{_PARTED[found.cause].format(what=what)}: the statement says {stated}, the books {booked}"
    missing = "the statement tells {what}, the books do not"
    return _ONE_SIDED.get(found.cause, missing).format(what=what)


def _end_text(found: Break) -> str:
    if found.cause is Cause.ROUNDING:
        ((currency, amount),) = found.cash
        return f"rounding of matched lines comes to {amount:f} {currency}"
    stated, booked = found.detail
    name = found.symbol or found.currency
    return f"{_ENDS[found.cause].format(name=name)}: the statement says {stated}, the books {booked}"


def movement_text(movement: Movement) -> str:
    """A movement in a few words."""
    if movement.kind is MovementKind.TRADE and movement.quantity is not None:
        side = "purchase" if movement.quantity > 0 else "sale"
        price = "" if movement.price is None else f" at {number_text(movement.price)} {movement.currency}"
        return f"a {side} of {number_text(abs(movement.quantity))} {movement.symbol}{price}"
    of = f" of {movement.symbol}" if movement.symbol else ""
    size = movement.quantity if movement.amount is None else movement.amount
    unit = f" {movement.currency}" if movement.amount is not None else " shares"
    told = "" if size is None else f" of {number_text(size)}{unit}"
    return f"a {movement.kind.value}{of}{told}".replace("a interest", "interest").replace("a adj", "an adj")


def number_text(value: Decimal) -> str:
    """A number without an exponent and without zeros at its end, two decimals kept where it has any."""
    text = f"{value.normalize():f}"
    whole, dot, part = text.partition(".")
    return f"{whole}.{part:0<2}" if dot else whole
