"""The journal: what the log says of cash, positions, lots, gains and costs, as of any instant.

Every answer follows from the log alone. The projection behind it catches up when it is asked, so that appending an
order costs nothing for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

from adapters.sql.journal import BOOKED_METHOD, JournalFile, Told
from adapters.sql.journal_tables import JOURNAL
from governance.ports import LogStore
from nodes.journal.ledger.booking import Books, effective
from nodes.journal.ledger.trips import round_trips
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_ns
from nodes.vocabulary.journal import (
    EXACT,
    Balance,
    JournalEntry,
    JournalKind,
    Lot,
    LotMethod,
    Position,
    RoundTrip,
    cash_account,
    securities_account,
)

JOURNAL_FILE = "journal.db"
"""Name of the projection's file in a home."""

_LAST_NS = 2**63 - 1 - 2 * 86_400_000_000_000
_COMPARED = tuple(table for table in JOURNAL.tables if table != "journal_state")


@dataclass(frozen=True)
class JournalCheck:
    """What comparing a journal with one made anew from the log found.

    Attributes:
        n_entries: entries of the log that it covers.
        differences: where the two differ, in words; () where they are equal.
        faults: entries of the log that could not be booked, each with its place and why.
        imbalances: accounts whose books do not balance, with what they are off by; () always.
    """

    n_entries: int
    differences: tuple[str, ...]
    faults: tuple[tuple[int, str], ...]
    imbalances: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.differences or self.faults or self.imbalances)


@dataclass(frozen=True)
class JournalPage:
    """Some entries.

    Attributes:
        entries: in the order in which they were true.
        next_sequence: of the entry behind which the next page begins; None when nothing follows.
    """

    entries: tuple[JournalEntry, ...]
    next_sequence: int | None


@dataclass(frozen=True)
class Journal:
    """The journal of a log.

    Attributes:
        store: the log.
        file: the projection.
    """

    store: LogStore
    file: JournalFile

    def caught_up(self, told: Told | None = None) -> int:
        """Book what the log has learned since; how many entries it has."""
        return self.file.catch_up(self.store, told)

    def entries(
        self,
        account_id: str,
        since: datetime | None = None,
        until: datetime | None = None,
        kinds: Sequence[str] = (),
    ) -> Iterator[JournalEntry]:
        """Entries that were true from one instant up to another, both included, in the order of their truth."""
        self.caught_up()
        return self.file.entries(account_id, _ns(since), _ns(until), kinds)

    def page(  # noqa: PLR0913, PLR0917  # what a page is chosen by
        self,
        account_id: str,
        since: datetime | None,
        until: datetime | None,
        kinds: Sequence[str],
        behind: int | None,
        most: int,
    ) -> JournalPage:
        """At most so many of them, behind the entry of a sequence. Raises EdgeError where there is no such entry."""
        self.caught_up()
        place = None if behind is None else self.file.place(account_id, behind)
        if behind is not None and place is None:
            message = f"account {account_id} has no entry {behind} any more; begin with the first page"
            raise EdgeError(message, reason="invalid")
        found = self.file.entries_page(account_id, _ns(since), _ns(until), kinds, place, most + 1)
        shown = found[:most]
        return JournalPage(tuple(entry for _, entry in shown), shown[-1][0][1] if len(found) > most else None)

    def entry(self, entry_key: str) -> JournalEntry:
        """The entry of a key. Raises EdgeError when there is none."""
        self.caught_up()
        found = self.file.entry(entry_key)
        if found is None:
            message = f"the journal has no entry {entry_key[:80]!r}; list the entries of an account first"
            raise EdgeError(message, reason="not-found")
        return found

    def balances(self, account_id: str, as_of: datetime | None = None) -> tuple[Balance, ...]:
        """What each account of the books held at an instant, by name; as it stands without one."""
        self.caught_up()
        return self.file.balances(account_id, _ns(as_of))

    def positions(self, account_id: str, as_of: datetime | None = None) -> tuple[Position, ...]:
        """What an account held at an instant, by symbol."""
        found = sorted(
            (each for each in self.balances(account_id, as_of) if _is_position(account_id, each)),
            key=lambda each: each.commodity,
        )
        return tuple(Position(account_id, each.commodity, each.quantity, each.weight, each.currency) for each in found)

    def cash(self, account_id: str, as_of: datetime | None = None) -> dict[str, Decimal]:
        """The cash that an account held at an instant, by currency."""
        account = cash_account(account_id)
        found = (each for each in self.balances(account_id, as_of) if each.account == account)
        return {each.commodity: each.quantity for each in found}

    def lots(
        self,
        account_id: str,
        symbol: str | None = None,
        as_of: datetime | None = None,
        method: LotMethod = BOOKED_METHOD,
    ) -> tuple[Lot, ...]:
        """The lots that were open at an instant, by symbol, as a method leaves them."""
        self.caught_up()
        if as_of is None and method is BOOKED_METHOD:
            found = self.file.open_lots(account_id)
        else:
            books, _ = self._booked(account_id, as_of, method, symbol)
            places = sorted(place for place in books.lots if place[0] == account_id)
            found = tuple(lot for place in places for lot in books.lots[place])
        return tuple(lot for lot in found if symbol in {None, lot.symbol})

    def trades(
        self,
        account_id: str,
        since: datetime | None = None,
        until: datetime | None = None,
        method: LotMethod = LotMethod.FIFO,
    ) -> tuple[RoundTrip, ...]:
        """Round trips that were closed from one instant up to another. Raises EdgeError for AVERAGE, which has none."""
        if method is LotMethod.AVERAGE:
            message = "average cost leaves no lots to tell apart; ask for round trips by fifo, lifo, hifo or specific"
            raise EdgeError(message, reason="invalid")
        self.caught_up()
        _, entries = self._booked(account_id, until, method)
        return tuple(trip for trip in round_trips(entries) if since is None or trip.closed_at >= since)

    def booked(self, account_id: str, method: LotMethod) -> list[JournalEntry]:
        """The entries of an account as another method books them, trades that were put right as they are right."""
        self.caught_up()
        return self._booked(account_id, None, method)[1]

    def is_planned(self, account_id: str) -> bool:
        """Whether an account has a day plan, which says what it began with."""
        self.caught_up()
        return self.file.is_planned(account_id)

    def account_ids(self) -> tuple[str, ...]:
        """Every account that has entries."""
        self.caught_up()
        return self.file.account_ids()

    def faults(self) -> tuple[tuple[int, str], ...]:
        """Places in the log of entries that could not be booked, and why."""
        self.caught_up()
        return self.file.faults()

    def check(self, told: Told | None = None) -> JournalCheck:
        """This journal against one that is made anew from the log."""
        n_entries = self.caught_up()
        with JournalFile(None) as anew:
            while anew.catch_up(self.store, told) != self.caught_up():
                pass
            differences = tuple(place for table in _COMPARED for place in _differences(table, self.file, anew))
        off = tuple(text for account_id in self.account_ids() for text in self._imbalances(account_id))
        return JournalCheck(n_entries, differences, self.file.faults(), off)

    def _imbalances(self, account_id: str) -> Iterator[str]:
        sums: dict[str, Decimal] = {}
        for each in self.file.balances(account_id, None):
            sums[each.currency] = EXACT.add(sums.get(each.currency, Decimal(0)), each.weight)
        return (f"{account_id} is off by {amount} {currency}" for currency, amount in sums.items() if amount)

    def _booked(
        self, account_id: str, as_of: datetime | None, method: LotMethod, symbol: str | None = None
    ) -> tuple[Books, list[JournalEntry]]:
        """The books of an account by another method or as of another instant, and its entries in them."""
        books = Books(method)
        past = [each for each in self.file.bookings(account_id, symbol) if as_of is None or each.origin.as_of <= as_of]
        entries = [entry for booking in effective(past) for entry in books.booked(booking)]
        return books, [entry for entry in entries if entry.account_id == account_id]


def journal(store: LogStore, home: Path | None = None) -> Journal:
    """The journal of a log, kept in its home; in memory without one. Close its file when done."""
    return Journal(store, JournalFile(None if home is None else home / JOURNAL_FILE))


def known_kind(text: str) -> str:
    """A kind of entry, as written. Raises EdgeError when there is none of that name."""
    kinds = [kind.value for kind in JournalKind]
    if text not in kinds:
        message = f"no entry of the journal is of kind {text[:40]!r}; write one of {', '.join(kinds)}"
        raise EdgeError(message, reason="bad-request")
    return text


def _is_position(account_id: str, balance: Balance) -> bool:
    return bool(balance.quantity) and balance.account == securities_account(account_id, balance.commodity)


def _ns(at: datetime | None) -> int | None:
    """In nanoseconds, as far as a database can count them."""
    return None if at is None else max(-_LAST_NS, min(_LAST_NS, instant_ns(at)))


def _differences(table: str, one: JournalFile, other: JournalFile) -> Iterator[str]:
    """Rows of a table that two journals do not share, in words; at most ten."""
    found = 0
    with one.rows_of(table) as kept, other.rows_of(table) as made:
        for row, expected in zip_longest(kept, made):
            if row != expected:
                found += 1
                yield f"{table}: {row} is kept, the log says {expected}"
            if found == _MAX_DIFFERENCES:
                return


_MAX_DIFFERENCES = 10
