"""The books in the words of a statement: what the journal's bookings and entries moved, day by day.

Trades come from the bookings, as they were last put right, with price, fees and execution. Everything else comes from
the postings of its entry: what it put on the account's cash and securities. A correction that names the entry which it
puts right is part of that entry's movement; one that names none is an adjustment, which no statement tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from nodes.vocabulary.bookings import Booking, Charged, DividendPaid, Traded
from nodes.vocabulary.journal import JournalEntry, JournalKind, cash_account, securities_account
from nodes.vocabulary.statements import ZERO, Movement, MovementKind

EXEC_ID_DIGITS = 24
"""Digits of an entry's id that stand for an ExecID where the broker gave none, as clients of the API see it."""

_OF_TRADES = frozenset({JournalKind.TRADE, JournalKind.BUST, JournalKind.TRADE_CORRECTION})
_KINDS: Mapping[JournalKind, MovementKind] = {
    JournalKind.DIVIDEND: MovementKind.DIVIDEND,
    JournalKind.SPLIT: MovementKind.SPLIT,
    JournalKind.SPIN_OFF: MovementKind.DELIVERY,
    JournalKind.MERGER: MovementKind.DELIVERY,
    JournalKind.SYMBOL_CHANGE: MovementKind.DELIVERY,
    JournalKind.DELISTING: MovementKind.DELIVERY,
    JournalKind.ALLOCATION: MovementKind.DELIVERY,
    JournalKind.INTEREST: MovementKind.INTEREST,
    JournalKind.CONTRIBUTION: MovementKind.TRANSFER,
    JournalKind.CONVERSION: MovementKind.CONVERSION,
    JournalKind.CORRECTION: MovementKind.ADJUSTMENT,
}
_BORROW = "BorrowFees"


def booked_movements(
    bookings: Iterable[Booking], entries: Iterable[JournalEntry], day: Callable[[datetime], date]
) -> tuple[Movement, ...]:
    """What bookings and their entries moved, by day; `day` says on which day of the exchange an instant is.

    Bookings are those that hold: trades as they were last put right, without those that were taken back.
    """
    held, symbols = list(bookings), dict[str, str]()
    for booking in held:
        if isinstance(booking, DividendPaid | Charged):
            symbols[booking.origin.key] = booking.symbol
    kept = [each for each in entries if each.kind not in _OF_TRADES]
    moved = [_trade(each, day) for each in held if isinstance(each, Traded)]
    moved += [part for each in kept for part in _movements(each, symbols.get(each.entry_key, ""), day)]
    return tuple(sorted(_put_right(moved, kept), key=lambda each: each.on))


def _trade(trade: Traded, day: Callable[[datetime], date]) -> Movement:
    return Movement(
        kind=MovementKind.TRADE,
        on=day(trade.origin.as_of),
        symbol=trade.symbol,
        quantity=trade.quantity,
        price=trade.price,
        fee=trade.fees_total,
        amount=-trade.quantity * trade.price - trade.fees_total,
        currency=trade.currency,
        reference=trade.exec_id or trade.origin.key[:EXEC_ID_DIGITS],
        place=trade.origin.key,
    )


def _movements(entry: JournalEntry, named: str, day: Callable[[datetime], date]) -> Iterable[Movement]:
    """What an entry moved: shares of each symbol, then cash of each currency that no shares came with."""
    if entry.kind is JournalKind.CORRECTION and entry.corrects is not None:
        return
    shares, cash = _shares(entry), _cash(entry)
    kind = _kind(entry)
    on, place = day(entry.as_of), entry.entry_key
    if kind is MovementKind.CONVERSION:
        yield _conversion(entry, cash, on)
        return
    for symbol, quantity in shares.items():
        yield Movement(kind, on, symbol, quantity, place=place)
    reference = entry.narration.partition(":")[0] if kind is MovementKind.ADJUSTMENT else ""
    kind = MovementKind.DIVIDEND if shares and kind is not MovementKind.ADJUSTMENT else kind
    for currency, amount in cash.items():
        symbol = named or next(iter(shares), "")
        yield Movement(kind, on, symbol, amount=amount, currency=currency, reference=reference, place=place)


def _conversion(entry: JournalEntry, cash: Mapping[str, Decimal], on: date) -> Movement:
    """Of two currencies the one bought is the symbol; its rate is what was given for one of it."""
    (bought, quantity), (sold, amount) = sorted(cash.items(), key=lambda item: item[1], reverse=True)
    return Movement(
        MovementKind.CONVERSION,
        on,
        bought,
        quantity,
        -amount / quantity,
        amount=amount,
        currency=sold,
        place=entry.entry_key,
    )


def _kind(entry: JournalEntry) -> MovementKind:
    if entry.kind is not JournalKind.CHARGE:
        return _KINDS[entry.kind]
    is_borrow = any(posting.account.endswith(f":{_BORROW}") for posting in entry.postings)
    return MovementKind.BORROW if is_borrow else MovementKind.FEE


def _shares(entry: JournalEntry) -> dict[str, Decimal]:
    """What came of each symbol."""
    sums: dict[str, Decimal] = {}
    for posting in entry.postings:
        if posting.account == securities_account(entry.account_id, posting.commodity):
            sums[posting.commodity] = sums.get(posting.commodity, ZERO) + posting.quantity
    return {symbol: quantity for symbol, quantity in sorted(sums.items()) if quantity}


def _cash(entry: JournalEntry) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for posting in entry.postings:
        if posting.account == cash_account(entry.account_id):
            sums[posting.commodity] = sums.get(posting.commodity, ZERO) + posting.quantity
    return {currency: amount for currency, amount in sorted(sums.items()) if amount}


def _put_right(moved: Sequence[Movement], entries: Iterable[JournalEntry]) -> list[Movement]:
    """Movements with the cash of the corrections that name them."""
    more: dict[str, Decimal] = {}
    for entry in entries:
        if entry.kind is JournalKind.CORRECTION and entry.corrects is not None:
            more[entry.corrects] = more.get(entry.corrects, ZERO) + sum(_cash(entry).values(), ZERO)
    return [
        replace(each, amount=each.amount + more[each.place]) if each.amount is not None and each.place in more else each
        for each in moved
    ]
