"""The books: every event becomes entries of double entry that balance to the last digit.

`Books` holds the open lots and nothing else. What an entry is follows from the event and the lots before it, so the
same events give the same entries, however often and wherever they are booked.

A trade that turns out wrong is put right by difference: the account is booked anew without it (or with the true one in
its place), and the entry moves every lot and gain from what stands to what should. So the books after a bust are those
of an account that never traded, whatever was sold of its lots meanwhile, and no entry is edited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal, DecimalException, localcontext

from nodes.journal.ledger.lots import apportioned, relieved, spread, units_of
from nodes.journal.ledger.money import money_entry
from nodes.journal.ledger.postings import (
    cash_postings,
    entry_of,
    gain_postings,
    lot_difference,
    money_postings,
    security_posting,
)
from nodes.journal.ledger.reshaping import reshaped
from nodes.vocabulary.bookings import (
    Allocated,
    Booking,
    Busted,
    Charged,
    Converted,
    Corrected,
    DividendPaid,
    Merged,
    Origin,
    PaidIn,
    Renamed,
    SplitDone,
    SpunOff,
    Traded,
)
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.journal import (
    EXACT,
    JournalEntry,
    JournalKind,
    Lot,
    LotCost,
    LotMethod,
    Posting,
    Price,
    balanced,
    equity_account,
    expense_account,
)

Past = Callable[[str], Iterable[Booking]]
"""Everything that was booked for an account so far, in order."""

_ZERO = Decimal(0)
_CENT, _MILLIONTH = Decimal("0.01"), Decimal("0.000001")


def no_past(account_id: str) -> Iterable[Booking]:
    """The past of books that take no trade back. Raises DataError: it is not known."""
    message = (
        f"the past of account {account_id} is not known, so no trade can be taken back; book its log from the start"
    )
    raise DataError(message)


class Books:
    """The open lots of any number of accounts, and what each event makes of them.

    Args:
        method: which lots a closing trade takes.
        past: what was booked before, for trades that are taken back.
    """

    def __init__(self, method: LotMethod, past: Past = no_past) -> None:
        self.method = method
        self.lots: dict[tuple[str, str], tuple[Lot, ...]] = {}
        self._past = past
        self._touched: dict[tuple[str, str], tuple[Lot, ...]] = {}

    def booked(self, booking: Booking) -> tuple[JournalEntry, ...]:
        """The entries that an event makes, one of each account that it concerns; the lots are then those after it.

        Raises DataError where the event does not fit the books, which are then as they were.
        """
        self._touched = {}
        try:
            with localcontext(EXACT):
                return tuple(balanced(entry) for entry in self._entries(booking))
        except (DataError, DecimalException) as error:
            for place, lots in self._touched.items():
                self._set(place, lots)
            if isinstance(error, DataError):
                raise
            message = f"{booking.origin.key} has amounts of more than {EXACT.prec} digits; state what can be paid"
            raise DataError(message) from error

    def _entries(self, booking: Booking) -> tuple[JournalEntry, ...]:
        match booking:
            case Traded():
                postings = self._traded(booking)
                return (entry_of(booking.origin, JournalKind.TRADE, traded_text(booking), postings),)
            case Busted():
                return self._busted(booking)
            case SplitDone() | SpunOff() | Merged() | Renamed():
                return (self._reshaped(booking),)
            case Allocated():
                return self._allocated(booking)
            case Corrected():
                postings = self._corrected(booking)
                return (entry_of(booking.origin, JournalKind.CORRECTION, booking.why or "correction", postings),)
            case DividendPaid() | Charged() | PaidIn() | Converted():
                return (money_entry(booking),)

    def held(self, account_id: str, symbol: str) -> tuple[Lot, ...]:
        """The open lots of a symbol."""
        return self.lots.get((account_id, symbol), ())

    def _put(self, account_id: str, symbol: str, lots: Sequence[Lot]) -> None:
        place = account_id, symbol
        self._touched.setdefault(place, self.lots.get(place, ()))
        self._set(place, tuple(lots))

    def _set(self, place: tuple[str, str], lots: tuple[Lot, ...]) -> None:
        if lots:
            self.lots[place] = lots
        else:
            self.lots.pop(place, None)

    def _traded(self, trade: Traded) -> list[Posting]:
        """Lots out and in, cash, fees, and what was gained."""
        _require_trade(trade)
        moved = self._moved(trade, trade.quantity, trade.price)
        paid = -trade.price * trade.quantity - trade.fees_total
        return [
            *moved,
            *cash_postings(trade.origin.account_id, paid, trade.currency),
            *_expenses(trade.origin.account_id, ((fee.kind, fee.amount) for fee in trade.fees), trade.currency),
        ]

    def _moved(self, trade: Traded, quantity: Decimal, price: Decimal) -> list[Posting]:
        """Units traded at a price: what they close goes out with its gain, what is left opens a lot."""
        account_id, symbol, currency = trade.origin.account_id, trade.symbol, trade.currency
        lots = self.held(account_id, symbol)
        _require_currency(lots, currency, trade.origin)
        held = units_of(lots)
        closed = _ZERO if quantity * held >= 0 else max(quantity, -held) if quantity < 0 else min(quantity, -held)
        postings: list[Posting] = []
        if closed:
            relief = relieved(lots, -closed, self.method, trade.lots)
            lots = relief.left
            postings += [security_posting(account_id, lot, Price(price, currency)) for lot in relief.changes]
            postings += gain_postings(account_id, symbol, -price * closed - relief.cost, currency)
        if quantity != closed:
            cost = LotCost(price, currency, trade.origin.as_of, trade.origin.key)
            new = Lot(symbol, quantity - closed, cost)
            lots = (*lots, new)
            postings.append(security_posting(account_id, new))
        self._put(account_id, symbol, lots)
        return postings

    def _reshaped(self, booking: SplitDone | SpunOff | Merged | Renamed) -> JournalEntry:
        """Lots that become others without a trade."""
        origin, symbol = booking.origin, booking.symbol
        old = self.held(origin.account_id, symbol)
        shape = reshaped(booking, old)
        _require_currency(old, shape.currency, origin)
        self._put(origin.account_id, symbol, shape.kept)
        self._join(origin, shape.new)
        postings = [
            *lot_difference(origin.account_id, old, (*shape.kept, *shape.new)),
            *cash_postings(origin.account_id, shape.cash, shape.currency),
            *gain_postings(origin.account_id, symbol, shape.gain, shape.currency),
        ]
        return entry_of(origin, shape.kind, shape.text, postings)

    def _join(self, origin: Origin, lots: Sequence[Lot]) -> None:
        """Put lots beside those of their symbol. Raises DataError where one is long and the other short."""
        if not lots:
            return
        symbol = lots[0].symbol
        held = self.held(origin.account_id, symbol)
        if units_of(held) * units_of(lots) < 0:
            message = (
                f"{origin.key} brings {units_of(lots)} {symbol} to account {origin.account_id}, which holds "
                f"{units_of(held)}; close these before"
            )
            raise DataError(message)
        _require_currency(held, lots[0].cost.currency, origin)
        self._put(origin.account_id, symbol, (*held, *lots))

    def _corrected(self, booking: Corrected) -> list[Posting]:
        """Cash and units against what corrections came to; units that close others do so at their cost."""
        account_id, currency = booking.origin.account_id, booking.currency
        moved: list[Posting] = []
        if booking.quantity:
            unit = Traded(booking.origin, booking.symbol, booking.quantity, booking.unit_cost, currency)
            moved = self._moved(unit, booking.quantity, booking.unit_cost)
        against = -booking.cash - booking.quantity * booking.unit_cost
        corrections = equity_account(account_id, "Corrections")
        return [
            *moved,
            *cash_postings(account_id, booking.cash, currency),
            *money_postings(corrections, against, currency),
        ]

    def _allocated(self, booking: Allocated) -> tuple[JournalEntry, ...]:
        """Units handed to other accounts at their cost, cash and fees in the other direction."""
        origin = booking.origin
        shares = [quantity for _, quantity in booking.shares]
        whole = sum(shares, _ZERO)
        lots = self.held(origin.account_id, booking.symbol)
        _require_currency(lots, booking.currency, origin)
        _require_allocation(booking, whole, lots)
        relief = relieved(lots, whole, self.method)
        self._put(origin.account_id, booking.symbol, relief.left)
        fees = [(fee.kind, spread(fee.amount, shares, _CENT)) for fee in booking.fees]
        out = [security_posting(origin.account_id, lot) for lot in relief.changes]
        passed = [(kind, -sum(parts, _ZERO)) for kind, parts in fees]
        entries = [_handed(booking, origin, out, passed, relief.cost)]
        for place, cost in enumerate(spread(relief.cost, shares, _MILLIONTH)):
            account_id, quantity = booking.shares[place]
            theirs = replace(origin, key=f"{origin.key}/{account_id}", account_id=account_id, corrects=None)
            got = [(kind, parts[place]) for kind, parts in fees]
            trade = Traded(theirs, booking.symbol, quantity, _ZERO, booking.currency)
            taken = [posting for part in apportioned(quantity, cost) for posting in self._moved(trade, *part)]
            entries.append(_handed(booking, theirs, taken, got, -cost))
        return tuple(entries)

    def _busted(self, booking: Busted) -> tuple[JournalEntry, ...]:
        """The entries that move the books from what stands to what they would be without the trade, or with another.

        Accounts that were allocated units of it paid what these cost, so theirs move too.
        """
        origin = booking.origin
        past = tuple(self._past(origin.account_id))
        stand = {each.origin.key for each in effective(past) if isinstance(each, Traded)}
        if origin.corrects not in stand:
            message = f"{origin.key} takes back {origin.corrects}, which is no trade of {origin.account_id} that stands"
            raise DataError(f"{message}; name the key of one")
        kind = JournalKind.BUST if booking.trade is None else JournalKind.TRADE_CORRECTION
        text = f"takes back {origin.corrects}" if booking.trade is None else f"{traded_text(booking.trade)} after all"
        entries = [entry_of(origin, kind, text, self._righted(origin.account_id, past, booking))]
        for account_id, theirs in self._takers(origin.account_id, past).items():
            postings = self._righted(account_id, theirs, booking)
            if postings:
                taken = replace(origin, key=f"{origin.key}/{account_id}", account_id=account_id, corrects=None)
                entries.append(entry_of(taken, JournalKind.ALLOCATION, f"{origin.account_id}: {text}", postings))
        return tuple(entries)

    def _takers(self, account_id: str, past: Sequence[Booking]) -> dict[str, tuple[Booking, ...]]:
        """The past of every account that was allocated units of one, or of what one of them was allocated."""
        found: dict[str, tuple[Booking, ...]] = {account_id: tuple(past)}
        asked = [account_id]
        while asked:
            giver = asked.pop()
            given = (each for each in found[giver] if isinstance(each, Allocated) and each.origin.account_id == giver)
            for taker in sorted({name for each in given for name, _ in each.shares} - found.keys()):
                found[taker] = tuple(self._past(taker))
                asked.append(taker)
        del found[account_id]
        return dict(sorted(found.items()))

    def _righted(self, account_id: str, past: Sequence[Booking], booking: Busted) -> list[Posting]:
        """What moves one account from what stands to what is true; its lots are then those after it."""
        standing, _ = self._replayed(account_id, past)
        true, lots = self._replayed(account_id, (*past, booking))
        for owner, symbol in self.lots.keys() | lots.keys():
            if owner == account_id:
                self._put(owner, symbol, lots.get((owner, symbol), ()))
        return _sums_difference(standing, true)

    def _replayed(
        self, account_id: str, past: Sequence[Booking]
    ) -> tuple[dict[_Place, Decimal], dict[tuple[str, str], tuple[Lot, ...]]]:
        """What an account's bookings come to with every trade as it was last put right."""
        books, sums = Books(self.method), dict[_Place, Decimal]()
        for booking in effective(past):
            for entry in books.booked(booking):
                if entry.account_id == account_id:
                    _add(sums, entry.postings)
        return sums, books.lots


_Place = tuple[str, str, LotCost | None]


def effective(past: Sequence[Booking]) -> tuple[Booking, ...]:
    """Bookings with every trade as it was last put right, in its place, those taken back left out."""
    right = {booking.origin.corrects: booking.trade for booking in past if isinstance(booking, Busted)}
    found: list[Booking] = []
    for booking in past:
        if isinstance(booking, Busted):
            continue
        if not isinstance(booking, Traded) or booking.origin.key not in right:
            found.append(booking)
            continue
        trade = right[booking.origin.key]
        if trade is not None:
            found.append(replace(trade, origin=booking.origin))
    return tuple(found)


def traded_text(trade: Traded) -> str:
    """A trade in words."""
    side = "buy" if trade.quantity > 0 else "sell"
    return f"{side} {abs(trade.quantity)} {trade.symbol} at {trade.price} {trade.currency}"


def _expenses(account_id: str, fees: Iterable[tuple[str, Decimal]], currency: str) -> list[Posting]:
    """What each kind of fee came to, on its own account."""
    return [
        posting
        for kind, amount in fees
        for posting in money_postings(expense_account(account_id, kind), amount, currency)
    ]


def _handed(
    booking: Allocated, origin: Origin, units: list[Posting], fees: Sequence[tuple[str, Decimal]], cost: Decimal
) -> JournalEntry:
    """One account's side of an allocation: units, fees, and the cash for both."""
    paid = cost - sum((amount for _, amount in fees), _ZERO)
    expenses = _expenses(origin.account_id, fees, booking.currency)
    postings = [*units, *cash_postings(origin.account_id, paid, booking.currency), *expenses]
    text = f"allocation of {booking.symbol} from {booking.origin.account_id}"
    return entry_of(origin, JournalKind.ALLOCATION, text, postings)


def _add(sums: dict[_Place, Decimal], postings: Iterable[Posting]) -> None:
    for posting in postings:
        place = posting.account, posting.commodity, posting.cost
        sums[place] = sums.get(place, _ZERO) + posting.quantity


def _sums_difference(standing: dict[_Place, Decimal], true: dict[_Place, Decimal]) -> list[Posting]:
    """What turns the sums of some postings into those of others."""
    places = dict.fromkeys((*standing, *true))
    changes = ((place, true.get(place, _ZERO) - standing.get(place, _ZERO)) for place in places)
    return [Posting(account, commodity, amount, cost) for (account, commodity, cost), amount in changes if amount]


def _require_trade(trade: Traded) -> None:
    amounts = (trade.quantity, trade.price, *(fee.amount for fee in trade.fees))
    if not all(amount.is_finite() for amount in amounts) or not trade.quantity or trade.price < 0:
        message = f"trade {trade.origin.key} of {trade.quantity} {trade.symbol} at {trade.price} is none"
        raise DataError(f"{message}; state units and a price that is not negative")


def _require_currency(lots: Sequence[Lot], currency: str, origin: Origin) -> None:
    if lots and lots[0].cost.currency != currency:
        message = f"{origin.key} is in {currency or 'no currency'}, the lots of {lots[0].symbol} are in"
        raise DataError(f"{message} {lots[0].cost.currency}; state it in theirs")


def _require_allocation(booking: Allocated, whole: Decimal, lots: Sequence[Lot]) -> None:
    owners = [account_id for account_id, _ in booking.shares]
    same_sign = all(quantity * whole > 0 for _, quantity in booking.shares)
    fits = abs(whole) <= abs(units_of(lots)) and whole * units_of(lots) > 0
    if not (same_sign and fits) or len(set(owners)) != len(owners) or booking.origin.account_id in owners:
        message = f"{whole} {booking.symbol} of {units_of(lots)} in {booking.origin.account_id} cannot go to {owners}"
        raise DataError(f"{message}; name each of several other accounts once, with units of the sign that is held")
