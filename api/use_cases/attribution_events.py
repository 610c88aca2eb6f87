"""What happened to an account's shares and money between two valuations, read back from its log.

Entries are read as the journal reads them, so that both agree on what was booked; what a fill tells of its costs is
read beside. Shares that change name or hands without a trade count as traded at their cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from heapq import merge
from operator import attrgetter
from typing import Any

from governance.bookings import BOOKING_KINDS, USD, Lookup, booking_of
from governance.entries import Entry, EntryKind
from governance.ports import LogReader
from governance.rows import Record
from nodes.journal.ledger.booking import Books
from nodes.kernels.attribution.gains import Cost, Trade
from nodes.vocabulary.bookings import (
    BORROW,
    COMMISSION,
    INTEREST,
    REGULATORY,
    VENUE,
    Allocated,
    Booking,
    Busted,
    DividendPaid,
    SplitDone,
    Traded,
)
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.holdings import millionths
from nodes.vocabulary.journal import JournalEntry, JournalKind, LotMethod, cash_account

_ZERO = Decimal(0)
_TOLD = ((Cost.IMPACT, "impact_cost_usd"), (Cost.LATENCY, "latency_cost_usd"))
_EXPENSES = {
    COMMISSION: Cost.COMMISSION,
    REGULATORY: Cost.REGULATORY,
    VENUE: Cost.VENUE,
    BORROW: Cost.BORROW,
    INTEREST: Cost.FINANCING,
}
_PAID_IN = frozenset({JournalKind.CONTRIBUTION, JournalKind.CONVERSION, JournalKind.ALLOCATION})


@dataclass
class Happened:
    """What happened to one share between two valuations; to the account's own money under no share's name.

    Attributes:
        new_shares: of splits, together.
        old_shares: likewise.
        dividend_usd: paid a share.
        paid_usd: cash that came without a trade.
        moved: shares that came without a trade.
        contributed_usd: paid in from outside, less what was taken out.
        charges: for holding, by kind.
        trades: in their order.
    """

    new_shares: int = 1
    old_shares: int = 1
    dividend_usd: Decimal = _ZERO
    paid_usd: Decimal = _ZERO
    moved: Decimal = _ZERO
    contributed_usd: Decimal = _ZERO
    charges: list[tuple[Cost, Decimal]] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)


Symbols = dict[str, Happened]


@dataclass
class AccountEvents:
    """An account's valuations and what happened before each.

    Attributes:
        equity_usd: worth at the close of each session at which it was valued, as the log has it.
        happened: before each valuation, since the one before, by share.
        n_later: entries since the last valuation, which count at the next.
        faults: entries that could not be booked, in words.
    """

    equity_usd: dict[date, Decimal] = field(default_factory=dict)
    happened: dict[date, Symbols] = field(default_factory=dict)
    n_later: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Booked:
    """Something booked: the event, its entry in the journal, and the entry of the log that says so."""

    booking: Booking
    entry: JournalEntry
    said: Entry
    units_before: Decimal


def account_events(reader: LogReader, account_id: str) -> AccountEvents:
    """The valuations of an account and what happened before each."""
    found = AccountEvents()
    waiting: Symbols = {}
    for said in _said(reader, account_id, found.faults):
        if isinstance(said, _Booked):
            _put(waiting, said)
            found.n_later += 1
        else:
            on = said.facts["session_on"]
            found.equity_usd[on] = said.facts["equity_usd"]
            found.happened[on] = _together(found.happened.get(on, {}), waiting)
            waiting, found.n_later = {}, 0
    return found


def _said(reader: LogReader, account_id: str, faults: list[str]) -> Iterator[Entry | _Booked]:
    """What the log says of an account, in order: valuations, and what was booked."""
    past: list[Booking] = []
    traded: dict[tuple[str, str], str] = {}
    keys: set[str] = set()
    books = Books(LotMethod.FIFO, lambda owner: _past_of(past, owner))
    known = Lookup(lambda _: None, lambda owner, exec_id: traded.get((owner, exec_id)))
    for record in _records(reader):
        said = record.entry
        if said.kind is EntryKind.PLAN:
            if said.facts["account_id"] == account_id:
                yield said
            continue
        key = record.entry_id.hex()
        key = f"{key}-{record.sequence}" if key in keys else key  # as the journal names what is told twice
        keys.add(key)
        try:
            booking = booking_of(said, key, known)
            if booking is not None:
                before = _units(books, account_id, said.facts.get("symbol", ""))
                entries = books.booked(booking)
        except DataError as error:
            faults.append(f"entry {record.sequence}: {error}")
            continue
        if booking is not None:
            _remember(booking, past, traded)
            for entry in entries:
                if entry.account_id == account_id:
                    yield _Booked(booking, entry, said, before)


def _records(reader: LogReader) -> Iterator[Record]:
    """Every entry of the log that says something to the journal, in order."""
    kinds = sorted(BOOKING_KINDS, key=lambda kind: kind.value)
    return merge(*(reader.of_kind(kind) for kind in kinds), key=attrgetter("sequence"))


def _units(books: Books, account_id: str, symbol: str) -> Decimal:
    return sum((lot.quantity for lot in books.held(account_id, symbol)), _ZERO)


def _remember(booking: Booking, past: list[Booking], traded: dict[tuple[str, str], str]) -> None:
    """Keep what later entries may refer to: everything that was booked, and trades by the broker's name."""
    past.append(booking)
    trade = booking.trade if isinstance(booking, Busted) else booking
    if isinstance(trade, Traded) and trade.exec_id:
        origin = booking.origin
        corrects = origin.corrects if isinstance(booking, Busted) else None
        traded[origin.account_id, trade.exec_id] = corrects or origin.key


def _past_of(past: Sequence[Booking], account_id: str) -> tuple[Booking, ...]:
    """What was booked for an account and for those that allocated to it, and to them, in order."""
    handed = [each for each in past if isinstance(each, Allocated)]
    owners, n_before = {account_id}, 0
    while len(owners) > n_before:
        n_before = len(owners)
        owners |= {each.origin.account_id for each in handed if owners & {name for name, _ in each.shares}}
    return tuple(each for each in past if each.origin.account_id in owners)


def _put(waiting: Symbols, booked: _Booked) -> None:
    """Add what was booked to what happened."""
    entry = booked.entry
    shares = _shares(entry)
    costs = list(_costs(entry))
    money = sum((each.quantity for each in entry.postings if each.account == cash_account(entry.account_id)), _ZERO)
    if isinstance(booked.booking, Traded):
        trade = booked.booking
        told = (*costs, *_told(booked.said.facts))
        share = waiting.setdefault(trade.symbol, Happened())
        share.trades.append(Trade(trade.origin.decision_id or b"", trade.quantity, trade.price, told))
        return
    symbol = getattr(booked.booking, "symbol", "") or booked.said.facts.get("symbol", "")
    share = waiting.setdefault(symbol, Happened())
    share.charges += costs
    cash = money + sum((amount for _, amount in costs), _ZERO)
    match entry.kind:
        case JournalKind.DIVIDEND | JournalKind.SPLIT | JournalKind.DELISTING:
            share.paid_usd += cash
            share.moved += shares.get(symbol, _ZERO)
            _adjust(share, booked)
        case _:
            _transfer(waiting, booked, cash)


def _adjust(share: Happened, booked: _Booked) -> None:
    """Say what a split or a dividend did to the price of one share."""
    match booked.booking:
        case SplitDone(new_units=new, old_units=old):
            share.new_shares, share.old_shares = share.new_shares * new, share.old_shares * old
        case DividendPaid(amount=whole):
            amount, units = booked.said.facts.get("dividend_usd"), booked.units_before
            share.dividend_usd += amount if amount is not None else millionths(whole / units) if units else _ZERO
        case _:
            pass


def _transfer(waiting: Symbols, booked: _Booked, cash: Decimal) -> None:
    """Count shares that moved as traded at their cost; what was paid in, and what else came."""
    entry = booked.entry
    decision = entry.decision_id or b""
    for symbol in _shares(entry):
        lots = [each for each in entry.postings if each.cost is not None and each.commodity == symbol]
        units, cost = (sum(parts, _ZERO) for parts in zip(*((lot.quantity, lot.weight) for lot in lots), strict=True))
        share = waiting.setdefault(symbol, Happened())
        price = millionths(cost / units) if units else _ZERO
        if units:
            share.trades.append(Trade(decision, units, price, ()))
        share.paid_usd -= cost - units * price
        cash += cost
    own = waiting.setdefault("", Happened())
    contributed = _ZERO
    if entry.kind in _PAID_IN:
        contributed = -sum(
            (each.quantity for each in entry.postings if _is_equity(each.account, each.commodity)), _ZERO
        )
    own.contributed_usd += contributed
    symbol = booked.said.facts.get("symbol", "")
    (waiting.setdefault(symbol, Happened()) if symbol else own).paid_usd += cash - contributed


def _is_equity(account: str, commodity: str) -> bool:
    return account.startswith("Equity:") and commodity == USD


def _shares(entry: JournalEntry) -> dict[str, Decimal]:
    """Units that an entry moves, by share."""
    found: dict[str, Decimal] = {}
    for each in entry.postings:
        if each.cost is not None:
            found[each.commodity] = found.get(each.commodity, _ZERO) + each.quantity
    return found


def _costs(entry: JournalEntry) -> Iterable[tuple[Cost, Decimal]]:
    """What an entry charges; interest that is received is a negative cost."""
    for each in entry.postings:
        root, _, kind = each.account.partition(":")
        name = kind.partition(":")[2]
        if (root == "Expenses" and name in _EXPENSES) or (root == "Income" and name == INTEREST):
            yield _EXPENSES[name], each.quantity


def _told(facts: Mapping[str, Any]) -> Iterable[tuple[Cost, Decimal]]:
    """What a fill tells of its price: spread is what its trading cost leaves beside impact and latency."""
    told = [(kind, facts[name]) for kind, name in _TOLD if facts.get(name)]
    if facts.get("trading_cost_usd") is not None:
        told.append((Cost.SPREAD, facts["trading_cost_usd"] - sum((amount for _, amount in told), _ZERO)))
    return told


def _together(one: Symbols, other: Symbols) -> Symbols:
    """What happened in two stretches of time, the first before the second."""
    found = dict(one)
    for symbol, later in other.items():
        share = found.setdefault(symbol, Happened())
        share.new_shares *= later.new_shares
        share.old_shares *= later.old_shares
        share.dividend_usd += later.dividend_usd
        share.paid_usd += later.paid_usd
        share.moved += later.moved
        share.contributed_usd += later.contributed_usd
        share.charges += later.charges
        share.trades += later.trades
    return found
