"""What may be asked to be booked: one body for every kind, with the fields that the kind needs and no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from api.http.asked import asked_instant, required
from api.http.problems import RequestError
from nodes.vocabulary.bookings import (
    Allocated,
    Booking,
    Busted,
    Charged,
    Converted,
    Corrected,
    DividendPaid,
    Fee,
    Merged,
    Origin,
    PaidIn,
    Renamed,
    SplitDone,
    SpunOff,
    Traded,
)

Amount = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$", examples=["1250.00"])]
Frac = Annotated[str, msgspec.Meta(pattern=r"^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$", examples=["0.25"])]
Symbol = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9][A-Z0-9.\-]{0,15}$", examples=["AAPL"])]
Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$", examples=["USD"])]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=160, pattern="^[!-~]([ -~]*[!-~])?$")]
AccountName = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern="^[!-~]([ -~]*[!-~])?$")]
Units = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Expense = Literal["Commission", "RegulatoryFees", "VenueFees", "BorrowFees", "Interest"]
BookingKind = Literal[
    "trade",
    "bust",
    "trade-correction",
    "dividend",
    "split",
    "spin-off",
    "merger",
    "symbol-change",
    "charge",
    "contribution",
    "conversion",
    "allocation",
    "correction",
]


class FeeBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A part of what trading cost.

    Attributes:
        kind: which expense.
        amount: paid; negative for a rebate.
    """

    kind: Expense
    amount: Amount


class ShareBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What an account gets of a block.

    Attributes:
        account_id: which account.
        quantity: how many units.
    """

    account_id: AccountName
    quantity: Amount


class BookingBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Something to book that has no other source.

    Attributes:
        kind: what it is.
        as_of: when it was true, RFC 3339 in UTC.
        account_id: whose books; the server's first account by default.
        currency: of every amount.
        symbol: of which share.
        new_symbol: of a spin-off, a merger or a change of symbol.
        quantity: units; negative sells.
        price: of a trade; cost of a unit of a correction.
        amount: of a dividend, a charge, a contribution; what a conversion gives.
        cash: that comes with a split, a spin-off or a merger; of a correction.
        frac: part of the cost that goes to a spin-off, or that the cash of a merger stands for.
        new_units: of a split: how many replace `old_units`.
        old_units: of a split.
        expense: of a charge.
        bought: what a conversion receives.
        bought_currency: of it.
        fees: of a trade or an allocation.
        shares: of an allocation.
        lots: names of the lots that a sale takes under the method `specific`.
        corrects: key of the entry that is taken back or put right.
        exec_id: the broker's name of the execution.
        why: of a correction, in words.
    """

    kind: BookingKind
    as_of: str
    account_id: AccountName | None = None
    currency: Currency = "USD"
    symbol: Symbol | None = None
    new_symbol: Symbol | None = None
    quantity: Amount | None = None
    price: Amount | None = None
    amount: Amount | None = None
    cash: Amount | None = None
    frac: Frac | None = None
    new_units: Units | None = None
    old_units: Units | None = None
    expense: Expense | None = None
    bought: Amount | None = None
    bought_currency: Currency | None = None
    fees: Annotated[tuple[FeeBody, ...], msgspec.Meta(max_length=16)] = ()
    shares: Annotated[tuple[ShareBody, ...], msgspec.Meta(max_length=256)] = ()
    lots: Annotated[tuple[Name, ...], msgspec.Meta(max_length=256)] = ()
    corrects: Name | None = None
    exec_id: Name | None = None
    why: Annotated[str, msgspec.Meta(min_length=1, max_length=400, pattern="^[ -~]+$")] | None = None


@dataclass(frozen=True)
class _Form:
    """What a kind of booking is made of.

    Attributes:
        made: makes it of a body and its origin.
        needs: fields that it needs.
        may: fields that it may have.
    """

    made: Callable[[BookingBody, Origin], Booking]
    needs: frozenset[str]
    may: frozenset[str] = frozenset()


_ALWAYS = frozenset({"kind", "as_of", "account_id", "currency"})


def booking_of_body(body: BookingBody, account_id: str) -> Booking:
    """The booking that a body asks for. Raises RequestError that names each field that is missing or out of place."""
    form = _FORMS[body.kind]
    given = {name for name in body.__struct_fields__ if getattr(body, name) not in {None, ()}}
    faults = [(name, f"is missing; a {body.kind} needs it") for name in sorted(form.needs - given)]
    known = form.needs | form.may | _ALWAYS
    faults += [(name, f"has no place in a {body.kind}; leave it out") for name in sorted(given - known)]
    if faults:
        said = [{"where": name, "what": what} for name, what in faults]
        message = f"{len(said)} of the booking's fields do not fit its kind; correct what `errors` names"
        raise RequestError(message, reason="invalid", members={"errors": said})
    at = _as_of(body.as_of)
    return form.made(body, Origin("", account_id, at, at, corrects=body.corrects))


def _as_of(text: str) -> datetime:
    """The instant of a booking. Raises RequestError for a day or an hour that there is not."""
    try:
        return required(asked_instant(text), ("as_of",))
    except RequestError as error:
        raise RequestError(str(error), reason="invalid") from error


def _decimal(text: str | None) -> Decimal:
    return Decimal(text or "0")


def _fees(body: BookingBody) -> tuple[Fee, ...]:
    return tuple(Fee(fee.kind, Decimal(fee.amount)) for fee in body.fees)


def _text(text: str | None) -> str:
    return text or ""


def _trade(body: BookingBody, origin: Origin) -> Traded:
    quantity, price = _decimal(body.quantity), _decimal(body.price)
    exec_id, symbol = _text(body.exec_id), _text(body.symbol)
    return Traded(origin, symbol, quantity, price, body.currency, _fees(body), exec_id, body.lots)


def _allocation(body: BookingBody, origin: Origin) -> Allocated:
    shares = tuple((share.account_id, Decimal(share.quantity)) for share in body.shares)
    return Allocated(origin, _text(body.symbol), shares, _fees(body), body.currency)


def _merger(body: BookingBody, origin: Origin) -> Merged:
    names = _text(body.symbol), _text(body.new_symbol)
    return Merged(origin, *names, _decimal(body.quantity), _decimal(body.cash), _decimal(body.frac), body.currency)


def _spin_off(body: BookingBody, origin: Origin) -> SpunOff:
    names = _text(body.symbol), _text(body.new_symbol)
    return SpunOff(origin, *names, _decimal(body.quantity), _decimal(body.frac), _decimal(body.cash), body.currency)


def _split(body: BookingBody, origin: Origin) -> SplitDone:
    units = body.new_units or 0, body.old_units or 0
    return SplitDone(origin, _text(body.symbol), *units, _decimal(body.cash), body.currency)


def _conversion(body: BookingBody, origin: Origin) -> Converted:
    bought = _decimal(body.bought), _text(body.bought_currency)
    return Converted(origin, _decimal(body.amount), body.currency, *bought)


def _correction(body: BookingBody, origin: Origin) -> Corrected:
    units = _text(body.symbol), _decimal(body.quantity), _decimal(body.price)
    return Corrected(origin, _decimal(body.cash), body.currency, *units, _text(body.why))


_TRADED = frozenset({"symbol", "quantity", "price"})
_FORMS: Mapping[str, _Form] = {
    "trade": _Form(_trade, _TRADED, frozenset({"fees", "exec_id", "lots"})),
    "bust": _Form(lambda _, origin: Busted(origin, None), frozenset({"corrects"})),
    "trade-correction": _Form(
        lambda body, origin: Busted(origin, _trade(body, origin)),
        _TRADED | {"corrects"},
        frozenset({"fees", "exec_id", "lots"}),
    ),
    "dividend": _Form(
        lambda body, origin: DividendPaid(origin, _text(body.symbol), _decimal(body.amount), body.currency),
        frozenset({"symbol", "amount"}),
    ),
    "split": _Form(_split, frozenset({"symbol", "new_units", "old_units"}), frozenset({"cash"})),
    "spin-off": _Form(_spin_off, frozenset({"symbol", "new_symbol", "quantity", "frac"}), frozenset({"cash"})),
    "merger": _Form(_merger, frozenset({"symbol"}), frozenset({"new_symbol", "quantity", "cash", "frac"})),
    "symbol-change": _Form(
        lambda body, origin: Renamed(origin, _text(body.symbol), _text(body.new_symbol)),
        frozenset({"symbol", "new_symbol"}),
    ),
    "charge": _Form(
        lambda body, origin: Charged(
            origin, _text(body.expense), _decimal(body.amount), body.currency, _text(body.symbol)
        ),
        frozenset({"expense", "amount"}),
        frozenset({"symbol"}),
    ),
    "contribution": _Form(
        lambda body, origin: PaidIn(origin, _decimal(body.amount), body.currency), frozenset({"amount"})
    ),
    "conversion": _Form(_conversion, frozenset({"amount", "bought", "bought_currency"})),
    "allocation": _Form(_allocation, frozenset({"symbol", "shares"}), frozenset({"fees"})),
    "correction": _Form(_correction, frozenset({"why"}), frozenset({"cash", "symbol", "quantity", "price"})),
}
