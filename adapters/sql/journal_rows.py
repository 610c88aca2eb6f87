"""Rows of the journal's tables, to and from the words of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from governance.bookings import booking_facts, booking_from_facts
from nodes.vocabulary.bookings import Booking, Busted, Origin, Traded
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.instants import instant_from_ns, instant_ns
from nodes.vocabulary.journal import JournalEntry, JournalKind, Lot, LotCost, Posting, Price


def entry_row(sequence: int, log_sequence: int, entry: JournalEntry, booking: Booking | None) -> dict[str, Any]:
    """The row of an entry; the booking stands with the first of those that it makes."""
    return {
        "sequence": sequence,
        "log_sequence": log_sequence,
        "entry_key": entry.entry_key,
        "kind": entry.kind.value,
        "account_id": entry.account_id,
        "as_of_ns": instant_ns(entry.as_of),
        "recorded_at_ns": instant_ns(entry.recorded_at),
        "narration": entry.narration,
        "decision_id": entry.decision_id,
        "cites": encode(entry.cites),
        "corrects": entry.corrects,
        "exec_id": execution_of(booking),
        "symbol": getattr(booking, "symbol", None) or None,
        "booking": None if booking is None else encode(booking_facts(booking)),
    }


def execution_of(booking: Booking | None) -> str | None:
    """The broker's name of the execution that a booking is."""
    trade = booking.trade if isinstance(booking, Busted) else booking
    return (trade.exec_id or None) if isinstance(trade, Traded) else None


def posting_rows(sequence: int, entry: JournalEntry) -> list[dict[str, Any]]:
    """The rows of an entry's postings."""
    as_of_ns = instant_ns(entry.as_of)
    return [
        {
            "sequence": sequence,
            "place": place,
            "account_id": entry.account_id,
            "as_of_ns": as_of_ns,
            "account": posting.account,
            "commodity": posting.commodity,
            "quantity": str(posting.quantity),
            **_cost_columns(posting.cost),
            "price": None if posting.price is None else str(posting.price.amount),
            "price_currency": None if posting.price is None else posting.price.currency,
        }
        for place, posting in enumerate(entry.postings)
    ]


def _cost_columns(cost: LotCost | None) -> dict[str, Any]:
    return {
        "unit_cost": None if cost is None else str(cost.unit_cost),
        "cost_currency": None if cost is None else cost.currency,
        "acquired_at_ns": None if cost is None else instant_ns(cost.acquired_at),
        "lot": None if cost is None else cost.lot,
    }


def lot_rows(account_id: str, symbol: str, lots: Iterable[Lot]) -> list[dict[str, Any]]:
    """The rows of a symbol's open lots."""
    return [
        {
            "account_id": account_id,
            "symbol": symbol,
            "place": place,
            "quantity": str(lot.quantity),
            "unit_cost": str(lot.cost.unit_cost),
            "currency": lot.cost.currency,
            "acquired_at_ns": instant_ns(lot.cost.acquired_at),
            "lot": lot.cost.lot,
        }
        for place, lot in enumerate(lots)
    ]


def lot_of_row(row: Any) -> Lot:  # noqa: ANN401  # rows are of whatever was selected
    """The open lot of a row."""
    cost = LotCost(Decimal(row.unit_cost), row.currency, instant_from_ns(row.acquired_at_ns), row.lot)
    return Lot(row.symbol, Decimal(row.quantity), cost)


def posting_of_row(row: Any) -> Posting:  # noqa: ANN401  # rows are of whatever was selected
    """The posting of a row."""
    cost = price = None
    if row.unit_cost is not None:
        cost = LotCost(Decimal(row.unit_cost), row.cost_currency, instant_from_ns(row.acquired_at_ns), row.lot)
    if row.price is not None:
        price = Price(Decimal(row.price), row.price_currency)
    return Posting(row.account, row.commodity, Decimal(row.quantity), cost, price)


def entry_of_row(row: Any, postings: Sequence[Posting]) -> JournalEntry:  # noqa: ANN401  # as above
    """The entry of a row and its postings."""
    return JournalEntry(
        entry_key=row.entry_key,
        kind=JournalKind(row.kind),
        account_id=row.account_id,
        as_of=instant_from_ns(row.as_of_ns),
        recorded_at=instant_from_ns(row.recorded_at_ns),
        narration=row.narration,
        postings=tuple(postings),
        decision_id=row.decision_id,
        cites=decode(row.cites),
        corrects=row.corrects,
    )


def booking_of_row(row: Any) -> Booking:  # noqa: ANN401  # as above
    """What was booked, of a row that says it."""
    origin = Origin(
        key=row.entry_key,
        account_id=row.account_id,
        as_of=instant_from_ns(row.as_of_ns),
        recorded_at=instant_from_ns(row.recorded_at_ns),
        decision_id=row.decision_id,
        cites=decode(row.cites),
        corrects=row.corrects,
    )
    return booking_from_facts(origin, decode(row.booking))
