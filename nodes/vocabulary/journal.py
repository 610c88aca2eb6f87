"""The words of the journal: entries of double entry, their postings, lots and what is read of them.

A posting puts a quantity of one commodity (a currency or a symbol) on one account. Its weight is what it counts for
when an entry is balanced: quantity times cost where it was bought at one, the quantity itself otherwise. The weights of
an entry are zero in every commodity, to the last digit. A price on a posting is a remark, as in Beancount.

Accounts are named as Beancount names them, parts between colons: `Assets:Demo:Cash`, `Assets:Demo:Securities:AAPL`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from enum import Enum
from functools import lru_cache

from nodes.vocabulary.errors import DataError

EXACT = Context(prec=100)
"""Digits enough for the product and the sum of any two amounts: 28, as decimals have by default, round some away."""

_ZERO = Decimal(0)
_ASCII = 0x80


class JournalKind(Enum):
    """What an entry of the journal books.

    A BUST takes a fill back, a TRADE_CORRECTION puts another in its place, an ALLOCATION hands shares of one account to
    another at their cost, a CORRECTION is what a statement of the broker knew better.
    """

    TRADE = "trade"
    BUST = "bust"
    TRADE_CORRECTION = "trade-correction"
    DIVIDEND = "dividend"
    SPLIT = "split"
    SPIN_OFF = "spin-off"
    MERGER = "merger"
    SYMBOL_CHANGE = "symbol-change"
    DELISTING = "delisting"
    CHARGE = "charge"
    INTEREST = "interest"
    CONTRIBUTION = "contribution"
    CONVERSION = "conversion"
    ALLOCATION = "allocation"
    CORRECTION = "correction"


class LotMethod(Enum):
    """Which lots a closing trade takes: the oldest, newest, dearest, all at their average, or those that it names."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"
    AVERAGE = "average"
    SPECIFIC = "specific"


@dataclass(frozen=True, slots=True)
class LotCost:
    """What a unit of a lot cost.

    Attributes:
        unit_cost: cost of one unit, before fees; what one unit was sold for where the lot is short.
        currency: of the cost.
        acquired_at: when the lot was opened.
        lot: the name of the lot, that of the entry that opened it.
    """

    unit_cost: Decimal
    currency: str
    acquired_at: datetime
    lot: str


@dataclass(frozen=True, slots=True)
class Price:
    """A price remarked on a posting.

    Attributes:
        amount: of one unit.
        currency: of the price.
    """

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Posting:
    """A quantity put on one account.

    Attributes:
        account: name of the account.
        commodity: a currency or a symbol.
        quantity: how much; negative takes away.
        cost: what a unit of it cost, where it is a lot; None for money.
        price: what a unit was traded at, where that is worth a remark.
    """

    account: str
    commodity: str
    quantity: Decimal
    cost: LotCost | None = None
    price: Price | None = None

    @property
    def weight(self) -> Decimal:
        """What the posting counts for when its entry is balanced."""
        return self.quantity if self.cost is None else EXACT.multiply(self.quantity, self.cost.unit_cost)

    @property
    def weight_currency(self) -> str:
        """In which commodity it counts."""
        return self.commodity if self.cost is None else self.cost.currency


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One balanced entry of the journal.

    Attributes:
        entry_key: its name: the id of the log entry that it follows from, in hexadecimal.
        kind: what it books.
        account_id: whose books.
        as_of: when it was true.
        recorded_at: when the log learned of it.
        narration: what happened, in words.
        postings: what it puts where.
        decision_id: the decision that it follows from; None when from none.
        cites: ids of the log entries that it stands on.
        corrects: the key of the entry that it takes back or puts right; None when it does neither.
    """

    entry_key: str
    kind: JournalKind
    account_id: str
    as_of: datetime
    recorded_at: datetime
    narration: str
    postings: tuple[Posting, ...]
    decision_id: bytes | None = None
    cites: tuple[bytes, ...] = ()
    corrects: str | None = None

    @property
    def imbalances(self) -> dict[str, Decimal]:
        """What the weights come to in each commodity where they do not cancel: none, in every entry that is booked."""
        return imbalances(self.postings)


@dataclass(frozen=True, slots=True)
class Lot:
    """An open lot.

    Attributes:
        symbol: of which share.
        quantity: units left in it; negative when short.
        cost: what a unit of it cost.
    """

    symbol: str
    quantity: Decimal
    cost: LotCost

    @property
    def total_cost(self) -> Decimal:
        """What is left of the cost of the lot; negative when short."""
        return EXACT.multiply(self.quantity, self.cost.unit_cost)


@dataclass(frozen=True, slots=True)
class Position:
    """What an account holds of one symbol.

    Attributes:
        account_id: whose.
        symbol: of which share.
        quantity: how much; negative when short, never zero.
        cost: what it cost together, before fees; negative when short.
        currency: of the cost.
    """

    account_id: str
    symbol: str
    quantity: Decimal
    cost: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Balance:
    """What one account of the books holds of one commodity.

    Attributes:
        account: name of the account.
        commodity: a currency or a symbol.
        quantity: how much; never zero.
        weight: what it cost in `currency` where it is held at a cost, otherwise the quantity.
        currency: in which the weight is.
    """

    account: str
    commodity: str
    quantity: Decimal
    weight: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """One lot, or part of one, from its opening to its closing.

    Attributes:
        account_id: whose.
        symbol: of which share.
        quantity: units closed; negative when they were short.
        opened_at: when the lot was opened.
        closed_at: when it was closed.
        opened_by: key of the entry that opened the lot.
        closed_by: key of the entry that closed it.
        open_price: cost of one unit.
        close_price: what one unit was closed at; None where it was not closed by a trade.
        currency: of both.
        gain: what the closing realised, before fees.
    """

    account_id: str
    symbol: str
    quantity: Decimal
    opened_at: datetime
    closed_at: datetime
    opened_by: str
    closed_by: str
    open_price: Decimal
    close_price: Decimal | None
    currency: str
    gain: Decimal


def imbalances(postings: Iterable[Posting]) -> dict[str, Decimal]:
    """What the weights of postings come to in each commodity where they do not cancel."""
    sums: dict[str, Decimal] = {}
    for posting in postings:
        sums[posting.weight_currency] = EXACT.add(sums.get(posting.weight_currency, _ZERO), posting.weight)
    return {commodity: amount for commodity, amount in sorted(sums.items()) if amount}


def balanced(entry: JournalEntry) -> JournalEntry:
    """The entry itself. Raises DataError where its weights do not cancel."""
    off = entry.imbalances
    if off:
        amounts = ", ".join(f"{amount} {commodity}" for commodity, amount in off.items())
        message = f"entry {entry.entry_key} ({entry.kind.value}) is off by {amounts}; give it postings that cancel"
        raise DataError(message)
    return entry


def cash_account(account_id: str) -> str:
    """The account of the cash that an account holds, in any currency."""
    return f"Assets:{owner_part(account_id)}:Cash"


def securities_account(account_id: str, symbol: str) -> str:
    """The account of the units that an account holds of a symbol."""
    return f"Assets:{owner_part(account_id)}:Securities:{symbol_part(symbol)}"


def gains_account(account_id: str, symbol: str) -> str:
    """The account of what was gained by closing lots of a symbol; income is negative, as Beancount has it."""
    return f"Income:{owner_part(account_id)}:Gains:{symbol_part(symbol)}"


def dividends_account(account_id: str, symbol: str) -> str:
    """The account of the dividends of a symbol."""
    return f"Income:{owner_part(account_id)}:Dividends:{symbol_part(symbol)}"


def interest_account(account_id: str) -> str:
    """The account of interest received; what is paid is an expense."""
    return f"Income:{owner_part(account_id)}:Interest"


def expense_account(account_id: str, kind: str) -> str:
    """The account of an expense: Commission, RegulatoryFees, VenueFees, BorrowFees or Interest."""
    return f"Expenses:{owner_part(account_id)}:{kind}"


def equity_account(account_id: str, kind: str) -> str:
    """The account of what comes from outside: Contributions, Allocations, Conversions or Corrections."""
    return f"Equity:{owner_part(account_id)}:{kind}"


@lru_cache(maxsize=4096)
def owner_part(account_id: str) -> str:
    """An account's id as a part of a name: `demo` is `Demo`, `Demo` is `0Demo`, so that no two ids are one part."""
    first = account_id[:1]
    return _escaped(first.upper() + account_id[1:] if "a" <= first <= "z" else f"0{account_id}")


@lru_cache(maxsize=4096)
def symbol_part(symbol: str) -> str:
    """A symbol as a part of a name: `AAPL` is itself, `BRK.B` is `BRK-2EB`, so that no two symbols are one part."""
    is_plain = "A" <= symbol[:1] <= "Z" or "1" <= symbol[:1] <= "9"
    return _escaped(symbol if is_plain else f"0{symbol}")


def _escaped(text: str) -> str:
    """ASCII letters and digits as they are, everything else as a dash and its code."""
    return "".join(_escaped_character(character) for character in text)


def _escaped_character(character: str) -> str:
    code = ord(character)
    if code < _ASCII:
        return character if character.isalnum() else f"-{code:02X}"
    return f"-U{code:06X}"
