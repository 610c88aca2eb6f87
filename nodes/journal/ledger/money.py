"""Entries of events that move no lots: dividends, charges, interest, money from outside and conversions."""

from __future__ import annotations

from nodes.journal.ledger.postings import cash_postings, entry_of, money_postings
from nodes.vocabulary.bookings import INTEREST, Charged, Converted, DividendPaid, PaidIn
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.journal import (
    JournalEntry,
    JournalKind,
    dividends_account,
    equity_account,
    expense_account,
    interest_account,
)


def money_entry(booking: DividendPaid | Charged | PaidIn | Converted) -> JournalEntry:
    """The entry of an event that moves no lots. Raises DataError for a conversion of nothing."""
    account_id = booking.origin.account_id
    match booking:
        case DividendPaid():
            kind, text = JournalKind.DIVIDEND, f"dividend of {booking.symbol}"
            against, amount = dividends_account(account_id, booking.symbol), booking.amount
        case Charged():
            kind, text, amount = _charge_kind(booking), _charge_text(booking), -booking.amount
            is_income = booking.kind == INTEREST and amount > 0
            against = interest_account(account_id) if is_income else expense_account(account_id, booking.kind)
        case PaidIn():
            kind, text = JournalKind.CONTRIBUTION, "paid in" if booking.amount > 0 else "taken out"
            against, amount = equity_account(account_id, "Contributions"), booking.amount
        case Converted():
            return _converted(booking)
    postings = [
        *cash_postings(account_id, amount, booking.currency),
        *money_postings(against, -amount, booking.currency),
    ]
    return entry_of(booking.origin, kind, text, postings)


def _charge_kind(booking: Charged) -> JournalKind:
    return JournalKind.INTEREST if booking.kind == INTEREST else JournalKind.CHARGE


def _charge_text(booking: Charged) -> str:
    return f"{booking.kind} of {booking.symbol}" if booking.symbol else booking.kind


def _converted(booking: Converted) -> JournalEntry:
    """Money of two currencies, each balanced for itself against what conversions came to."""
    origin = booking.origin
    if booking.sold <= 0 or booking.bought <= 0 or booking.sold_currency == booking.bought_currency:
        message = (
            f"{booking.sold} {booking.sold_currency} for {booking.bought} {booking.bought_currency} is no conversion"
        )
        raise DataError(f"{message}; state two positive amounts of two currencies")
    conversions = equity_account(origin.account_id, "Conversions")
    postings = [
        *cash_postings(origin.account_id, -booking.sold, booking.sold_currency),
        *money_postings(conversions, booking.sold, booking.sold_currency),
        *cash_postings(origin.account_id, booking.bought, booking.bought_currency),
        *money_postings(conversions, -booking.bought, booking.bought_currency),
    ]
    text = f"{booking.sold} {booking.sold_currency} for {booking.bought} {booking.bought_currency}"
    return entry_of(origin, JournalKind.CONVERSION, text, postings)
