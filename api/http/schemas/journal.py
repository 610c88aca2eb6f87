"""What clients read of the journal. Amounts are decimal strings, exact to the last digit; digests are hexadecimal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import msgspec

from api.use_cases.journal_posting import Booked
from nodes.vocabulary.instants import instant_text
from nodes.vocabulary.journal import Balance, JournalEntry, Lot, LotCost, Position, Posting, RoundTrip


class CostView(msgspec.Struct, frozen=True):
    """What a unit of a lot cost.

    Attributes:
        unit_cost: cost of one unit, before fees.
        currency: of it.
        acquired_at: when the lot was opened.
        lot: name of the lot: the key of the entry that opened it, or `average`.
    """

    unit_cost: str
    currency: str
    acquired_at: str
    lot: str


class PostingView(msgspec.Struct, frozen=True):
    """A quantity put on one account.

    Attributes:
        account: name of the account.
        commodity: a currency or a symbol.
        quantity: how much; negative takes away.
        cost: what a unit of it cost; null for money.
        price: what a unit was traded at; null where that says nothing.
        price_currency: of the price.
    """

    account: str
    commodity: str
    quantity: str
    cost: CostView | None
    price: str | None
    price_currency: str | None


class JournalEntryView(msgspec.Struct, frozen=True):
    """One balanced entry.

    Attributes:
        entry_key: its name: the id of the log entry that it follows from.
        kind: what it books.
        account_id: whose books.
        as_of: when it was true.
        recorded_at: when the log learned of it.
        narration: what happened, in words.
        postings: what it puts where.
        decision_id: the decision that it follows from; null when from none.
        cites: ids of log entries that it stands on.
        corrects: key of the entry that it takes back or puts right; null when it does neither.
    """

    entry_key: str
    kind: str
    account_id: str
    as_of: str
    recorded_at: str
    narration: str
    postings: tuple[PostingView, ...]
    decision_id: str | None
    cites: tuple[str, ...]
    corrects: str | None


class JournalEntriesView(msgspec.Struct, frozen=True):
    """Entries in the order in which they were true.

    Attributes:
        account_id: whose.
        entries: those of this page.
        next_cursor: where the next page begins; null when nothing follows.
    """

    account_id: str
    entries: tuple[JournalEntryView, ...]
    next_cursor: str | None


class BalanceView(msgspec.Struct, frozen=True):
    """What one account of the books holds of one commodity.

    Attributes:
        account: name of the account.
        commodity: a currency or a symbol.
        quantity: how much.
        weight: what it cost in `currency`; the quantity itself for money.
        currency: of the weight.
    """

    account: str
    commodity: str
    quantity: str
    weight: str
    currency: str


class BalancesView(msgspec.Struct, frozen=True):
    """The books of an account at an instant.

    Attributes:
        account_id: whose.
        as_of: the instant; null for as they stand.
        sequence: size of the log that they follow from.
        balances: by name of the account.
    """

    account_id: str
    as_of: str | None
    sequence: int
    balances: tuple[BalanceView, ...]


class HeldView(msgspec.Struct, frozen=True):
    """What an account held of one symbol.

    Attributes:
        symbol: of which share.
        quantity: how much; negative when short.
        cost: what it cost together, before fees.
        currency: of the cost.
    """

    symbol: str
    quantity: str
    cost: str
    currency: str


class HoldingsView(msgspec.Struct, frozen=True):
    """Cash and positions at an instant.

    Attributes:
        account_id: whose.
        as_of: the instant; null for as they stand.
        sequence: size of the log that they follow from.
        cash: by currency.
        positions: by symbol.
    """

    account_id: str
    as_of: str | None
    sequence: int
    cash: dict[str, str]
    positions: tuple[HeldView, ...]


class LotView(msgspec.Struct, frozen=True):
    """An open lot.

    Attributes:
        symbol: of which share.
        quantity: units left in it; negative when short.
        cost: what a unit of it cost.
    """

    symbol: str
    quantity: str
    cost: CostView


class LotsView(msgspec.Struct, frozen=True):
    """Open lots at an instant.

    Attributes:
        account_id: whose.
        as_of: the instant; null for as they stand.
        method: which lots closing trades took.
        lots: by symbol, in the order of their opening.
    """

    account_id: str
    as_of: str | None
    method: str
    lots: tuple[LotView, ...]


class TripView(msgspec.Struct, frozen=True):
    """One lot, or part of one, from its opening to its closing.

    Attributes:
        symbol: of which share.
        quantity: units closed; negative when they were short.
        opened_at: when the lot was opened.
        closed_at: when it was closed.
        opened_by: key of the entry that opened it.
        closed_by: key of the entry that closed it.
        open_price: cost of one unit.
        close_price: what a unit was closed at; null where no trade closed it.
        currency: of both.
        gain: what the closing realised, before fees.
    """

    symbol: str
    quantity: str
    opened_at: str
    closed_at: str
    opened_by: str
    closed_by: str
    open_price: str
    close_price: str | None
    currency: str
    gain: str


class TripsView(msgspec.Struct, frozen=True):
    """Round trips in the order of their closing.

    Attributes:
        account_id: whose.
        method: which lots closing trades took.
        n_trades: how many there are in all.
        gain: of all of them together, by currency.
        trades: the newest of them, at most as many as were asked for.
    """

    account_id: str
    method: str
    n_trades: int
    gain: dict[str, str]
    trades: tuple[TripView, ...]


class BookedView(msgspec.Struct, frozen=True):
    """A booking that is in the log.

    Attributes:
        entry_key: the key of its entry in the journal.
        sequence: its place in the log.
        is_replayed: whether the same was booked under its key before.
        entries: what it put where.
    """

    entry_key: str
    sequence: int
    is_replayed: bool
    entries: tuple[JournalEntryView, ...]


def booked_view(booked: Booked) -> BookedView:
    """A booking for clients."""
    entries = tuple(entry_view(entry) for entry in booked.entries)
    return BookedView(booked.entry_key, booked.sequence, not booked.is_new, entries)


def amount_text(amount: Decimal) -> str:
    """An amount in full, without an exponent and without zeros at its end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def entry_view(entry: JournalEntry) -> JournalEntryView:
    """An entry for clients."""
    return JournalEntryView(
        entry_key=entry.entry_key,
        kind=entry.kind.value,
        account_id=entry.account_id,
        as_of=instant_text(entry.as_of),
        recorded_at=instant_text(entry.recorded_at),
        narration=entry.narration,
        postings=tuple(_posting(posting) for posting in entry.postings),
        decision_id=None if entry.decision_id is None else entry.decision_id.hex(),
        cites=tuple(cite.hex() for cite in entry.cites),
        corrects=entry.corrects,
    )


def _posting(posting: Posting) -> PostingView:
    return PostingView(
        account=posting.account,
        commodity=posting.commodity,
        quantity=amount_text(posting.quantity),
        cost=None if posting.cost is None else _cost(posting.cost),
        price=None if posting.price is None else amount_text(posting.price.amount),
        price_currency=None if posting.price is None else posting.price.currency,
    )


def _cost(cost: LotCost) -> CostView:
    return CostView(amount_text(cost.unit_cost), cost.currency, instant_text(cost.acquired_at), cost.lot)


def balances_view(account_id: str, as_of: datetime | None, sequence: int, balances: Iterable[Balance]) -> BalancesView:
    """The books of an account for clients."""
    rows = tuple(
        BalanceView(each.account, each.commodity, amount_text(each.quantity), amount_text(each.weight), each.currency)
        for each in balances
    )
    return BalancesView(account_id, _instant(as_of), sequence, rows)


def holdings_view(
    account_id: str,
    as_of: datetime | None,
    sequence: int,
    cash: dict[str, Decimal],
    positions: Iterable[Position],
) -> HoldingsView:
    """Cash and positions for clients."""
    held = tuple(
        HeldView(each.symbol, amount_text(each.quantity), amount_text(each.cost), each.currency) for each in positions
    )
    money = {currency: amount_text(amount) for currency, amount in sorted(cash.items())}
    return HoldingsView(account_id, _instant(as_of), sequence, money, held)


def lots_view(account_id: str, as_of: datetime | None, method: str, lots: Iterable[Lot]) -> LotsView:
    """Open lots for clients."""
    rows = tuple(LotView(lot.symbol, amount_text(lot.quantity), _cost(lot.cost)) for lot in lots)
    return LotsView(account_id, _instant(as_of), method, rows)


def trips_view(account_id: str, method: str, trips: tuple[RoundTrip, ...], most: int) -> TripsView:
    """Round trips for clients, the newest at most so many."""
    gains: dict[str, Decimal] = {}
    for trip in trips:
        gains[trip.currency] = gains.get(trip.currency, Decimal(0)) + trip.gain
    return TripsView(
        account_id=account_id,
        method=method,
        n_trades=len(trips),
        gain={currency: amount_text(amount) for currency, amount in sorted(gains.items())},
        trades=tuple(_trip(trip) for trip in trips[-most:]),
    )


def _trip(trip: RoundTrip) -> TripView:
    return TripView(
        symbol=trip.symbol,
        quantity=amount_text(trip.quantity),
        opened_at=instant_text(trip.opened_at),
        closed_at=instant_text(trip.closed_at),
        opened_by=trip.opened_by,
        closed_by=trip.closed_by,
        open_price=amount_text(trip.open_price),
        close_price=None if trip.close_price is None else amount_text(trip.close_price),
        currency=trip.currency,
        gain=amount_text(trip.gain),
    )


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)
