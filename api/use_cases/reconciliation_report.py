"""What clients and people read of a reconciliation: numbers as exact text, each break with its cause and its mend."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from api.use_cases.reconciling import Finding, Reconciled, cash_at_stake
from nodes.journal.ledger.booking import traded_text
from nodes.journal.reconciliation.words import break_text
from nodes.vocabulary.bookings import (
    Booking,
    Busted,
    Charged,
    Converted,
    Corrected,
    DividendPaid,
    PaidIn,
    SplitDone,
    Traded,
)
from nodes.vocabulary.canonical import digest, digest_text, encode
from nodes.vocabulary.statements import Line, Movement

_ID_DIGITS = 12


class MovementView(msgspec.Struct, frozen=True):
    """One side of a break; what a side does not tell is null.

    Attributes:
        kind: what moved.
        on: its day.
        symbol: of which share; null for cash alone.
        quantity: shares that came in.
        price: of one.
        fee: what the trade cost beyond its price.
        amount: cash that came in.
        currency: of the cash.
        reference: the execution or activity.
        order: the order.
        place: where it was read: a line of the file, the id of an entry.
    """

    kind: str
    on: str
    symbol: str | None
    quantity: str | None
    price: str | None
    fee: str | None
    amount: str | None
    currency: str
    reference: str | None
    order: str | None
    place: str


class BreakView(msgspec.Struct, frozen=True):
    """One thing in which statement and books part.

    Attributes:
        break_id: its name, the same every day.
        cause: why.
        text: the same in a sentence.
        on: its day.
        symbol: of which share; null for cash alone.
        treatment: what the policy says: correct, claim, wait or review.
        first_seen_on: day of the first recorded reconciliation that found it.
        age_days: calendar days since.
        age_class: of the policy's classes.
        is_overdue: whether it is older than the policy allows.
        shares: by symbol, what the statement has more because of it.
        cash: the same by currency.
        stated: what the statement says; null where it says nothing.
        booked: what the books say.
        correction_id: name of the booking that would mend it; null where a person must know more.
        correction: the same in words.
    """

    break_id: str
    cause: str
    text: str
    on: str
    symbol: str | None
    treatment: str
    first_seen_on: str
    age_days: int
    age_class: str
    is_overdue: bool
    shares: dict[str, str]
    cash: dict[str, str]
    stated: MovementView | None
    booked: MovementView | None
    correction_id: str | None
    correction: str | None


class LineView(msgspec.Struct, frozen=True):
    """A position or a balance at the end, from both sides.

    Attributes:
        name: symbol or currency.
        stated: what the statement says.
        booked: what the books say.
        explained: what breaks of movements explain of the difference.
        unexplained: the rest.
    """

    name: str
    stated: str
    booked: str
    explained: str
    unexplained: str


class ReconciliationView(msgspec.Struct, frozen=True):
    """What became of a statement.

    Attributes:
        reconciliation_id: its name.
        account_id: whose.
        since: first day.
        until: last day.
        made_on: the day on which it was made.
        is_clean: whether nothing parts.
        statement: digest of the file.
        mapping: how it was read: name and version.
        mapping_digest: of what the mapping says.
        policy: what was let pass: name and version.
        policy_digest: of what the policy says.
        log_size: how many entries of the log the books follow from.
        n_stated: movements of the statement.
        n_booked: movements of the books.
        n_matched: pairs.
        causes: how many breaks of each cause.
        at_stake: by currency, what the breaks come to, each counted by its size.
        n_postable: breaks whose correction a person may post.
        n_overdue: breaks that are older than the policy allows.
        breaks: by day.
        positions: null where the statement tells none.
        balances: null where the statement tells none.
    """

    reconciliation_id: str
    account_id: str
    since: str
    until: str
    made_on: str
    is_clean: bool
    statement: str
    mapping: str
    mapping_digest: str
    policy: str
    policy_digest: str
    log_size: int
    n_stated: int
    n_booked: int
    n_matched: int
    causes: dict[str, int]
    at_stake: dict[str, str]
    n_postable: int
    n_overdue: int
    breaks: tuple[BreakView, ...]
    positions: tuple[LineView, ...] | None
    balances: tuple[LineView, ...] | None


def statement_digest(data: bytes) -> bytes:
    """The digest of a statement's file."""
    return digest("statement", data)


def report(found: Reconciled, made_on: str) -> ReconciliationView:
    """A reconciliation, for clients."""
    result, mapping, policy = found.result, found.file.mapping, found.policy
    causes: dict[str, int] = {}
    for each in result.breaks:
        causes[each.cause.value] = causes.get(each.cause.value, 0) + 1
    return ReconciliationView(
        reconciliation_id=_name(found, made_on),
        account_id=result.account_id,
        since=str(result.since),
        until=str(result.until),
        made_on=made_on,
        is_clean=result.is_clean,
        statement=digest_text(statement_digest(found.file.data)),
        mapping=f"{mapping.mapping.family} v{mapping.mapping.version}",
        mapping_digest=digest_text(mapping.digest),
        policy=f"{policy.policy.family} v{policy.policy.version}",
        policy_digest=digest_text(policy.digest),
        log_size=found.log_size,
        n_stated=result.n_stated,
        n_booked=result.n_booked,
        n_matched=result.n_matched,
        causes=dict(sorted(causes.items())),
        at_stake={currency: f"{amount:f}" for currency, amount in cash_at_stake(found.findings).items()},
        n_postable=sum(each.is_postable for each in found.findings),
        n_overdue=sum(each.is_overdue for each in found.findings),
        breaks=tuple(_break(each) for each in found.findings),
        positions=_lines(result.positions),
        balances=_lines(result.balances),
    )


def _name(found: Reconciled, made_on: str) -> str:
    """The name of a reconciliation: the same statement with the same outcome on the same day is the same one."""
    result = found.result
    told = {
        "account_id": result.account_id,
        "since": result.since,
        "until": result.until,
        "made_on": made_on,
        "statement": statement_digest(found.file.data),
        "mapping": found.file.mapping.digest,
        "policy": found.policy.digest,
        "breaks": tuple(each.break_id for each in found.findings),
    }
    return f"rec-{digest('reconciliation', encode(told)).hex()[:_ID_DIGITS]}"


def _break(finding: Finding) -> BreakView:
    found, correction = finding.found, finding.correction if finding.is_postable else None
    return BreakView(
        break_id=finding.break_id,
        cause=found.cause.value,
        text=break_text(found),
        on=str(found.on),
        symbol=found.symbol or None,
        treatment=finding.treatment.value,
        first_seen_on=str(finding.first_seen_on),
        age_days=finding.age_days,
        age_class=finding.age_class,
        is_overdue=finding.is_overdue,
        shares={symbol: f"{quantity:f}" for symbol, quantity in found.shares},
        cash={currency: f"{amount:f}" for currency, amount in found.cash},
        stated=_movement(found.stated),
        booked=_movement(found.booked),
        correction_id=None if correction is None else correction.correction_id,
        correction=None if correction is None else booking_text(correction.booking),
    )


def _movement(movement: Movement | None) -> MovementView | None:
    if movement is None:
        return None
    return MovementView(
        kind=movement.kind.value,
        on=str(movement.on),
        symbol=movement.symbol or None,
        quantity=_text(movement.quantity),
        price=_text(movement.price),
        fee=_text(movement.fee),
        amount=_text(movement.amount),
        currency=movement.currency,
        reference=movement.reference or None,
        order=movement.order or None,
        place=movement.place,
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _lines(lines: tuple[Line, ...] | None) -> tuple[LineView, ...] | None:
    if lines is None:
        return None
    return tuple(
        LineView(each.name, f"{each.stated:f}", f"{each.booked:f}", f"{each.explained:f}", f"{each.unexplained:f}")
        for each in lines
    )


def booking_text(booking: Booking) -> str:
    """What a correction books, in words."""
    match booking:
        case Traded():
            text = f"book the trade: {traded_text(booking)}"
        case Busted():
            right = booking.trade
            text = "take the trade back" if right is None else f"put the trade right: {traded_text(right)}"
        case DividendPaid():
            text = f"book a dividend of {booking.amount:f} {booking.currency} on {booking.symbol}"
        case SplitDone():
            text = f"book a split of {booking.symbol}, {booking.new_units} for {booking.old_units}"
        case Charged():
            text = f"book a charge of {booking.amount:f} {booking.currency}"
        case PaidIn():
            text = f"book {booking.amount:f} {booking.currency} as paid in"
        case Converted():
            text = f"book {booking.bought:f} {booking.bought_currency} for {booking.sold:f} {booking.sold_currency}"
        case Corrected():
            text = f"correct cash by {booking.cash:f} {booking.currency}"
        case _:
            text = f"book a {type(booking).__name__}"
    return text
