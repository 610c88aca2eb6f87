"""Postings and entries as the books write them: an amount of nothing makes none."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from nodes.vocabulary.bookings import Origin
from nodes.vocabulary.journal import (
    JournalEntry,
    JournalKind,
    Lot,
    LotCost,
    Posting,
    Price,
    cash_account,
    gains_account,
    securities_account,
)

_ZERO = Decimal(0)


def entry_of(origin: Origin, kind: JournalKind, text: str, postings: Iterable[Posting]) -> JournalEntry:
    """The entry of an event."""
    return JournalEntry(
        entry_key=origin.key,
        kind=kind,
        account_id=origin.account_id,
        as_of=origin.as_of,
        recorded_at=origin.recorded_at,
        narration=text,
        postings=tuple(postings),
        decision_id=origin.decision_id,
        cites=origin.cites,
        corrects=origin.corrects,
    )


def security_posting(account_id: str, lot: Lot, price: Price | None = None) -> Posting:
    """Units of a lot."""
    return Posting(securities_account(account_id, lot.symbol), lot.symbol, lot.quantity, lot.cost, price)


def money_postings(account: str, amount: Decimal, currency: str) -> list[Posting]:
    """Money on an account; nothing for no amount."""
    return [Posting(account, currency, amount)] if amount else []


def cash_postings(account_id: str, amount: Decimal, currency: str) -> list[Posting]:
    """Money on the cash account; nothing for no amount."""
    return money_postings(cash_account(account_id), amount, currency)


def gain_postings(account_id: str, symbol: str, gain: Decimal, currency: str) -> list[Posting]:
    """What closing lots of a symbol gained; nothing for no gain."""
    return money_postings(gains_account(account_id, symbol), -gain, currency)


def lot_difference(account_id: str, old: Iterable[Lot], new: Iterable[Lot]) -> list[Posting]:
    """What turns some lots into others."""
    units: dict[tuple[str, LotCost], Decimal] = {}
    for sign, lots in ((-1, old), (1, new)):
        for lot in lots:
            place = lot.symbol, lot.cost
            units[place] = units.get(place, _ZERO) + sign * lot.quantity
    left = (Lot(symbol, quantity, cost) for (symbol, cost), quantity in units.items() if quantity)
    return [security_posting(account_id, lot) for lot in left]
