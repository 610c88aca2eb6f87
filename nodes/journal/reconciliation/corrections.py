"""What is booked so that the books say what the statement says: for each pair or line, one booking.

A trade that was told wrongly is put right as a whole, without an ExecID of its own: its execution stays the one that it
always was. One that the books should not have is taken back, one that they lack is booked. Cash that came otherwise is
corrected by its difference, naming the entry that it puts right. Where the statement does not tell enough (the cost of
shares delivered, lines that stand for several trades, a split after which the shares were traded) nothing is proposed:
a person must know more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from nodes.vocabulary.bookings import (
    BORROW,
    COMMISSION,
    INTEREST,
    REGULATORY,
    Booking,
    Busted,
    Charged,
    Converted,
    Corrected,
    DividendPaid,
    Fee,
    Origin,
    PaidIn,
    SplitDone,
    Traded,
)
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.statements import ZERO, Break, Cause, Movement, MovementKind

_MOST_PARTS = 50
_DIGITS = 16
_PAIR_OF_TRADE = frozenset({Cause.WRONG_PRICE, Cause.WRONG_QUANTITY, Cause.WRONG_FEE, Cause.WRONG_SIGN})
_CHARGES = {MovementKind.FEE: REGULATORY, MovementKind.BORROW: BORROW, MovementKind.INTEREST: INTEREST}


@dataclass(frozen=True, slots=True)
class Books:
    """What corrections need to know of the books.

    Attributes:
        trades: by key, as they were last put right.
        last_traded_on: by symbol, the last day on which anything moved it.
        shares: by symbol, at the end of the statement.
        shares_references: whether references of the statement are ExecIDs.
    """

    trades: Mapping[str, Traded]
    last_traded_on: Mapping[str, date]
    shares: Mapping[str, Decimal]
    shares_references: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """One booking that mends one or several breaks.

    Attributes:
        correction_id: its name, which follows from what it books: the same is never booked twice.
        on: the day to which it belongs.
        mends: places of its breaks among those given.
        booking: what is booked; its origin has no key yet.
    """

    correction_id: str
    on: date
    mends: tuple[int, ...]
    booking: Booking


def corrections(breaks: Sequence[Break], origin: Origin, books: Books) -> tuple[Correction, ...]:
    """A booking for every break of which one can be told; `origin` says whose, its instants are set when booked."""
    found = []
    for places in _groups(breaks):
        group = [breaks[place] for place in places]
        booking = _booking(group, origin, books)
        if booking is not None:
            found.append(Correction(_name(group, booking), group[0].on, places, booking))
    return tuple(found)


def _groups(breaks: Sequence[Break]) -> Iterable[tuple[int, ...]]:
    """Breaks of one pair together, all others alone; timing heals by itself and is mended by nothing."""
    groups: dict[object, list[int]] = {}
    for place, each in enumerate(breaks):
        if each.cause is Cause.TIMING:
            continue
        is_pair = each.stated is not None and each.booked is not None
        groups.setdefault((each.stated, each.booked) if is_pair else place, []).append(place)
    return (tuple(group) for group in groups.values())


def _name(group: Sequence[Break], booking: Booking) -> str:
    first = group[0]
    booked = None if first.booked is None else first.booked.place
    told = None if first.stated is None else (first.stated.reference, first.stated.on, first.stated.place)
    causes = tuple(each.cause.value for each in group)
    cash = tuple(part for each in group for part in each.cash)
    content = (booking.origin.account_id, causes, first.on, first.symbol, first.currency, booked, told, cash)
    return f"cor-{digest('correction', encode(content)).hex()[:_DIGITS]}"


def _booking(group: Sequence[Break], origin: Origin, books: Books) -> Booking | None:
    first = group[0]
    if first.stated is not None and first.booked is not None:
        return _pair_booking(group, first.stated, first.booked, origin, books)
    if first.booked is not None:
        return _taken_back(first, first.booked, origin, books)
    if first.stated is not None:
        return None if first.cause is Cause.DUPLICATE else _lacking(first.stated, origin, books)
    return _end_booking(first, origin, books)


def _pair_booking(
    group: Sequence[Break], stated: Movement, booked: Movement, origin: Origin, books: Books
) -> Booking | None:
    right = replace(origin, corrects=booked.place)
    causes = {each.cause for each in group}
    if booked.kind is not MovementKind.TRADE:
        return None if booked.kind is MovementKind.SPLIT else _cash_booking(group, right)
    trade = books.trades.get(booked.place)
    if trade is None:
        return None
    if causes == {Cause.WRONG_AMOUNT}:
        return _cash_booking(group, right)
    if not causes <= _PAIR_OF_TRADE:
        return None
    quantity = trade.quantity if stated.quantity is None else stated.quantity
    price = trade.price if Cause.WRONG_PRICE not in causes or stated.price is None else stated.price
    fees = _fees(trade, stated, is_wrong=Cause.WRONG_FEE in causes)
    return Busted(right, replace(trade, origin=right, quantity=quantity, price=price, fees=fees, exec_id=""))


def _fees(trade: Traded, stated: Movement, *, is_wrong: bool) -> tuple[Fee, ...]:
    """The fees of a trade, the commission moved by what the statement says more."""
    if not is_wrong or stated.fee is None:
        return trade.fees
    more = stated.fee - trade.fees_total
    others = tuple(fee for fee in trade.fees if fee.kind != COMMISSION)
    paid = sum((fee.amount for fee in trade.fees if fee.kind == COMMISSION), ZERO) + more
    return (Fee(COMMISSION, paid), *others) if paid else others


def _cash_booking(group: Sequence[Break], origin: Origin) -> Booking | None:
    """The cash of the group's breaks; None where it is of several currencies or of none."""
    sums: dict[str, Decimal] = {}
    for currency, cash in (part for each in group for part in each.cash):
        sums[currency] = sums.get(currency, ZERO) + cash
    if len(sums) != 1 or any(each.shares for each in group):
        return None
    ((currency, cash),) = sums.items()
    why = ", ".join(each.cause.value for each in group)
    return Corrected(origin, cash, currency, why=f"{why}: by the statement of {group[0].on}") if cash else None


def _taken_back(found: Break, booked: Movement, origin: Origin, books: Books) -> Booking | None:
    right = replace(origin, corrects=booked.place)
    if booked.kind is MovementKind.TRADE:
        return Busted(right, None) if booked.place in books.trades else None
    return _cash_booking([found], right)


def _lacking(stated: Movement, origin: Origin, books: Books) -> Booking | None:
    """What the books lack, from the line that tells it."""
    if stated.kind in _CHARGES and stated.amount is not None:
        return Charged(origin, _CHARGES[stated.kind], -stated.amount, stated.currency, stated.symbol)
    booking: Booking | None = None
    match stated.kind:
        case MovementKind.TRADE:
            booking = _traded(stated, origin, books)
        case MovementKind.DIVIDEND if stated.amount is not None:
            booking = DividendPaid(origin, stated.symbol, stated.amount, stated.currency)
        case MovementKind.TRANSFER if stated.amount is not None:
            booking = PaidIn(origin, stated.amount, stated.currency)
        case MovementKind.SPLIT if stated.quantity is not None:
            after = books.shares.get(stated.symbol, ZERO) + stated.quantity
            booking = _split(stated.symbol, stated.on, after, origin, books)
        case MovementKind.CONVERSION:
            booking = _converted(stated, origin)
        case _:
            booking = None
    return booking


def _traded(stated: Movement, origin: Origin, books: Books) -> Traded | None:
    quantity, price = stated.quantity, stated.price
    if not quantity:
        return None
    if price is None and stated.amount is not None:
        value = -(stated.amount + (stated.fee or ZERO))
        price = value / quantity
        if price * quantity != value:  # the cash would be off by what no decimal can tell
            return None
    if price is None or price <= 0:
        return None
    fees = (Fee(COMMISSION, stated.fee),) if stated.fee else ()
    exec_id = stated.reference if books.shares_references else ""
    return Traded(origin, stated.symbol, quantity, price, stated.currency, fees, exec_id)


def _split(symbol: str, on: date, after: Decimal, origin: Origin, books: Books) -> SplitDone | None:
    """A split, where the shares stand as they stood on its day: later ones would be split too."""
    held = books.shares.get(symbol, ZERO)
    if not held or after / held <= 0 or books.last_traded_on.get(symbol, on) > on:
        return None
    ratio = Fraction(after) / Fraction(held)
    if max(ratio.numerator, ratio.denominator) > _MOST_PARTS:
        return None
    return SplitDone(origin, symbol, ratio.numerator, ratio.denominator, ZERO, "USD")


def _converted(stated: Movement, origin: Origin) -> Converted | None:
    quantity, cash = stated.quantity, stated.cash
    if not quantity or not cash:
        return None
    if quantity > 0:
        return Converted(origin, -cash, stated.currency, quantity, stated.symbol)
    return Converted(origin, -quantity, stated.symbol, cash, stated.currency)


def _end_booking(found: Break, origin: Origin, books: Books) -> Booking | None:
    """What mends a position or a balance: a split, or cash without a reason."""
    if found.cause is Cause.MISSING_SPLIT:
        ((symbol, more),) = found.shares
        held = books.shares.get(symbol, ZERO)
        return _split(symbol, found.on, held + more, origin, books)
    return _cash_booking([found], origin) if found.cash and not found.shares else None
