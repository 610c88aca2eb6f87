"""Reconciliations in the log: recorded with all that they were made of, listed, read back, corrections posted.

A RECONCILIATION entry keeps the statement, its mapping, the policy and the report as bodies, and names every break. Who
posts corrections says why in another such entry, which cites what was booked. Recording or posting again changes
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

import msgspec

from adapters.statements.reading import Asked
from api.use_cases.journal_posting import Booked, Bookkeeper, posted
from api.use_cases.persons import CLOCKWORK, person
from api.use_cases.reconciled_before import MADE
from api.use_cases.reconciliation_report import ReconciliationView, report
from api.use_cases.reconciling import Finding, Reconciled, StatementFile, booked_at, exchange_day, reconciled
from governance.entries import Entry, EntryKind
from governance.ports import LogReader, Transaction
from governance.rows import Record
from nodes.vocabulary.bookings import Booking, SplitDone
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_text
from policies.reconciliation import ReconciliationSheet, parsed_reconciliation
from policies.statements import parsed_mapping

T = TypeVar("T")
CORRECTED = "corrected"
_CORRECTING = frozenset({EntryKind.JOURNAL.value, EntryKind.CORRECTION.value})


class ReconciliationRow(msgspec.Struct, frozen=True):
    """A recorded reconciliation, in short.

    Attributes:
        reconciliation_id: its name.
        account_id: whose.
        since: first day of the statement.
        until: last day.
        made_on: the day on which it was made.
        recorded_at: when the log learned of it.
        recorded_by: who recorded it.
        sequence: its log entry.
        is_clean: whether nothing parted.
        n_breaks: how many breaks there were.
        causes: how many of each cause.
        n_corrected: how many corrections were posted since.
    """

    reconciliation_id: str
    account_id: str
    since: str
    until: str
    made_on: str
    recorded_at: str
    recorded_by: str
    sequence: int
    is_clean: bool
    n_breaks: int
    causes: dict[str, int]
    n_corrected: int


@dataclass(frozen=True)
class Corrections:
    """What came of posting corrections.

    Attributes:
        reconciliation_id: of which reconciliation.
        booked: what was booked, now or before, by the name of the correction.
        left: findings that were not postable, or not asked for.
    """

    reconciliation_id: str
    booked: tuple[tuple[str, Booked], ...]
    left: tuple[Finding, ...]


def made(keeper: Bookkeeper, file: StatementFile, policy: ReconciliationSheet) -> tuple[Reconciled, ReconciliationView]:
    """What becomes of a file today, and the report of it; nothing is written."""
    today = exchange_day(keeper.clock())
    found = reconciled(keeper.journal, file, policy, today)
    return found, report(found, str(today))


def recorded(keeper: Bookkeeper, found: Reconciled, view: ReconciliationView) -> ReconciliationRow:
    """A reconciliation in the log, once however often it is recorded."""
    return keeper.append(partial(_recorded, keeper, found, view))


def _recorded(
    keeper: Bookkeeper, found: Reconciled, view: ReconciliationView, transaction: Transaction
) -> ReconciliationRow:
    with keeper.journal.store.reader() as reader:
        known = next((row for row in reconciliations(reader) if row.reconciliation_id == view.reconciliation_id), None)
    if known is not None:
        return known
    names = ("statement_ref", "mapping_ref", "policy_ref", "report_ref")
    contents = (found.file.data, found.file.mapping.text, found.policy.text, msgspec.json.encode(view))
    refs = dict(zip(names, map(transaction.put_body, contents), strict=True))
    facts: dict[str, Any] = {
        "state": MADE,
        "reconciliation_id": view.reconciliation_id,
        "account_id": view.account_id,
        "since": found.result.since,
        "until": found.result.until,
        "made_on": date.fromisoformat(view.made_on),
        "breaks": tuple(each.break_id for each in found.findings),
        "causes": view.causes,
        "log_size": view.log_size,
        "mapping": view.mapping,
        "policy": view.policy,
        "principal": keeper.principal,
        **refs,
    }
    now, bodies = keeper.clock(), tuple(sorted(set(refs.values())))
    appended = transaction.append(Entry(EntryKind.RECONCILIATION, keeper.journal.store.origin, now, now, facts, bodies))
    return _row(appended.sequence, appended.entry.recorded_at, facts)


def reconciliations(reader: LogReader) -> tuple[ReconciliationRow, ...]:
    """Every reconciliation of a log, in the order in which they were recorded."""
    rows: dict[str, ReconciliationRow] = {}
    for record in reader.of_kind(EntryKind.RECONCILIATION):
        facts, name = record.entry.facts, record.entry.facts["reconciliation_id"]
        if facts["state"] == MADE:
            rows[name] = _row(record.sequence, record.entry.recorded_at, facts)
        elif name in rows:
            rows[name] = msgspec.structs.replace(rows[name], n_corrected=rows[name].n_corrected + len(facts["booked"]))
    return tuple(rows.values())


def _row(sequence: int, recorded_at: datetime, facts: Any) -> ReconciliationRow:  # noqa: ANN401  # facts of an entry
    return ReconciliationRow(
        reconciliation_id=facts["reconciliation_id"],
        account_id=facts["account_id"],
        since=str(facts["since"]),
        until=str(facts["until"]),
        made_on=str(facts["made_on"]),
        recorded_at=instant_text(recorded_at),
        recorded_by=facts["principal"],
        sequence=sequence,
        is_clean=not facts["breaks"],
        n_breaks=len(facts["breaks"]),
        causes=dict(facts["causes"]),
        n_corrected=0,
    )


def recorded_report(reader: LogReader, reconciliation_id: str) -> ReconciliationView:
    """The report of a reconciliation as it was made. Raises EdgeError (not-found) for one that is not known."""
    record = _record(reader, reconciliation_id)
    return msgspec.json.decode(reader.body(record.entry.facts["report_ref"]), type=ReconciliationView)


def recorded_statement(reader: LogReader, reconciliation_id: str) -> tuple[StatementFile, ReconciliationSheet]:
    """The statement of a recorded reconciliation, and the policy that it was held to. Raises EdgeError (not-found)."""
    facts = _record(reader, reconciliation_id).entry.facts
    mapping = parsed_mapping(reader.body(facts["mapping_ref"]), facts["mapping"])
    policy = parsed_reconciliation(reader.body(facts["policy_ref"]), facts["policy"])
    asked = Asked(facts["account_id"], facts["since"], facts["until"])
    return StatementFile(reader.body(facts["statement_ref"]), mapping, asked), policy


def _record(reader: LogReader, reconciliation_id: str) -> Record:
    for record in reader.of_kind(EntryKind.RECONCILIATION):
        facts = record.entry.facts
        if facts["reconciliation_id"] == reconciliation_id and facts["state"] == MADE:
            return record
    message = f"reconciliation {reconciliation_id[:40]!r} is not known here; list them first"
    raise EdgeError(message, reason="not-found")


def corrected(
    keeper: Bookkeeper, found: Reconciled, view: ReconciliationView, because: str, only: Collection[str] = ()
) -> Corrections:
    """Book the corrections of a reconciliation that the policy lets a person post, all or only those of some breaks.

    Raises EdgeError when no person asks, no reason is given, or a break that is asked for cannot be corrected so.
    """
    _require_person(keeper.principal, because)
    chosen = _chosen(found.findings, only)
    row = recorded(keeper, found, view)
    with keeper.journal.store.reader() as reader:
        cited = reader.records(row.sequence, row.sequence + 1)[0].entry_id
    booked: list[tuple[str, Booked]] = []
    try:
        guarded = replace(keeper, append=_AppendUnmoved(keeper, found))
        booked += (_booked(guarded, each, cited) for each in _once(chosen))
    finally:
        new = [each for _, each in booked if each.is_new]
        if new:  # whatever became of the others, these are in the log
            keeper.append(partial(_told, keeper, row, new, because))
    names = {each.break_id for each in chosen}
    left = tuple(each for each in found.findings if each.break_id not in names)
    return Corrections(row.reconciliation_id, tuple(booked), left)


def _require_person(principal: str, because: str) -> None:
    if person(principal) in {"", person(CLOCKWORK)}:
        message = f"{principal!r} names no person; post under the name of whoever looked at the statement"
        raise EdgeError(message, reason="bad-request")
    if not because.strip() or not because.isprintable():
        raise EdgeError("no reason is given why the books are corrected; say it in a line of words", reason="invalid")


def _chosen(findings: tuple[Finding, ...], only: Collection[str]) -> tuple[Finding, ...]:
    postable = [each for each in findings if each.is_postable]
    if not only:
        return tuple(postable)
    wrong = sorted(set(only) - {each.break_id for each in postable})
    if wrong:
        message = f"break {wrong[0][:40]!r} has no correction that may be posted; name breaks that are treated so"
        raise EdgeError(message, reason="invalid")
    return tuple(each for each in postable if each.break_id in only)


def _once(findings: tuple[Finding, ...]) -> Iterator[Finding]:
    """Of several breaks that one booking mends, the first."""
    seen: set[str] = set()
    for each in findings:
        if each.correction is not None and each.correction.correction_id not in seen:
            seen.add(each.correction.correction_id)
            yield each


@dataclass(frozen=True)
class _AppendUnmoved:
    """Appends what mends findings, unless others put the account right since they were found.

    Attributes:
        keeper: who books.
        found: the findings.
    """

    keeper: Bookkeeper
    found: Reconciled

    def __call__(self, work: Callable[[Transaction], T], /) -> T:
        return self.keeper.append(partial(self._worked, work))

    def _worked(self, work: Callable[[Transaction], T], transaction: Transaction) -> T:
        """Raises EdgeError where entries of other statements or of the broker came since: they may mend the same."""
        found, account_id = self.found, self.found.result.account_id
        ours = {each.correction.correction_id for each in found.findings if each.correction is not None}
        with self.keeper.journal.store.reader() as reader:
            newer = reader.records(found.log_size, transaction.size)
        for record in newer:
            facts = record.entry.facts if record.kind in _CORRECTING else {}
            if facts.get("account_id") == account_id and facts.get("key") not in ours:
                message = f"account {account_id} was corrected by entry {record.sequence} since; reconcile it again"
                raise EdgeError(message, reason="invalid")
        return work(transaction)


def _booked(keeper: Bookkeeper, finding: Finding, cited: bytes) -> tuple[str, Booked]:
    correction = finding.correction
    if correction is None:
        raise EdgeError(f"break {finding.break_id} has no correction; look at it yourself", reason="invalid")
    as_of = booked_at(correction.on, is_before_trading=isinstance(correction.booking, SplitDone))
    return correction.correction_id, posted(keeper, _at(correction.booking, as_of, cited), correction.correction_id)


def _at(booking: Booking, as_of: datetime, cited: bytes) -> Booking:
    """A booking as of an instant, which stands on a reconciliation."""
    origin = replace(booking.origin, as_of=as_of, recorded_at=as_of, cites=(cited,))
    trade = getattr(booking, "trade", None)
    inner = {} if trade is None else {"trade": replace(trade, origin=origin)}
    return replace(booking, origin=origin, **inner)


def _told(
    keeper: Bookkeeper, row: ReconciliationRow, new: list[Booked], because: str, transaction: Transaction
) -> None:
    """Who posted corrections, and why."""
    keys = tuple(each.entry_key for each in new)
    facts = {
        "state": CORRECTED,
        "reconciliation_id": row.reconciliation_id,
        "account_id": row.account_id,
        "made_on": date.fromisoformat(row.made_on),
        "breaks": (),
        "booked": keys,
        "because": because,
        "principal": keeper.principal,
    }
    now, cites = keeper.clock(), tuple(bytes.fromhex(key) for key in keys)
    transaction.append(Entry(EntryKind.RECONCILIATION, keeper.journal.store.origin, now, now, facts, (), cites))
