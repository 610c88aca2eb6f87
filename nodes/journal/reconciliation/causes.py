"""Why a pair parts, and what a line without a counterpart means: each difference with its cause and what it comes to.

The cash of a pair is split exactly over the causes: price, quantity, sign and fee each take what they make of it. What
rounding leaves stays with the last of them; a larger rest is an amount that does not follow from its own line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from nodes.journal.reconciliation.matching import content
from nodes.vocabulary.statements import (
    OF_SHARES,
    TRADES,
    ZERO,
    Amounts,
    Break,
    Cause,
    Movement,
    MovementKind,
    Side,
    Terms,
)

_MISSING = {
    MovementKind.TRADE: Cause.MISSING_FILL,
    MovementKind.DIVIDEND: Cause.MISSING_DIVIDEND,
    MovementKind.SPLIT: Cause.MISSING_SPLIT,
    MovementKind.DELIVERY: Cause.MISSING_DELIVERY,
    MovementKind.FEE: Cause.MISSING_CHARGE,
    MovementKind.BORROW: Cause.MISSING_CHARGE,
    MovementKind.INTEREST: Cause.MISSING_CHARGE,
    MovementKind.CONVERSION: Cause.MISSING_CONVERSION,
    MovementKind.TRANSFER: Cause.CASH_ONLY,
}
_CHARGES = frozenset({MovementKind.FEE, MovementKind.BORROW})
_NAMED = (OF_SHARES | {MovementKind.DIVIDEND}) - {MovementKind.CONVERSION}
"""Kinds of which both sides name a share."""


@dataclass(slots=True)
class _Pair:
    """A pair being compared."""

    stated: Movement
    booked: Movement
    terms: Terms
    until: date
    breaks: list[Break] = field(default_factory=list)
    explained: Decimal = ZERO

    @property
    def difference(self) -> Decimal | None:
        """What the statement has more of cash; None where a side does not tell it."""
        stated, booked = self.stated.cash, self.booked.cash
        if booked is not None and not self.stated.tells_fee:
            booked += self.booked.fee or ZERO
        return None if stated is None or booked is None else stated - booked

    def add(self, cause: Cause, values: tuple[object, object], cash: Decimal = ZERO, shares: Amounts = ()) -> None:
        """One difference."""
        self.explained += cash
        found = Break(
            cause=cause,
            on=self.stated.on,
            symbol=self.stated.symbol or self.booked.symbol,
            currency=self.stated.currency,
            stated=self.stated,
            booked=self.booked,
            shares=shares,
            cash=amounts([(self.stated.currency, cash)]),
            detail=(_text(values[0]), _text(values[1])),
        )
        self.breaks.append(found)


def pair_breaks(stated: Movement, booked: Movement, terms: Terms, until: date) -> tuple[Break, ...]:
    """Everything in which a pair parts; () where it does not."""
    pair = _Pair(stated, booked, terms, until)
    _compare_names(pair)
    if stated.kind in OF_SHARES:
        _compare_sizes(pair)
        _compare_prices(pair)
        _compare_fees(pair)
        _compare_rest(pair)
    else:
        _compare_amounts(pair)
    if stated.on != booked.on:
        _compare_days(pair)
    return tuple(pair.breaks)


def only_stated(movement: Movement, terms: Terms) -> Break:
    """What a line of the statement means that the books have nothing of."""
    is_unknown = movement.kind in _NAMED and movement.symbol not in terms.known_symbols
    cause = Cause.UNKNOWN_SYMBOL if is_unknown else _MISSING[movement.kind]
    return _alone(cause, movement, Side.STATEMENT)


def only_booked(movement: Movement) -> Break:
    """What a movement of the books means that the statement has nothing of."""
    return _alone(Cause.UNCONFIRMED, movement, Side.BOOKS)


def repetition(movement: Movement, side: Side) -> Break:
    """A movement that one side tells twice."""
    cause = Cause.DUPLICATE if side is Side.STATEMENT else Cause.DOUBLE_BOOKING
    return _alone(cause, movement, side)


def amounts(parts: Iterable[tuple[str, Decimal]]) -> Amounts:
    """Amounts by name, sums of one name joined, without those of nothing."""
    sums: dict[str, Decimal] = {}
    for name, amount in parts:
        sums[name] = sums.get(name, ZERO) + amount
    return tuple(sorted((name, amount) for name, amount in sums.items() if amount))


def cash_of(movement: Movement) -> Amounts:
    """The cash that a movement moves, by currency: a conversion moves two."""
    bought = movement.quantity if movement.kind is MovementKind.CONVERSION else None
    return amounts([(movement.currency, movement.cash or ZERO), (movement.symbol, bought or ZERO)])


def repeats(movement: Movement, others: Collection[Movement]) -> bool:
    """Whether another of the same side says the very same, and is not told apart from it by a reference."""
    return content(movement) in others


def _alone(cause: Cause, movement: Movement, side: Side) -> Break:
    sign = 1 if side is Side.STATEMENT else -1
    is_stated = side is Side.STATEMENT
    return Break(
        cause=cause,
        on=movement.on,
        symbol=movement.symbol,
        currency=movement.currency,
        stated=movement if is_stated else None,
        booked=None if is_stated else movement,
        shares=amounts([(movement.symbol, sign * movement.shares)]),
        cash=tuple((name, sign * amount) for name, amount in cash_of(movement)),
        side=side,
    )


def _compare_names(pair: _Pair) -> None:
    """Symbol and currency."""
    stated, booked = pair.stated, pair.booked
    if stated.symbol != booked.symbol and stated.kind in _NAMED:
        cause = Cause.WRONG_SYMBOL if stated.symbol in pair.terms.known_symbols else Cause.UNKNOWN_SYMBOL
        shares = amounts([(stated.symbol, booked.shares), (booked.symbol, -booked.shares)])
        pair.add(cause, (stated.symbol, booked.symbol), shares=shares)
    if stated.currency != booked.currency:
        cash = booked.cash or ZERO
        pair.add(Cause.WRONG_RATE, (stated.currency, booked.currency))
        moved = amounts([(stated.currency, cash), (booked.currency, -cash)])
        pair.breaks[-1] = replace(pair.breaks[-1], cash=moved)
    elif stated.fx_rate is not None and booked.fx_rate is not None:
        _compare_rates(pair, stated.fx_rate, booked.fx_rate)


def _compare_rates(pair: _Pair, stated: Decimal, booked: Decimal) -> None:
    """Rates at which foreign cash was told in the account's currency: the whole difference of the cash is theirs."""
    if abs(stated - booked) > pair.terms.tolerances.price:
        pair.add(Cause.WRONG_RATE, (stated, booked), pair.difference or ZERO)


def _compare_sizes(pair: _Pair) -> None:
    stated, booked = pair.stated.quantity, pair.booked.quantity
    if stated is None or booked is None or abs(stated - booked) <= pair.terms.tolerances.quantity:
        return
    more = stated - booked
    price = pair.booked.price if pair.booked.price is not None else pair.stated.price
    cash = -more * price if pair.stated.kind in TRADES and price is not None else ZERO
    cause = Cause.WRONG_SIGN if stated == -booked else Cause.WRONG_QUANTITY
    moves = pair.stated.kind is not MovementKind.CONVERSION
    pair.add(cause, (stated, booked), cash, amounts([(pair.stated.symbol, more if moves else ZERO)]))
    if not moves:
        found = pair.breaks[-1]
        pair.breaks[-1] = replace(found, cash=amounts([*found.cash, (pair.stated.symbol, more)]))


def _compare_prices(pair: _Pair) -> None:
    stated, booked = pair.stated.price, pair.booked.price
    if stated is None or booked is None or abs(stated - booked) <= pair.terms.tolerances.price:
        return
    if pair.stated.kind is MovementKind.CONVERSION and _is_explained(pair):
        return
    cause = Cause.WRONG_RATE if pair.stated.kind is MovementKind.CONVERSION else Cause.WRONG_PRICE
    quantity = pair.stated.quantity if pair.stated.quantity is not None else pair.booked.quantity
    pair.add(cause, (stated, booked), -(quantity or ZERO) * (stated - booked))


def _is_explained(pair: _Pair) -> bool:
    """Whether no cash is left to explain: the rate of a conversion follows from its two amounts, however it is told."""
    difference = pair.difference
    return difference is not None and abs(difference - pair.explained) <= pair.terms.tolerances.amount


def _compare_fees(pair: _Pair) -> None:
    stated, booked = pair.stated.fee, pair.booked.fee
    if stated is None or abs(stated - (booked or ZERO)) <= pair.terms.tolerances.amount:
        return
    pair.add(Cause.WRONG_FEE, (stated, booked or ZERO), -(stated - (booked or ZERO)))


def _compare_rest(pair: _Pair) -> None:
    """What of the cash nothing explained: rounding goes to the last cause, more is an amount that does not add up."""
    if pair.difference is None or pair.stated.currency != pair.booked.currency:
        return
    rest = pair.difference - pair.explained
    decimals = pair.terms.form.amount_decimals
    unit = ZERO if decimals is None else 2 * Decimal(1).scaleb(-decimals)
    if abs(rest) > unit + pair.terms.tolerances.amount:
        pair.add(Cause.WRONG_AMOUNT, (pair.stated.cash, pair.booked.cash), rest)
    elif rest and pair.breaks and pair.explained:
        last = next(place for place in reversed(range(len(pair.breaks))) if pair.breaks[place].cash)
        found = pair.breaks[last]
        pair.breaks[last] = replace(found, cash=amounts([*found.cash, (pair.stated.currency, rest)]))


def _compare_amounts(pair: _Pair) -> None:
    """Movements of cash alone."""
    difference = pair.difference
    if difference is None or abs(difference - pair.explained) <= pair.terms.tolerances.amount:
        return
    stated, booked = pair.stated, pair.booked
    if stated.currency != booked.currency:
        return
    cause = Cause.WRONG_FEE if stated.kind in _CHARGES else Cause.WRONG_AMOUNT
    cause = Cause.WRONG_SIGN if stated.amount == -(booked.amount or ZERO) else cause
    pair.add(cause, (stated.amount, booked.amount), difference - pair.explained)


def _compare_days(pair: _Pair) -> None:
    """The day; shares and cash part over it only where the books have it after the statement's end."""
    pair.add(Cause.TIMING, (pair.stated.on, pair.booked.on))
    if pair.booked.on > pair.until:
        late = pair.booked
        moved = replace(pair.breaks[-1], shares=amounts([(late.symbol, late.shares)]), cash=cash_of(late))
        pair.breaks[-1] = moved


def _text(value: object) -> str:
    """A value as a person reads it: decimals without an exponent."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
