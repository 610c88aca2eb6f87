"""The words of reconciliation: what a broker states, what the books hold, and where the two break.

Both sides are statements in the same words: movements of shares and cash between two days, positions and balances at
the end. What a side does not say is None, and is not compared; it is never zero. Quantities and amounts are signed from
the account's view: shares and cash that come in are positive. A fee is positive when it is paid.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum

ZERO = Decimal(0)


class MovementKind(Enum):
    """What moved.

    A TRADE is an execution, or several told as one. A SPLIT moves shares alone, a DELIVERY shares that come or go
    without a trade (spin-offs, mergers, transfers). FEE, BORROW and INTEREST are charges that no trade names, a
    TRANSFER is cash paid in or out, a CONVERSION buys one currency with another: its symbol is the currency bought, its
    price the rate. An ADJUSTMENT is what only books have: cash that they booked to agree with an earlier statement.
    """

    TRADE = "trade"
    DIVIDEND = "dividend"
    SPLIT = "split"
    DELIVERY = "delivery"
    FEE = "fee"
    BORROW = "borrow"
    INTEREST = "interest"
    TRANSFER = "transfer"
    CONVERSION = "conversion"
    ADJUSTMENT = "adjustment"


OF_SHARES = frozenset({MovementKind.TRADE, MovementKind.SPLIT, MovementKind.DELIVERY, MovementKind.CONVERSION})
"""Kinds that are told apart by their quantity; the others by their amount."""
TRADES = frozenset({MovementKind.TRADE, MovementKind.CONVERSION})
"""Kinds with a price."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a statement, or one entry of the books.

    Attributes:
        kind: what moved.
        on: the day to which it belongs: of the trade, of the payment.
        symbol: of which share; "" for cash alone.
        quantity: shares that came in; None where it is not told.
        price: of one, in `currency`.
        fee: what the trade cost beyond its price.
        amount: cash that came in, fees taken off; None where it is not told.
        currency: of price, fee and amount.
        fx_rate: units of the account's currency for one of `currency`.
        reference: the execution or activity, e.g. an ExecID; "" where it has none.
        order: the order, e.g. a ClOrdID.
        place: where it was read: a line of the statement, an entry of the log.
    """

    kind: MovementKind
    on: date
    symbol: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None
    fee: Decimal | None = None
    amount: Decimal | None = None
    currency: str = "USD"
    fx_rate: Decimal | None = None
    reference: str = ""
    order: str = ""
    place: str = ""

    @property
    def shares(self) -> Decimal:
        """Shares that came in, where the kind moves any."""
        moved = self.kind in OF_SHARES and self.kind is not MovementKind.CONVERSION
        return self.quantity if moved and self.quantity is not None else ZERO

    @property
    def tells_fee(self) -> bool:
        """Whether fees are in its cash: in the amount, or told apart."""
        return self.amount is not None or self.fee is not None

    @property
    def cash(self) -> Decimal | None:
        """Cash that came in: the amount, or what quantity, price and fee make; None where nothing tells it."""
        if self.amount is not None:
            return self.amount
        if self.kind in TRADES and self.quantity is not None and self.price is not None:
            return -self.quantity * self.price - (self.fee or ZERO)
        return ZERO if self.kind in {MovementKind.SPLIT, MovementKind.DELIVERY} else None


@dataclass(frozen=True, slots=True)
class Statement:
    """What one side says of one account.

    Attributes:
        account_id: whose.
        since: first day that it covers.
        until: last day; positions and balances are those at its end.
        movements: in the order in which they were told.
        positions: shares by symbol, without empty ones; None where it tells none.
        balances: cash by currency; None where it tells none.
    """

    account_id: str
    since: date
    until: date
    movements: tuple[Movement, ...] = ()
    positions: tuple[tuple[str, Decimal], ...] | None = None
    balances: tuple[tuple[str, Decimal], ...] | None = None


class Cause(Enum):
    """Why the two sides part.

    A DUPLICATE is what the statement tells twice, a DOUBLE_BOOKING what the books do. UNCONFIRMED is something that the
    books have and the statement does not; POSITION is shares that no movement
    explains, CASH_ONLY cash of which the same holds, or that came without anything else. ROUNDING is what rounding to
    the statement's decimals, and differences that tolerances let pass, come to in all.
    """

    MISSING_FILL = "missing-fill"
    DUPLICATE = "duplicate"
    DOUBLE_BOOKING = "double-booking"
    WRONG_PRICE = "wrong-price"
    WRONG_QUANTITY = "wrong-quantity"
    WRONG_FEE = "wrong-fee"
    WRONG_AMOUNT = "wrong-amount"
    WRONG_SIGN = "wrong-sign"
    WRONG_SYMBOL = "wrong-symbol"
    UNKNOWN_SYMBOL = "unknown-symbol"
    WRONG_RATE = "wrong-rate"
    MISSING_DIVIDEND = "missing-dividend"
    MISSING_SPLIT = "missing-split"
    MISSING_DELIVERY = "missing-delivery"
    MISSING_CHARGE = "missing-charge"
    MISSING_CONVERSION = "missing-conversion"
    UNCONFIRMED = "unconfirmed"
    TIMING = "timing"
    POSITION = "position"
    CASH_ONLY = "cash-only"
    ROUNDING = "rounding"


class Side(Enum):
    """A side of a reconciliation."""

    STATEMENT = "statement"
    BOOKS = "books"


Amounts = tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Break:
    """One thing in which statement and books part, with its cause.

    Attributes:
        cause: why.
        on: the day to which it belongs.
        symbol: of which share; "" for cash alone.
        currency: of the cash.
        stated: what the statement says; None where it says nothing.
        booked: what the books say.
        shares: by symbol, what the statement has more than the books because of it.
        cash: the same by currency.
        side: on which side stands what is too much; None where that cannot be told.
        detail: the two values that part, as text: statement, books.
    """

    cause: Cause
    on: date
    symbol: str
    currency: str
    stated: Movement | None = None
    booked: Movement | None = None
    shares: Amounts = ()
    cash: Amounts = ()
    side: Side | None = None
    detail: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Line:
    """A position or a balance at the end of the statement, from both sides.

    Attributes:
        name: symbol or currency.
        stated: what the statement says.
        booked: what the books say.
        explained: how much of the difference the breaks of movements explain.
    """

    name: str
    stated: Decimal
    booked: Decimal
    explained: Decimal

    @property
    def unexplained(self) -> Decimal:
        """What is left of the difference."""
        return self.stated - self.booked - self.explained


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What became of a statement.

    Attributes:
        account_id: whose.
        since: first day.
        until: last day.
        n_stated: movements of the statement.
        n_booked: movements of the books.
        n_matched: pairs of the two.
        breaks: in which they part, by day.
        positions: None where the statement tells none.
        balances: None where the statement tells none.
    """

    account_id: str
    since: date
    until: date
    n_stated: int
    n_booked: int
    n_matched: int
    breaks: tuple[Break, ...] = ()
    positions: tuple[Line, ...] | None = None
    balances: tuple[Line, ...] | None = None

    @property
    def is_clean(self) -> bool:
        """Whether nothing parts."""
        return not self.breaks


class Grouping(Enum):
    """Of what one line for trades tells: an execution, all of an order on a day, all of a symbol and side on a day."""

    EXECUTION = "execution"
    ORDER = "order"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Form:
    """How a statement tells what it tells, from its mapping.

    Attributes:
        grouping: what one line for trades is about.
        fees_are_apart: whether fees of trades are lines of their own, one sum a day.
        shares_references: whether its references and ours are the same ids.
        price_decimals: to how many decimals it rounds prices; None when it does not round.
        amount_decimals: the same of amounts and fees.
    """

    grouping: Grouping = Grouping.EXECUTION
    fees_are_apart: bool = False
    shares_references: bool = False
    price_decimals: int | None = None
    amount_decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Tolerances:
    """What is let pass, from the policy; nothing by default.

    Attributes:
        price: how far prices and rates may part.
        quantity: shares.
        amount: cash and fees.
        timing_days: by how many calendar days the two sides may tell the day apart and still mean one movement.
        near_frac: how far the price of two trades may part, as a part of the books' one, that they are still one trade.
    """

    price: Decimal = ZERO
    quantity: Decimal = ZERO
    amount: Decimal = ZERO
    timing_days: int = 4
    near_frac: Decimal = Decimal("0.25")


@dataclass(frozen=True, slots=True)
class Terms:
    """All that matching goes by.

    Attributes:
        form: of the statement.
        tolerances: of the policy.
        known_symbols: that we know; others are unknown symbols.
    """

    form: Form = field(default_factory=Form)
    tolerances: Tolerances = field(default_factory=Tolerances)
    known_symbols: frozenset[str] = frozenset()
