"""Small ledgers for the tests: events of one account, a day apart, and what generates them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from nodes.journal.ledger.booking import Books
from nodes.vocabulary.bookings import (
    COMMISSION,
    VENUE,
    Booking,
    Busted,
    Charged,
    DividendPaid,
    Fee,
    Origin,
    PaidIn,
    Renamed,
    SplitDone,
    Traded,
)
from nodes.vocabulary.journal import JournalEntry, LotMethod, Posting, cash_account

START = datetime(2020, 1, 2, 21, tzinfo=UTC)
SYMBOLS = ("AAA", "BBB")
METHODS = tuple(LotMethod)


def origin(number: int, account_id: str = "demo", corrects: str | None = None) -> Origin:
    at = START + timedelta(days=number)
    return Origin(f"k{number}", account_id, at, at, corrects=corrects)


def trade(number: int, quantity: int | str, price: int | str, symbol: str = "AAA", **more: object) -> Traded:
    account_id = str(more.pop("account_id", "demo"))
    return Traded(origin(number, account_id), symbol, Decimal(quantity), Decimal(price), "USD", **more)  # type: ignore[arg-type]  # of the test


def paid_in(number: int, amount: int | str = 100_000) -> PaidIn:
    return PaidIn(origin(number), Decimal(amount), "USD")


def bust(number: int, of: str, instead: Traded | None = None) -> Busted:
    return Busted(origin(number, corrects=of), instead)


def booked(bookings: Iterable[Booking], method: LotMethod = LotMethod.FIFO) -> tuple[Books, list[JournalEntry]]:
    """The books after some events, which remember them, and their entries."""
    past: list[Booking] = []
    books = Books(method, lambda _: past)
    entries: list[JournalEntry] = []
    for booking in bookings:
        entries += books.booked(booking)
        past.append(booking)
    return books, entries


def total(entries: Iterable[JournalEntry], account: str, commodity: str = "USD") -> Decimal:
    """What entries put on an account."""
    found = [each for entry in entries for each in entry.postings]
    return sum((each.quantity for each in found if (each.account, each.commodity) == (account, commodity)), Decimal(0))


def cash(entries: Iterable[JournalEntry], account_id: str = "demo") -> Decimal:
    return total(entries, cash_account(account_id))


def lots_told(entries: Iterable[JournalEntry]) -> dict[tuple[str, object], Decimal]:
    """Open units by symbol and cost, summed over the postings."""
    sums: dict[tuple[str, object], Decimal] = {}
    for posting in _lots(entries):
        place = posting.commodity, posting.cost
        sums[place] = sums.get(place, Decimal(0)) + posting.quantity
    return {place: quantity for place, quantity in sums.items() if quantity}


def _lots(entries: Iterable[JournalEntry]) -> Sequence[Posting]:
    return [each for entry in entries for each in entry.postings if each.cost is not None]


PRICES = st.integers(1, 99_999).map(lambda cents: Decimal(cents) / 100)
QUANTITIES = st.integers(-500, 500).filter(bool).map(Decimal)
FEES = st.integers(-100, 300).map(lambda cents: Decimal(cents) / 100)


@st.composite
def trades(draw: st.DrawFn, min_size: int = 0, max_size: int = 12) -> list[Traded]:
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from(SYMBOLS), QUANTITIES, PRICES, FEES, FEES), min_size=min_size, max_size=max_size
        )
    )
    return [
        Traded(origin(number), symbol, quantity, price, "USD", (Fee(COMMISSION, abs(fee)), Fee(VENUE, rebate)))
        for number, (symbol, quantity, price, fee, rebate) in enumerate(rows)
    ]


@st.composite
def events(draw: st.DrawFn) -> list[Booking]:
    """Trades with dividends, splits, charges and a change of symbol among them."""
    found: list[Booking] = [paid_in(0)]
    for number in range(1, draw(st.integers(1, 14))):
        symbol = draw(st.sampled_from(SYMBOLS))
        kind = draw(st.sampled_from(["trade", "trade", "trade", "dividend", "split", "charge", "rename"]))
        match kind:
            case "trade":
                event: Booking = Traded(origin(number), symbol, draw(QUANTITIES), draw(PRICES), "USD")
            case "dividend":
                event = DividendPaid(origin(number), symbol, draw(FEES), "USD")
            case "split":
                new, old = draw(st.integers(1, 9)), draw(st.integers(1, 9))
                event = SplitDone(origin(number), symbol, new, old, draw(FEES), "USD")
            case "charge":
                event = Charged(origin(number), "BorrowFees", draw(FEES), "USD", symbol)
            case _:
                event = Renamed(origin(number), symbol, f"{symbol}{number}")
        found.append(event)
    return found
