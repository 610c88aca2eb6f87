"""Reconciliation: a broker's file against the journal, what is found recorded, and corrections posted by a person.

A report is a function of the file, its mapping, the policy and the log up to a size: a RECONCILIATION entry keeps all
of them, so that anyone can compute it again. Corrections are JOURNAL entries of their own: nothing that was booked is
edited, and what was posted once is not posted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from adapters.statements.reading import Asked, read_statement
from api.use_cases.day_plan import newest_day_plan
from api.use_cases.journal import Journal
from api.use_cases.reconciled_before import earlier_reconciliations, untold
from governance.entries import EntryKind, cl_ord_id
from governance.ports import LogReader
from nodes.journal.ledger.booking import effective
from nodes.journal.reconciliation.ages import age_class, age_days, break_ids
from nodes.journal.reconciliation.booked import booked_movements
from nodes.journal.reconciliation.comparison import reconciliation
from nodes.journal.reconciliation.corrections import Books, Correction, corrections
from nodes.vocabulary.bookings import Booking, Origin, Traded
from nodes.vocabulary.statements import Break, Grouping, Movement, Reconciliation, Statement, Terms
from policies.reconciliation import ReconciliationSheet, Treatment
from policies.statements import MappingSheet

EXCHANGE = ZoneInfo("America/New_York")
_CLOSE, _OPEN = time(16), time(9, 30)


@dataclass(frozen=True)
class StatementFile:
    """A file to reconcile.

    Attributes:
        data: its bytes.
        mapping: how it says what it says.
        asked: whose it is and which days it covers.
    """

    data: bytes
    mapping: MappingSheet
    asked: Asked


@dataclass(frozen=True)
class Finding:
    """A break, with what is done about it.

    Attributes:
        break_id: its name, the same the next day.
        found: the break.
        treatment: what the policy says.
        first_seen_on: day of the first reconciliation that found it.
        age_days: since then.
        age_class: of the policy's classes.
        is_overdue: whether it is older than the policy allows.
        correction: what would mend it; None where a person must know more.
    """

    break_id: str
    found: Break
    treatment: Treatment
    first_seen_on: date
    age_days: int
    age_class: str
    is_overdue: bool
    correction: Correction | None

    @property
    def is_postable(self) -> bool:
        """Whether a person may post its correction."""
        return self.correction is not None and self.treatment is Treatment.CORRECT


@dataclass(frozen=True)
class Reconciled:
    """A reconciliation with what it was made of.

    Attributes:
        result: what became of the statement.
        findings: its breaks, in the same order.
        file: the file.
        policy: what was let pass.
        log_size: how many entries of the log the books follow from.
    """

    result: Reconciliation
    findings: tuple[Finding, ...]
    file: StatementFile
    policy: ReconciliationSheet
    log_size: int


def reconciled(journal: Journal, file: StatementFile, policy: ReconciliationSheet, today: date) -> Reconciled:
    """What becomes of a file against the books as they stand. Raises DataError where it cannot be understood."""
    stated = read_statement(file.data, file.mapping.mapping, file.asked)
    log_size = journal.caught_up()
    held = _held(journal.file.bookings(stated.account_id))
    with journal.store.reader() as reader:
        booked = _books(journal, reader, stated, held, file.mapping)
        known = frozenset(_symbols(booked)) | _planned(reader, stated.account_id)
        seen = first_seen(reader)
    terms = Terms(file.mapping.form, policy.tolerances, known)
    result = reconciliation(stated, booked, terms)
    findings = _findings(result, _corrections(result, held, booked, file), policy, seen, today)
    return Reconciled(result, findings, file, policy, log_size)


def _held(past: Sequence[Booking]) -> tuple[Booking, ...]:
    """Bookings that hold; a trade that was put right keeps the name of the execution that it was booked under."""
    names = {each.origin.key: each.exec_id for each in past if isinstance(each, Traded)}
    return tuple(
        replace(each, exec_id=names[each.origin.key]) if isinstance(each, Traded) else each for each in effective(past)
    )


def exchange_day(at: datetime) -> date:
    """The day of the exchange at an instant."""
    return at.astimezone(EXCHANGE).date()


def end_of_day(on: date) -> datetime:
    """The last microsecond of a day of the exchange."""
    end = datetime.combine(on + timedelta(days=1), time(), EXCHANGE)
    return end.astimezone(UTC) - timedelta(microseconds=1)


def booked_at(on: date, *, is_before_trading: bool) -> datetime:
    """When what belongs to a day is booked: at its close, or at its opening what holds from the opening on."""
    return datetime.combine(on, _OPEN if is_before_trading else _CLOSE, EXCHANGE).astimezone(UTC)


def _books(
    journal: Journal, reader: LogReader, stated: Statement, held: Sequence[Booking], mapping: MappingSheet
) -> Statement:
    """The books of the statement's days, with a margin on both sides, and what they held at its end."""
    margin = timedelta(days=31)
    since, until = end_of_day(stated.since - margin), end_of_day(stated.until + margin)
    near = [each for each in held if since <= each.origin.as_of <= until]
    entries = journal.entries(stated.account_id, since, until)
    movements: Iterable[Movement] = booked_movements(near, entries, exchange_day)
    if mapping.form.grouping is Grouping.ORDER:
        orders = _orders(reader, stated.account_id, near)
        movements = (replace(each, order=orders.get(each.place, "")) for each in movements)
    earlier = earlier_reconciliations(reader, stated.account_id, stated.since)
    end = end_of_day(stated.until)
    return Statement(
        account_id=stated.account_id,
        since=stated.since,
        until=stated.until,
        movements=untold(movements, stated.since, earlier),
        positions=tuple((each.symbol, each.quantity) for each in journal.positions(stated.account_id, end)),
        balances=tuple(sorted(journal.cash(stated.account_id, end).items())),
    )


def _orders(reader: LogReader, account_id: str, held: Sequence[Booking]) -> dict[str, str]:
    """The ClOrdID of every trade that follows from a decision, by the trade's key."""
    names: dict[bytes, str] = {}
    found = {}
    for booking in held:
        decision_id = booking.origin.decision_id
        if not isinstance(booking, Traded) or decision_id is None:
            continue
        if decision_id not in names:
            keys = [each.entry.facts.get("key") for each in reader.history(decision_id)]
            key = next((each for each in keys if isinstance(each, str)), None)
            names[decision_id] = "" if key is None else cl_ord_id(account_id, key)
        found[booking.origin.key] = names[decision_id]
    return found


def _symbols(booked: Statement) -> Iterable[str]:
    yield from (each.symbol for each in booked.movements)
    yield from (symbol for symbol, _ in booked.positions or ())


def _planned(reader: LogReader, account_id: str) -> frozenset[str]:
    """The symbols that the account's newest day plan knows."""
    plan = newest_day_plan(reader, account_id, None)
    return frozenset() if plan is None else frozenset(plan.rows)


def _corrections(
    result: Reconciliation, held: Sequence[Booking], booked: Statement, file: StatementFile
) -> tuple[Correction, ...]:
    """What would mend the breaks."""
    moved_on: dict[str, date] = {}
    for each in booked.movements:
        moved_on[each.symbol] = max(each.on, moved_on.get(each.symbol, each.on))
    books = Books(
        trades={each.origin.key: each for each in held if isinstance(each, Traded)},
        last_traded_on=moved_on,
        shares=dict(booked.positions or ()),
        shares_references=file.mapping.form.shares_references,
    )
    nowhen = datetime.min.replace(tzinfo=UTC)
    return corrections(result.breaks, Origin("", result.account_id, nowhen, nowhen), books)


def _findings(
    result: Reconciliation,
    mends: Sequence[Correction],
    policy: ReconciliationSheet,
    seen: dict[str, date],
    today: date,
) -> tuple[Finding, ...]:
    by_place = {place: each for each in mends for place in each.mends}
    names = break_ids(result.account_id, result.breaks)
    found = []
    for place, (name, each) in enumerate(zip(names, result.breaks, strict=True)):
        first_seen_on = min(seen.get(name, today), today)
        days = age_days(first_seen_on, today)
        mend = by_place.get(place)
        together = [] if mend is None else [result.breaks[other].cause for other in mend.mends]
        is_right = all(policy.treatment(cause) is Treatment.CORRECT for cause in together)
        finding = Finding(
            break_id=name,
            found=each,
            treatment=policy.treatment(each.cause),
            first_seen_on=first_seen_on,
            age_days=days,
            age_class=age_class(days, policy.policy.ages),
            is_overdue=days > policy.policy.overdue_after_days,
            correction=mend if is_right else None,
        )
        found.append(finding)
    return tuple(found)


def first_seen(reader: LogReader) -> dict[str, date]:
    """On which day each break was first found, as the log's reconciliations have it."""
    found: dict[str, date] = {}
    for record in reader.of_kind(EntryKind.RECONCILIATION):
        facts = record.entry.facts
        for name in facts["breaks"]:
            found.setdefault(name, facts["made_on"])
    return found


def cash_at_stake(findings: Iterable[Finding]) -> dict[str, Decimal]:
    """By currency, what the breaks come to, each counted by its size."""
    sums: dict[str, Decimal] = {}
    for each in findings:
        for currency, amount in each.found.cash:
            sums[currency] = sums.get(currency, Decimal(0)) + abs(amount)
    return dict(sorted(sums.items()))
