"""The journal in SQL: a projection of a log that catches up when it is read, never while the log is appended to.

Everything in the file follows from the log: it may be deleted, and is made anew where the log is not the one that it
was made from. An entry that says nothing that can be booked is kept as a fault, in sight, and the rest goes on.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from adapters.sql.dialect import insert_or_replace
from adapters.sql.journal_past import bookings
from adapters.sql.journal_rows import (
    entry_of_row,
    entry_row,
    execution_of,
    lot_of_row,
    lot_rows,
    posting_of_row,
    posting_rows,
)
from adapters.sql.journal_sums import SumsToBe, balances
from adapters.sql.journal_tables import (
    JOURNAL,
    JOURNAL_ACCOUNTS,
    JOURNAL_ENTRIES,
    JOURNAL_FAULTS,
    JOURNAL_LOTS,
    JOURNAL_POSTINGS,
    JOURNAL_STATE,
)
from adapters.sql.sql_file import SqlFile
from governance.bookings import BOOKING_KINDS, USD, Lookup, booking_of
from governance.entries import Entry
from governance.ports import LogReader, LogStore
from governance.rows import Record
from nodes.journal.ledger.booking import Books
from nodes.vocabulary.bookings import Booking, Busted
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.journal import Balance, JournalEntry, Lot, LotMethod, cash_account

BOOKED_METHOD = LotMethod.AVERAGE
"""How the projection closes lots: as the account that decides does. Other methods are booked when asked for."""

SCHEME = "1"
_BATCH = 10_000
_KEYS_AT_ONCE = 500
_KINDS = frozenset(kind.value for kind in BOOKING_KINDS)
_PAGE = 1000
_NUMBERS = itertools.count()

Told = Callable[[int, int], None]
"""Told how many entries of the log are read, of how many."""


@dataclass
class _Batch:
    """Rows that are booked and not yet written."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    postings: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    planned: list[dict[str, Any]] = field(default_factory=list)
    sums: SumsToBe = field(default_factory=SumsToBe)


class _Projector:
    """Books the entries of a log inside one transaction of the file."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._batch = _Batch()
        self._next = int(connection.execute(select(func.max(JOURNAL_ENTRIES.c.sequence))).scalar() or 0) + 1
        self._planned = set(connection.execute(select(JOURNAL_ACCOUNTS.c.account_id)).scalars())
        self._keys: set[str] = set()
        self._traded: dict[tuple[str, str], str] = {}
        self._books = Books(BOOKED_METHOD, self._past)
        for row in connection.execute(select(JOURNAL_LOTS).order_by(*JOURNAL_LOTS.primary_key)):
            place = row.account_id, row.symbol
            self._books.lots[place] = (*self._books.lots.get(place, ()), lot_of_row(row))
        self._stored = dict(self._books.lots)

    def take(self, records: Sequence[Record]) -> None:
        """Book what some records say, and write it."""
        told = [(record, record.entry) for record in records if record.kind in _KINDS]
        self._look_up(told)
        lookup = Lookup(self._cash, lambda account_id, exec_id: self._traded.get((account_id, exec_id)))
        for record, entry in told:
            self._book(record, entry, lookup)
        self._flush()

    def write_lots(self) -> None:
        """Write the open lots that changed."""
        lots = JOURNAL_LOTS.c
        for place in self._stored.keys() | self._books.lots.keys():
            now = self._books.lots.get(place, ())
            if now == self._stored.get(place, ()):
                continue
            self._connection.execute(delete(JOURNAL_LOTS).where(lots.account_id == place[0], lots.symbol == place[1]))
            if now:
                self._connection.execute(insert(JOURNAL_LOTS), lot_rows(*place, now))
        self._stored = dict(self._books.lots)

    def _book(self, record: Record, entry: Entry, lookup: Lookup) -> None:
        key = record.entry_id.hex()
        if key in self._keys:
            key = f"{key}-{record.sequence}"
        self._keys.add(key)
        try:
            booking = booking_of(entry, key, lookup)
            if isinstance(booking, Busted):
                self._flush()
            made = () if booking is None else self._books.booked(booking)
        except DataError as error:
            self._batch.faults.append({"log_sequence": record.sequence, "what": str(error)})
            return
        self._keep(record, entry, booking, made)

    def _keep(self, record: Record, entry: Entry, booking: Booking | None, made: Sequence[JournalEntry]) -> None:
        account_id, exec_id = entry.facts.get("account_id"), execution_of(booking)
        if entry.kind.value == "plan" and account_id not in self._planned:
            self._planned.add(str(account_id))
            self._batch.planned.append({"account_id": account_id, "planned_at": record.sequence})
        if exec_id is not None and made:
            corrects = made[0].corrects
            self._traded[str(account_id), exec_id] = made[0].entry_key if corrects is None else corrects
        for place, each in enumerate(made):
            self._batch.entries.append(entry_row(self._next, record.sequence, each, None if place else booking))
            self._batch.postings += posting_rows(self._next, each)
            self._batch.sums.add(each)
            self._next += 1

    def _look_up(self, told: Sequence[tuple[Record, Entry]]) -> None:
        """Find which keys and executions of some entries are known already."""
        entries = JOURNAL_ENTRIES.c
        ids = [record.entry_id.hex() for record, _ in told]
        for some in _parts(ids):
            self._keys.update(
                self._connection.execute(select(entries.entry_key).where(entries.entry_key.in_(some))).scalars()
            )
        named = {
            str(entry.facts[name]) for _, entry in told for name in ("exec_id", "exec_ref_id") if name in entry.facts
        }
        for some in _parts(sorted(named)):
            wanted = select(entries.account_id, entries.exec_id, entries.entry_key, entries.corrects)
            for row in self._connection.execute(wanted.where(entries.exec_id.in_(some))):
                self._traded[row.account_id, row.exec_id] = row.corrects or row.entry_key

    def _cash(self, account_id: str) -> Decimal | None:
        if account_id in self._planned:
            return None
        account = cash_account(account_id)
        stored = [each.quantity for each in balances(self._connection, account_id, None)
                  if each.account == account and each.commodity == USD]  # fmt: skip
        return sum(stored, Decimal(0)) + self._batch.sums.quantity(account_id, account, USD)

    def _past(self, account_id: str) -> Iterable[Booking]:
        return bookings(self._connection, account_id)

    def _flush(self) -> None:
        batch, connection = self._batch, self._connection
        for table, rows in (
            (JOURNAL_ENTRIES, batch.entries),
            (JOURNAL_POSTINGS, batch.postings),
            (JOURNAL_FAULTS, batch.faults),
            (JOURNAL_ACCOUNTS, batch.planned),
        ):
            if rows:
                connection.execute(insert(table), rows)
        batch.sums.write(connection)
        self._batch = _Batch()


@dataclass(frozen=True)
class JournalState:
    """What a journal was made from.

    Attributes:
        scheme: of its tables and of booking.
        origin: of the log.
        read_to: how many of its entries were read.
        last_entry: id of the last of them, in hexadecimal; "" before any.
    """

    scheme: str = SCHEME
    origin: str = ""
    read_to: int = 0
    last_entry: str = ""


class JournalFile(SqlFile):
    """The journal of one log, in a file of its own.

    Args:
        path: of the file; None for one in memory, which is gone when it is closed.
    """

    def __init__(self, path: Path | None) -> None:
        self._memory = None if path is not None else f"file:journal-{next(_NUMBERS)}?mode=memory&cache=shared"
        self._kept = None if self._memory is None else sqlite3.connect(self._memory, uri=True, check_same_thread=False)
        super().__init__(path or Path("memory"), JOURNAL)

    def close(self) -> None:
        """Let go of the file."""
        super().close()
        if self._kept is not None:
            self._kept.close()

    def _connection(self) -> sqlite3.Connection:
        if self._memory is None:
            return super()._connection()
        return sqlite3.connect(self._memory, uri=True, isolation_level=None, check_same_thread=False)

    @property
    def state(self) -> JournalState:
        """What it was made from."""
        with self._reading() as connection:
            return _state(connection)

    def catch_up(self, store: LogStore, told: Told | None = None) -> int:
        """Book what the log has learned since it was last read. Returns how many entries the log had."""
        size = None
        while size is None:
            size = self._caught_up(store, told)
        return size

    def _caught_up(self, store: LogStore, told: Told | None) -> int | None:
        """The same with one view of the log; None where another process has meanwhile read further than it reaches."""
        before = self.state
        with store.reader() as reader:
            place, size = -1, reader.head().size
            if before == _wanted(reader, store.origin, size):
                return size
            while place < size:
                place = self._advance(reader, store.origin, size, before.read_to)
                if told is not None and place <= size:
                    told(place, size)
        return size if place == size else None

    def _advance(self, reader: LogReader, origin: str, size: int, before: int) -> int:
        """Book the next entries in one transaction; how many are booked then.

        A journal that had read more than the view before the view was taken is of another log; one that reads more
        since then was brought there by another process, and is left alone.
        """
        with self._writing() as connection:
            state = _state(connection)
            if state.read_to > max(size, before):
                return state.read_to
            if not _is_of(state, reader, origin, size):
                _clear(connection)
                state = JournalState(origin=origin)
            projector, place = _Projector(connection), state.read_to
            stop = min(size, place + _BATCH)
            projector.take(reader.records(place, stop))
            projector.write_lots()
            _keep_state(connection, _wanted(reader, origin, stop))
        return stop

    def entries(
        self, account_id: str, since_ns: int | None = None, until_ns: int | None = None, kinds: Sequence[str] = ()
    ) -> Iterator[JournalEntry]:
        """Entries that were true from one instant up to another, both included, in the order of their truth."""
        after: tuple[int, int] | None = None
        while True:
            page = self.entries_page(account_id, since_ns, until_ns, kinds, after, _PAGE)
            yield from (entry for _, entry in page)
            if len(page) < _PAGE:
                return
            after = page[-1][0]

    def entries_page(  # noqa: PLR0913, PLR0917  # what a page is chosen by
        self,
        account_id: str,
        since_ns: int | None,
        until_ns: int | None,
        kinds: Sequence[str],
        after: tuple[int, int] | None,
        most: int,
    ) -> list[tuple[tuple[int, int], JournalEntry]]:
        """Some of the same, each with its place (instant and sequence), behind a place if one is given."""
        entries = JOURNAL_ENTRIES.c
        wanted = select(JOURNAL_ENTRIES).where(entries.account_id == account_id)
        if since_ns is not None:
            wanted = wanted.where(entries.as_of_ns >= since_ns)
        if until_ns is not None:
            wanted = wanted.where(entries.as_of_ns <= until_ns)
        if kinds:
            wanted = wanted.where(entries.kind.in_(kinds))
        if after is not None:
            at_ns, sequence = after
            behind = (entries.as_of_ns == at_ns) & (entries.sequence > sequence)
            wanted = wanted.where((entries.as_of_ns > at_ns) | behind)
        with self._reading() as connection:
            rows = connection.execute(wanted.order_by(entries.as_of_ns, entries.sequence).limit(most)).all()
            return [((row.as_of_ns, row.sequence), entry) for row, entry in _with_postings(connection, rows)]

    def place(self, account_id: str, sequence: int) -> tuple[int, int] | None:
        """The place of an account's entry with a sequence; None when there is none."""
        entries = JOURNAL_ENTRIES.c
        wanted = select(entries.as_of_ns).where(entries.sequence == sequence, entries.account_id == account_id)
        with self._reading() as connection:
            found = connection.execute(wanted).scalar()
        return None if found is None else (int(found), sequence)

    def entry(self, entry_key: str) -> JournalEntry | None:
        """The entry of a key; None when there is none."""
        with self._reading() as connection:
            rows = connection.execute(select(JOURNAL_ENTRIES).where(JOURNAL_ENTRIES.c.entry_key == entry_key)).all()
            return next((entry for _, entry in _with_postings(connection, rows)), None)

    def booked_by(self, log_sequence: int) -> tuple[JournalEntry, ...]:
        """The entries that follow from one entry of the log."""
        entries = JOURNAL_ENTRIES.c
        wanted = select(JOURNAL_ENTRIES).where(entries.log_sequence == log_sequence).order_by(entries.sequence)
        with self._reading() as connection:
            return tuple(entry for _, entry in _with_postings(connection, connection.execute(wanted).all()))

    def has_execution(self, account_id: str, exec_id: str) -> bool:
        """Whether an execution of an account is booked."""
        entries = JOURNAL_ENTRIES.c
        wanted = select(entries.sequence).where(entries.exec_id == exec_id, entries.account_id == account_id)
        with self._reading() as connection:
            return connection.execute(wanted).first() is not None

    def is_planned(self, account_id: str) -> bool:
        """Whether the first plan of an account was read, which says what it began with."""
        wanted = select(JOURNAL_ACCOUNTS).where(JOURNAL_ACCOUNTS.c.account_id == account_id)
        with self._reading() as connection:
            return connection.execute(wanted).first() is not None

    def balances(self, account_id: str, as_of_ns: int | None) -> tuple[Balance, ...]:
        """What each account of the books held at an instant; as it stands without one."""
        with self._reading() as connection:
            return balances(connection, account_id, as_of_ns)

    def open_lots(self, account_id: str) -> tuple[Lot, ...]:
        """The lots that are open, by symbol, as the projection books them."""
        wanted = select(JOURNAL_LOTS).where(JOURNAL_LOTS.c.account_id == account_id)
        with self._reading() as connection:
            return tuple(lot_of_row(row) for row in connection.execute(wanted.order_by(*JOURNAL_LOTS.primary_key)))

    def bookings(self, account_id: str, symbol: str | None = None) -> tuple[Booking, ...]:
        """Everything that was booked for an account, in order, with what other accounts allocated to it.

        With a symbol, what can bear on its lots: bookings of it and of those that became it, and all that is put right.
        """
        with self._reading() as connection:
            return bookings(connection, account_id, symbol)

    def account_ids(self) -> tuple[str, ...]:
        """Every account that has entries."""
        with self._reading() as connection:
            return tuple(
                connection.execute(select(JOURNAL_ENTRIES.c.account_id).distinct().order_by("account_id")).scalars()
            )

    def faults(self) -> tuple[tuple[int, str], ...]:
        """Places in the log of entries that could not be booked, and why."""
        with self._reading() as connection:
            rows = connection.execute(select(JOURNAL_FAULTS).order_by(JOURNAL_FAULTS.c.log_sequence))
            return tuple((row.log_sequence, row.what) for row in rows)

    @contextmanager
    def rows_of(self, table: str) -> Iterator[Iterator[tuple[Any, ...]]]:
        """All rows of one of its tables, by key, for comparing two journals."""
        found = JOURNAL.tables[table]
        with self._reading() as connection:
            yield (tuple(row) for row in connection.execute(select(found).order_by(*found.primary_key)))


def _with_postings(connection: Connection, rows: Sequence[Any]) -> list[tuple[Any, JournalEntry]]:
    by_sequence: dict[int, list[Any]] = {row.sequence: [] for row in rows}
    for some in _parts(list(by_sequence)):
        wanted = select(JOURNAL_POSTINGS).where(JOURNAL_POSTINGS.c.sequence.in_(some))
        for row in connection.execute(wanted.order_by(*JOURNAL_POSTINGS.primary_key)):
            by_sequence[row.sequence].append(posting_of_row(row))
    return [(row, entry_of_row(row, by_sequence[row.sequence])) for row in rows]


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for at in range(0, len(values), _KEYS_AT_ONCE):
        yield values[at : at + _KEYS_AT_ONCE]


def _state(connection: Connection) -> JournalState:
    found = {row.name: row.value for row in connection.execute(select(JOURNAL_STATE))}
    state = JournalState(**{name: value for name, value in found.items() if name != "read_to"})
    return replace(state, read_to=int(found.get("read_to", "0")))


def _keep_state(connection: Connection, state: JournalState) -> None:
    rows = [{"name": name, "value": str(getattr(state, name))} for name in JournalState.__dataclass_fields__]
    connection.execute(insert_or_replace(connection.dialect, JOURNAL_STATE), rows)


def _wanted(reader: LogReader, origin: str, size: int) -> JournalState:
    """The state of a journal that has read so many entries of a log."""
    last = reader.records(size - 1, size)
    return JournalState(SCHEME, origin, size, last[0].entry_id.hex() if last else "")


def _is_of(state: JournalState, reader: LogReader, origin: str, size: int) -> bool:
    """Whether a journal was made from the beginning of this log."""
    return state.read_to <= size and state == _wanted(reader, origin, state.read_to)


def _clear(connection: Connection) -> None:
    for table in JOURNAL.tables.values():
        connection.execute(delete(table))
