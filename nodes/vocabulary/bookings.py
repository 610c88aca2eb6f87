"""What happens to an account and is booked: the events that the journal's entries follow from.

Every event names its source (`Origin`), so that each entry of the journal leads back to the entry of the log that it
follows from. Amounts are what the account receives; fees are what it pays, a rebate being negative. Quantities are
signed: negative sells.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from nodes.vocabulary.journal import JournalKind

_ZERO = Decimal(0)
COMMISSION, REGULATORY, VENUE = "Commission", "RegulatoryFees", "VenueFees"
BORROW, INTEREST = "BorrowFees", "Interest"
EXPENSES = (COMMISSION, REGULATORY, VENUE, BORROW, INTEREST)
"""Every expense that has an account of its own."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event comes from.

    Attributes:
        key: its name, that of the entry which books it.
        account_id: whose.
        as_of: when it was true.
        recorded_at: when the log learned of it.
        decision_id: the decision that it follows from; None when from none.
        cites: ids of the log entries that it stands on.
        corrects: the key of the entry that it takes back or puts right.
    """

    key: str
    account_id: str
    as_of: datetime
    recorded_at: datetime
    decision_id: bytes | None = None
    cites: tuple[bytes, ...] = ()
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """A part of what trading cost.

    Attributes:
        kind: which expense, one of `EXPENSES`.
        amount: paid; negative for a rebate.
    """

    kind: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Traded:
    """Units bought or sold.

    Attributes:
        origin: where it comes from.
        symbol: of which share.
        quantity: units; negative when sold.
        price: of each.
        currency: of price and fees.
        fees: what it cost.
        exec_id: the broker's name of the execution; "" where it gave none.
        lots: names of the lots that a sale by SPECIFIC takes, in this order.
    """

    origin: Origin
    symbol: str
    quantity: Decimal
    price: Decimal
    currency: str
    fees: tuple[Fee, ...] = ()
    exec_id: str = ""
    lots: tuple[str, ...] = ()

    @property
    def fees_total(self) -> Decimal:
        """All fees together."""
        return sum((fee.amount for fee in self.fees), _ZERO)


@dataclass(frozen=True, slots=True)
class Busted:
    """A trade taken back, or another put in its place.

    Attributes:
        origin: where it comes from; `corrects` is the key of the trade.
        trade: the true trade; None where there was none.
    """

    origin: Origin
    trade: Traded | None


@dataclass(frozen=True, slots=True)
class DividendPaid:
    """A cash dividend.

    Attributes:
        origin: where it comes from.
        symbol: of which share.
        amount: received; negative when short shares pay it.
        currency: of the amount.
    """

    origin: Origin
    symbol: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class SplitDone:
    """New units for old ones of the same symbol.

    Attributes:
        origin: where it comes from.
        symbol: of which share.
        new_units: how many replace `old_units`; of what is held after it a broken unit is cut off.
        old_units: see there.
        cash: paid for a broken unit.
        currency: of the cash.
    """

    origin: Origin
    symbol: str
    new_units: int
    old_units: int
    cash: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class SpunOff:
    """Units of another symbol for those held, which take a part of the cost along.

    Attributes:
        origin: where it comes from.
        symbol: of the parent.
        new_symbol: of the child.
        quantity: units of the child received.
        cost_frac: part of each lot's cost that goes to the child.
        cash: paid for a broken unit.
        currency: of the cash.
    """

    origin: Origin
    symbol: str
    new_symbol: str
    quantity: Decimal
    cost_frac: Decimal
    cash: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Merged:
    """Units of a symbol exchanged for another's, for cash, or for both.

    Attributes:
        origin: where it comes from.
        symbol: of the one that goes.
        new_symbol: of the one that comes; "" for cash alone.
        quantity: units of the new one.
        cash: received.
        cash_cost_frac: part of the cost that the cash stands for; 1 for cash alone, 0 for units alone.
        currency: of the cash.
        kind: MERGER, or DELISTING where the share went from the market.
    """

    origin: Origin
    symbol: str
    new_symbol: str
    quantity: Decimal
    cash: Decimal
    cash_cost_frac: Decimal
    currency: str
    kind: JournalKind = JournalKind.MERGER


@dataclass(frozen=True, slots=True)
class Renamed:
    """A symbol that changed.

    Attributes:
        origin: where it comes from.
        symbol: the old one.
        new_symbol: the new one.
    """

    origin: Origin
    symbol: str
    new_symbol: str


@dataclass(frozen=True, slots=True)
class Charged:
    """What holding cost.

    Attributes:
        origin: where it comes from.
        kind: which expense, one of `EXPENSES`.
        amount: paid; negative when it was paid to the account.
        currency: of the amount.
        symbol: for which share; "" for none.
    """

    origin: Origin
    kind: str
    amount: Decimal
    currency: str
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class PaidIn:
    """Money from outside.

    Attributes:
        origin: where it comes from.
        amount: paid in; negative when it was taken out.
        currency: of the amount.
    """

    origin: Origin
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Converted:
    """Money of one currency for that of another.

    Attributes:
        origin: where it comes from.
        sold: what was given, positive.
        sold_currency: of it.
        bought: what was received, positive.
        bought_currency: of it.
    """

    origin: Origin
    sold: Decimal
    sold_currency: str
    bought: Decimal
    bought_currency: str


@dataclass(frozen=True, slots=True)
class Allocated:
    """Units of one account handed to others at what they cost, fees in proportion.

    Attributes:
        origin: where it comes from; its account is the one that hands over.
        symbol: of which share.
        shares: how many units each account gets, in this order.
        fees: what trading them cost, handed on.
        currency: of the fees.
    """

    origin: Origin
    symbol: str
    shares: tuple[tuple[str, Decimal], ...]
    fees: tuple[Fee, ...]
    currency: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a statement knew better and nothing else explains: cash, or units at a cost.

    Attributes:
        origin: where it comes from.
        cash: to add to the cash; negative to take away.
        currency: of cash and cost.
        symbol: of which share units are added; "" for none.
        quantity: units to add; negative to take away.
        unit_cost: what a unit cost.
        why: in words.
    """

    origin: Origin
    cash: Decimal
    currency: str
    symbol: str = ""
    quantity: Decimal = _ZERO
    unit_cost: Decimal = _ZERO
    why: str = ""


Booking = (
    Traded
    | Busted
    | DividendPaid
    | SplitDone
    | SpunOff
    | Merged
    | Renamed
    | Charged
    | PaidIn
    | Converted
    | Allocated
    | Corrected
)
"""Anything that is booked."""
