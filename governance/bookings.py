"""What the entries of a log say to the journal: the only source of every booking.

Fills, corporate actions and charges book themselves; a JOURNAL entry books what has no other source: contributions,
interest, conversions, block allocations, events that no feed of ours knows, and what a statement knew better. An
account's first plan says what it is worth before anything was traded: what the books lack of it was paid in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any, NamedTuple

from governance.entries import Entry, EntryKind
from nodes.vocabulary.bookings import (
    BORROW,
    COMMISSION,
    EXPENSES,
    REGULATORY,
    VENUE,
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
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.executions import ExecType
from nodes.vocabulary.journal import JournalKind

USD = "USD"
BOOKED = "journal"
"""The fact of a JOURNAL entry that says what it books."""

BOOKING_KINDS = frozenset(
    {
        EntryKind.PLAN,
        EntryKind.FILL,
        EntryKind.CORPORATE_ACTION,
        EntryKind.CHARGE,
        EntryKind.CORRECTION,
        EntryKind.JOURNAL,
    },
)
"""Kinds of entries that can book something."""

_FEES = (("commission_usd", COMMISSION), ("sell_fee_usd", REGULATORY), ("venue_fee_usd", VENUE))
_TYPES: Mapping[str, type[Any]] = {
    "trade": Traded,
    "bust": Busted,
    "dividend": DividendPaid,
    "split": SplitDone,
    "spin-off": SpunOff,
    "merger": Merged,
    "symbol-change": Renamed,
    "charge": Charged,
    "contribution": PaidIn,
    "conversion": Converted,
    "allocation": Allocated,
    "correction": Corrected,
}
_NAMES = {made: name for name, made in _TYPES.items()}


class Lookup(NamedTuple):
    """What is known of an account's books when an entry comes.

    Attributes:
        cash: by account: its USD so far; None once its first plan was booked.
        traded: the key of the trade of an account's execution; None when there is none.
    """

    cash: Callable[[str], Decimal | None]
    traded: Callable[[str, str], str | None]


def booking_of(entry: Entry, key: str, known: Lookup) -> Booking | None:
    """What an entry books under a key; None for nothing. Raises DataError where its facts do not say what."""
    try:
        return _booking(entry, key, known)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        message = f"{entry.kind.value} entry {key[:16]} does not say what to book: {error!r}; append one that does"
        raise DataError(message) from error


def _booking(entry: Entry, key: str, known: Lookup) -> Booking | None:
    if entry.kind not in BOOKING_KINDS:
        return None
    origin, facts = _origin(entry, key), entry.facts
    found: Booking | None = None
    match entry.kind:
        case EntryKind.FILL:
            found = _fill(origin, facts, known)
        case EntryKind.CORPORATE_ACTION:
            found = _action(origin, facts)
        case EntryKind.CHARGE:
            found = Charged(origin, BORROW, facts["fee_usd"], USD, facts["symbol"])
        case EntryKind.CORRECTION if "exec_ref_id" in facts:
            found = _righted(origin, facts, known)
        case EntryKind.JOURNAL:
            found = booking_from_facts(origin, facts)
            found = None if isinstance(found, Traded) and _is_known(found, known) else found
        case EntryKind.PLAN:
            found = _opened(origin, facts, known)
    return found


def _opened(origin: Origin, facts: Mapping[str, Any], known: Lookup) -> PaidIn | None:
    """What was paid in before an account's first plan; None at later plans."""
    cash = known.cash(origin.account_id)
    lacking = None if cash is None else facts["equity_usd"] - cash
    return PaidIn(origin, lacking, USD) if lacking else None


def _origin(entry: Entry, key: str) -> Origin:
    corrects = entry.facts.get("corrects")
    return Origin(
        key=key,
        account_id=entry.facts["account_id"],
        as_of=entry.as_of,
        recorded_at=entry.recorded_at,
        decision_id=entry.decision_id,
        cites=entry.cites,
        corrects=corrects if isinstance(corrects, str) else None,
    )


def _fill(origin: Origin, facts: Mapping[str, Any], known: Lookup) -> Traded | None:
    """The trade of a fill; None for an execution that was booked before."""
    trade = _trade(origin, facts, facts["symbol"], facts.get("exec_id") or "")
    return None if _is_known(trade, known) else trade


def _is_known(trade: Traded, known: Lookup) -> bool:
    """Whether an execution was booked before."""
    return bool(trade.exec_id) and known.traded(trade.origin.account_id, trade.exec_id) is not None


def _trade(origin: Origin, facts: Mapping[str, Any], symbol: str, exec_id: str) -> Traded:
    fees = tuple(Fee(kind, facts[name]) for name, kind in _FEES if facts.get(name))
    shares = Decimal(facts["fill_shares"])
    return Traded(origin, symbol, shares, facts["fill_price_usd"], facts.get("currency", USD), fees, exec_id)


def _righted(origin: Origin, facts: Mapping[str, Any], known: Lookup) -> Busted:
    """An execution that never was, or should have said something else."""
    found, exec_type = known.traded(origin.account_id, facts["exec_ref_id"]), ExecType(facts["exec_type"])
    if found is None:
        message = f"execution {facts['exec_ref_id']!r} is none that is booked"
        raise ValueError(message)
    right = replace(origin, corrects=found)
    if exec_type is ExecType.TRADE_CANCEL:
        return Busted(right, None)
    return Busted(right, _trade(right, facts, facts["symbol"], facts.get("exec_id") or ""))


def _action(origin: Origin, facts: Mapping[str, Any]) -> Booking | None:
    symbol, cash = facts["symbol"], facts["cash_change_usd"]
    match facts["action"]:
        case "split":
            return SplitDone(origin, symbol, facts["new_shares"], facts["old_shares"], cash, USD)
        case "delisting":
            return Merged(origin, symbol, "", Decimal(0), cash, Decimal(1), USD, JournalKind.DELISTING)
        case _:
            return DividendPaid(origin, symbol, cash, USD) if cash else None


def booking_facts(booking: Booking) -> dict[str, Any]:
    """What a JOURNAL entry says of a booking."""
    facts: dict[str, Any] = {BOOKED: _NAMES[type(booking)], "account_id": booking.origin.account_id}
    if booking.origin.corrects is not None:
        facts["corrects"] = booking.origin.corrects
    if booking.origin.decision_id is not None:
        facts["decision_id"] = booking.origin.decision_id
    return facts | _content(booking)


def _content(booking: Booking) -> dict[str, Any]:
    return {item.name: _plain(getattr(booking, item.name)) for item in fields(booking) if item.name != "origin"}


def _plain(value: Any) -> Any:  # noqa: ANN401  # whatever a field holds
    match value:
        case Traded():
            return _content(value)
        case Fee():
            return (value.kind, value.amount)
        case JournalKind():
            return value.value
        case tuple():
            return tuple(_plain(each) for each in value)
        case _:
            return value


def booking_from_facts(origin: Origin, facts: Mapping[str, Any]) -> Booking:
    """What `booking_facts` said, as it came back from the log. Raises DataError where it says no booking."""
    try:
        made = _TYPES[facts[BOOKED]]
        found: Booking = made(origin, **_fields(made, facts, origin))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"journal facts {sorted(facts)} book nothing: {error!r}; state a kind and every field of it"
        raise DataError(message) from error
    return found


def _fields(made: type[Any], facts: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    names = [item.name for item in fields(made) if item.name != "origin"]
    wrong = [name for name in names if not _is_of(name, facts[name])]
    if wrong:
        message = f"{', '.join(f'{name} {facts[name]!r}' for name in wrong)} of another type"
        raise TypeError(message)
    return {name: _typed(name, facts[name], origin) for name in names}


_DECIMALS = frozenset(
    {"quantity", "price", "amount", "cash", "cost_frac", "cash_cost_frac", "sold", "bought", "unit_cost"}
)
_NUMBERS = frozenset({"new_units", "old_units"})
_TUPLES = frozenset({"fees", "lots", "shares"})


def _is_of(name: str, value: object) -> bool:
    """Whether a fact has the type of the field of its name."""
    if name == "trade":
        return value is None or isinstance(value, dict)
    if name in _DECIMALS:
        return isinstance(value, Decimal) and value.is_finite()
    if name in _NUMBERS:
        return isinstance(value, int)
    return isinstance(value, tuple if name in _TUPLES else str)


def _typed(name: str, value: Any, origin: Origin) -> Any:  # noqa: ANN401  # whatever a field holds
    match name:
        case "fees":
            return tuple(Fee(_expense(kind), _decimal(amount)) for kind, amount in value)
        case "kind":
            return JournalKind(value) if value in {"merger", "delisting"} else _expense(value)
        case "trade" if value is not None:
            return Traded(origin, **_fields(Traded, value, origin))
        case "shares":
            return tuple((account_id, _decimal(quantity)) for account_id, quantity in value)
        case _:
            return value


def _expense(kind: str) -> str:
    if kind not in EXPENSES:
        message = f"{kind!r} is no expense, expected one of {', '.join(EXPENSES)}"
        raise ValueError(message)
    return kind


def _decimal(value: object) -> Decimal:
    if not isinstance(value, Decimal) or not value.is_finite():
        message = f"{value!r} is no amount"
        raise TypeError(message)
    return value
