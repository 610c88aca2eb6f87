"""What was booked for an account: the past that lots of any method, and trades put right, are booked anew from."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from adapters.sql.journal_rows import booking_of_row
from adapters.sql.journal_tables import JOURNAL_ENTRIES
from nodes.vocabulary.bookings import Booking

_RESHAPING = ("spin-off", "merger", "symbol-change")
_RIGHTING = ("bust", "trade-correction")


def bookings(connection: Connection, account_id: str, symbol: str | None = None) -> tuple[Booking, ...]:
    """Everything that was booked for an account and for those that allocated to it, in order.

    With a symbol, what can bear on its lots: bookings of it and of those that became it, and all that is put right.
    """
    entries = JOURNAL_ENTRIES.c
    mine = entries.account_id.in_(sorted(_owners(connection, account_id))) & entries.booking.is_not(None)
    wanted = select(JOURNAL_ENTRIES).where(mine).order_by(entries.sequence)
    if symbol is not None:
        reshaped = connection.execute(wanted.where(entries.kind.in_(_RESHAPING)))
        family = _family(symbol, [booking_of_row(row) for row in reshaped])
        wanted = wanted.where(entries.symbol.in_(sorted(family)) | entries.kind.in_(_RIGHTING))
    return tuple(booking_of_row(row) for row in connection.execute(wanted))


def _owners(connection: Connection, account_id: str) -> set[str]:
    """An account, and those that allocated to it, and to them."""
    entries = JOURNAL_ENTRIES.c
    owners, asked = {account_id}, [account_id]
    while asked:
        got = select(entries.log_sequence).where(entries.account_id == asked.pop(), entries.booking.is_(None))
        givers = (
            select(entries.account_id).where(entries.log_sequence.in_(got), entries.booking.is_not(None)).distinct()
        )
        new = set(connection.execute(givers).scalars()) - owners
        owners |= new
        asked += sorted(new)
    return owners


def _family(symbol: str, reshaped: Sequence[Booking]) -> set[str]:
    """A symbol with those that became it, or whose lots it shares."""
    family = {symbol}
    for _ in reshaped:
        for booking in reshaped:
            pair = {getattr(booking, "symbol", ""), getattr(booking, "new_symbol", "")} - {""}
            family |= pair if pair & family else set()
    return family
