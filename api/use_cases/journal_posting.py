"""Booking what has no other source: contributions, interest, allocations, events nobody fed us, and corrections.

A booking is one JOURNAL entry of the log, tried on the books first and appended together with the account that follows
from it. Nothing is ever edited: what was booked wrong is put right by another entry. The same key books once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from adapters.sql.journal import BOOKED_METHOD
from adapters.sql.journal_rows import execution_of
from api.use_cases.journal import Journal
from api.use_cases.model_desk import Append
from governance.bookings import USD, booking_facts
from governance.entries import Entry, EntryKind
from governance.ports import Transaction
from governance.rows import Appended
from nodes.journal.account import AccountState, account_from_bytes
from nodes.journal.ledger.booking import Books
from nodes.vocabulary.bookings import Booking, Origin
from nodes.vocabulary.errors import DataError, EdgeError
from nodes.vocabulary.holdings import Holding, millionths, with_holding
from nodes.vocabulary.instants import instant_text
from nodes.vocabulary.journal import JournalEntry, JournalKind, Posting

_ZERO = Decimal(0)
_KEY, _TRIED = "key", "tried"
_BESIDE = frozenset({_KEY, "principal", "account_digest"})
"""Facts of a JOURNAL entry that are no part of what it books."""
_MAX_KEY = 128


@dataclass(frozen=True)
class Bookkeeper:
    """Who books.

    Attributes:
        journal: the books.
        append: appends to their log.
        clock: the shell's clock, in UTC.
        principal: in whose name.
    """

    journal: Journal
    append: Append
    clock: Callable[[], datetime]
    principal: str


@dataclass(frozen=True)
class Booked:
    """A booking that is in the log.

    Attributes:
        entry_key: the key of its entry in the journal.
        sequence: its place in the log.
        entries: what it put where.
        is_new: whether it was booked now; False when the same was booked under its key before.
    """

    entry_key: str
    sequence: int
    entries: tuple[JournalEntry, ...]
    is_new: bool


def origin_for(account_id: str, as_of: datetime, corrects: str | None = None, cites: tuple[bytes, ...] = ()) -> Origin:
    """The origin of an event that is to be booked: its key is that of the entry which is yet to come."""
    return Origin("", account_id, as_of, as_of, cites=cites, corrects=corrects)


def posted(keeper: Bookkeeper, booking: Booking, key: str) -> Booked:
    """A booking in the log, durable when this returns; booked once however often it is asked for under its key.

    Raises:
        EdgeError: it does not fit the books, e.g. takes back a trade that does not stand; the key was given to another
            booking; the account that trades cannot hold what it books.
    """
    _require_key(key)
    return keeper.append(partial(_posted, keeper, booking, key))


def _posted(keeper: Bookkeeper, booking: Booking, key: str, transaction: Transaction) -> Booked:
    book, store = keeper.journal, keeper.journal.store
    if book.caught_up() != transaction.size:
        message = f"log {store.origin!r} is in the middle of another append; book in an append of its own"
        raise EdgeError(message)
    facts = booking_facts(booking)
    found = _found(book, booking, key, facts)
    if found is not None:
        return found
    tried = _tried(keeper, booking)
    states = _states_after(book, transaction, tried)
    account_id = booking.origin.account_id
    if account_id in states:
        transaction.save_account(account_id, states[account_id])
        facts["account_digest"] = states[account_id].digest
    facts |= {_KEY: key, "principal": keeper.principal}
    origin, now = booking.origin, keeper.clock()
    appended = transaction.append(
        Entry(EntryKind.JOURNAL, store.origin, origin.as_of, now, facts, (), tuple(origin.cites))
    )
    for other in sorted(states.keys() - {account_id}):
        _follow(keeper, transaction, states[other], appended)
    entry_key = appended.entry_id.hex()
    entries = tuple(_keyed(each, entry_key, appended.entry.recorded_at) for each in tried)
    return Booked(entry_key, appended.sequence, entries, is_new=True)


def _found(book: Journal, booking: Booking, key: str, facts: dict[str, Any]) -> Booked | None:
    """What was booked under a key before. Raises EdgeError when that was something else."""
    with book.store.reader() as reader:
        for record in reader.of_kind(EntryKind.JOURNAL):
            said = record.entry.facts
            if (said.get("account_id"), said.get(_KEY)) != (booking.origin.account_id, key):
                continue
            if {
                name: value for name, value in said.items() if name not in _BESIDE
            } != facts or record.entry.as_of != booking.origin.as_of:
                message = f"key {key[:40]!r} booked something else in entry {record.sequence}; take a key of its own"
                raise EdgeError(message, reason="key-reused")
            entry_key = record.entry_id.hex()
            return Booked(entry_key, record.sequence, book.file.booked_by(record.sequence), is_new=False)
    return None


def _tried(keeper: Bookkeeper, booking: Booking) -> tuple[JournalEntry, ...]:
    """The same, for whoever asked: what does not fit, books nothing or is yet to come is refused as invalid."""
    book, as_of = keeper.journal, booking.origin.as_of
    if as_of > keeper.clock():
        message = f"as_of {instant_text(as_of)} is yet to come; book what has happened"
        raise EdgeError(message, reason="invalid")
    _require_new(book, booking)
    try:
        tried = tried_entries(book, booking)
    except DataError as error:
        raise EdgeError(str(error), reason="invalid") from error
    if not any(entry.postings for entry in tried):
        message = (
            f"{tried[0].narration} moves nothing in account {booking.origin.account_id}; book what moves something"
        )
        raise EdgeError(message, reason="invalid")
    return tried


def tried_entries(book: Journal, booking: Booking) -> tuple[JournalEntry, ...]:
    """The entries that a booking would make now. Raises DataError where it does not fit the books."""
    books = Books(BOOKED_METHOD, book.file.bookings)
    owners = {booking.origin.account_id, *_takers(booking)}
    for account_id in owners:
        for lot in book.file.open_lots(account_id):
            place = account_id, lot.symbol
            books.lots[place] = (*books.lots.get(place, ()), lot)
    key = booking.origin.key or _TRIED
    return books.booked(replace(booking, origin=replace(booking.origin, key=key)))


def _require_new(book: Journal, booking: Booking) -> None:
    """Raises EdgeError for an execution that is booked already."""
    account_id, exec_id = booking.origin.account_id, execution_of(booking)
    if exec_id is not None and book.file.has_execution(account_id, exec_id):
        message = f"execution {exec_id[:40]!r} of account {account_id} is booked already; look it up among the entries"
        raise EdgeError(message, reason="invalid")


def _takers(booking: Booking) -> tuple[str, ...]:
    return tuple(account_id for account_id, _ in getattr(booking, "shares", ()))


def _keyed(entry: JournalEntry, entry_key: str, recorded_at: datetime) -> JournalEntry:
    """A tried entry under the key that it got."""
    key = entry.entry_key.replace(_TRIED, entry_key, 1)
    postings = tuple(_renamed(posting, entry_key) for posting in entry.postings)
    return replace(entry, entry_key=key, recorded_at=recorded_at, postings=postings)


def _renamed(posting: Posting, entry_key: str) -> Posting:
    cost = posting.cost
    if cost is None or not cost.lot.startswith(_TRIED):
        return posting
    return replace(posting, cost=replace(cost, lot=cost.lot.replace(_TRIED, entry_key, 1)))


def _states_after(book: Journal, transaction: Transaction, tried: Sequence[JournalEntry]) -> dict[str, AccountState]:
    """The accounts that trade and are concerned, after a booking."""
    states = {}
    for entry in tried:
        content = transaction.account(entry.account_id)
        if content is not None:
            state = content if isinstance(content, AccountState) else account_from_bytes(bytes(content))
            _require_planned(book, entry)
            states[entry.account_id] = after_booking(state, entry)
    return states


def _require_planned(book: Journal, entry: JournalEntry) -> None:
    """Raises EdgeError for units booked before an account's first plan, which says what it began with."""
    if any(posting.cost is not None for posting in entry.postings) and not book.file.is_planned(entry.account_id):
        message = f"account {entry.account_id} has no day plan yet, so its opening is not booked; run a session first"
        raise EdgeError(message, reason="invalid")


def _follow(keeper: Bookkeeper, transaction: Transaction, state: AccountState, appended: Appended) -> None:
    """Keep an account that another's entry changed."""
    transaction.save_account(state.account_id, state)
    facts = {
        "account_id": state.account_id,
        "account_digest": state.digest,
        "principal": keeper.principal,
        "reason": f"changed by entry {appended.sequence}",
    }
    origin, at = keeper.journal.store.origin, appended.entry.as_of
    entry = Entry(EntryKind.CORRECTION, origin, at, keeper.clock(), facts, (), (appended.entry_id,))
    transaction.append(entry)


def after_booking(state: AccountState, entry: JournalEntry) -> AccountState:
    """The account that trades after an entry of the journal: the same amounts, so that both stay one.

    Raises EdgeError for what it cannot hold: other money than USD, parts of a share.
    """
    wrong = [each for each in entry.postings if not _is_held(each)]
    if wrong:
        message = f"account {state.account_id} trades whole shares in USD and cannot book {wrong[0].quantity:f}"
        raise EdgeError(f"{message} {wrong[0].commodity}; book it to an account of its own", reason="invalid")
    after = replace(
        state,
        cash_usd=state.cash_usd + _sum(entry, "Assets:"),
        realised_usd=state.realised_usd - _sum(entry, "Income:", ":Gains:"),
        dividends_usd=state.dividends_usd - _sum(entry, "Income:") + _sum(entry, "Income:", ":Gains:"),
        fees_usd=state.fees_usd + _sum(entry, "Expenses:"),
        contributed_usd=state.contributed_usd - _sum(entry, "Equity:"),
        holdings=_holdings(state, entry),
    )
    if after.imbalance_usd:
        message = f"booking {entry.entry_key} leaves account {state.account_id} off by {after.imbalance_usd} USD"
        raise DataError(f"{message}; report this fault")
    return after


def _is_held(posting: Posting) -> bool:
    return posting.weight_currency == USD and (posting.cost is None or posting.quantity == int(posting.quantity))


def _sum(entry: JournalEntry, root: str, part: str = "") -> Decimal:
    """Money that an entry puts on accounts of a kind."""
    money = (each for each in entry.postings if each.cost is None)
    return sum((each.quantity for each in money if each.account.startswith(root) and part in each.account), _ZERO)


def _holdings(state: AccountState, entry: JournalEntry) -> tuple[Holding, ...]:
    """Holdings after the units and costs that an entry moves; what it brings anew is marked at its cost."""
    found = state.holdings
    marks = {holding.symbol: holding.mark_price_usd for holding in state.holdings}
    for symbol in dict.fromkeys(each.commodity for each in entry.postings if each.cost is not None):
        units = sum((each.quantity for each in _lots(entry, symbol)), _ZERO)
        cost = sum((each.weight for each in _lots(entry, symbol)), _ZERO)
        before = next((holding for holding in found if holding.symbol == symbol), None)
        shares = int(units) + (0 if before is None else before.position_shares)
        cost += _ZERO if before is None else before.cost_usd
        mark = marks.get(symbol) or (millionths(abs(cost / shares)) if shares else _ZERO)
        if before is not None and entry.kind is JournalKind.SPLIT and shares:
            mark = millionths(mark * before.position_shares / shares)
        found = with_holding(found, Holding(symbol, shares, cost, mark))
    return found


def _lots(entry: JournalEntry, symbol: str) -> Iterable[Posting]:
    return (each for each in entry.postings if each.cost is not None and each.commodity == symbol)


def _require_key(key: str) -> None:
    if not key or len(key) > _MAX_KEY or not key.isprintable():
        message = f"key {key[:40]!r} is none; give 1 to {_MAX_KEY} printable characters"
        raise EdgeError(message, reason="invalid")
