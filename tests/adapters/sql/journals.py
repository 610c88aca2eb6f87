"""Logs that a journal is projected from: entries of an account, a day apart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.sql.sqlite import sqlite_log
from adapters.sql.store import SqlLog
from governance.bookings import booking_facts
from governance.entries import Entry, EntryKind
from nodes.vocabulary.bookings import Booking

START = datetime(2020, 1, 2, 21, tzinfo=UTC)
_NONE = Decimal(0)


def at(day: int) -> datetime:
    return START + timedelta(days=day)


def plan(day: int = 0, equity: int = 10_000, account_id: str = "demo") -> Entry:
    return Entry(EntryKind.PLAN, "paper", at(day), at(day), {"account_id": account_id, "equity_usd": Decimal(equity)})


def fill(day: int, shares: int, price: str, known_on: int | None = None, **facts: Any) -> Entry:
    """A fill as its broker told it, by default on the day that it was true."""
    told = {
        "account_id": "demo",
        "decision_id": day.to_bytes(32, "big"),
        "symbol": "AAA",
        "fill_shares": shares,
        "fill_price_usd": Decimal(price),
        "commission_usd": Decimal("0.35"),
        "sell_fee_usd": _NONE,
        "venue_fee_usd": _NONE,
        **facts,
    }
    return Entry(EntryKind.FILL, "paper", at(day), at(day if known_on is None else known_on), told)


def correction(day: int, exec_type: str, of: str, **facts: Any) -> Entry:
    """A broker's TRADE_CANCEL ("H") or TRADE_CORRECT ("G")."""
    told = {**fill(day, 1, "1").facts, "exec_type": exec_type, "exec_ref_id": of, **facts}
    return Entry(EntryKind.CORRECTION, "paper", at(day), at(day), told)


def dividend(day: int, amount: str) -> Entry:
    told = {"account_id": "demo", "symbol": "AAA", "action": "dividend", "cash_change_usd": Decimal(amount)}
    return Entry(EntryKind.CORPORATE_ACTION, "paper", at(day), at(day), told)


def booking_entry(booking: Booking) -> Entry:
    origin = booking.origin
    return Entry(EntryKind.JOURNAL, "paper", origin.as_of, origin.recorded_at, booking_facts(booking))


def appended(store: SqlLog, entries: Iterable[Entry]) -> None:
    with store.transaction() as transaction:
        for entry in entries:
            transaction.append(entry)


def log_of(path: Path, entries: Iterable[Entry]) -> SqlLog:
    """A log that holds some entries."""
    path.mkdir(parents=True, exist_ok=True)
    store = sqlite_log(path / "log.db", "paper")
    appended(store, entries)
    return store
