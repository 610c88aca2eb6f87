"""Incidents: recorded in the log when they begin and end, and written up from what the log says happened meanwhile.

A post-mortem is generated, not typed: its timeline is every entry of the log between two instants that somebody did or
that stopped something, each with its digest; the entries of ordinary business are counted. Only cause and consequence
are words of a person, who closed the incident.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from api.use_cases.incident_facts import OPEN, incident_facts
from api.use_cases.model_desk import ModelDesk
from api.use_cases.model_log import CROWNINGS, ModelLog, model_log
from governance.entries import Entry, EntryKind
from governance.papers import Paper, Section, Table, facts_table
from governance.ports import LogReader, Transaction
from governance.rows import Record
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_from_ns, instant_ns, instant_text

_ORDINARY = frozenset(
    kind.value
    for kind in (
        EntryKind.PLAN,
        EntryKind.DECISION,
        EntryKind.FILL,
        EntryKind.EXPIRY,
        EntryKind.ACKNOWLEDGEMENT,
        EntryKind.CORPORATE_ACTION,
        EntryKind.SHADOW,
    )
)
"""What happens all day; in a timeline it is counted."""
_PAGE = 256
_MOST_EVENTS = 500
CLOSED = "closed"


@dataclass(frozen=True)
class Incident:
    """Something that went wrong, as the log has it.

    Attributes:
        incident_id: its name.
        title: what it is about.
        began_at: when it began, as far as is known.
        principal: who recorded it.
        what: what was seen, in words.
        family: the model family that it concerns; "" for none.
        sequence: the entry that began its record.
        ended_at: when it ended; None while it is open.
        cause: why it happened, in the words of who closed it.
        closed_by: who closed it.
    """

    incident_id: str
    title: str
    began_at: datetime
    principal: str
    what: str
    family: str
    sequence: int
    ended_at: datetime | None = None
    cause: str = ""
    closed_by: str = ""


@dataclass(frozen=True)
class IncidentReport:
    """What somebody records when something went wrong."""

    title: str
    what: str
    began_at: datetime
    family: str = ""


def opened_incident(desk: ModelDesk, report: IncidentReport, principal: str) -> Incident:
    """An incident, recorded. Raises EdgeError for one that is to begin in the future."""
    sequence = _appended(desk, _opening(desk.clock(), report, principal))
    with desk.store.reader() as reader:
        return next(each for each in incidents(reader) if each.sequence == sequence)


def opened_once(desk: ModelDesk, report: IncidentReport, principal: str) -> Incident | None:
    """An incident, recorded unless the log has one of that title; None when it has.

    Whether it has is asked inside the append: two who see the same at once record it once. Of those in one process
    the second waits for the first, since their work may share an append, and none reads what is not committed.
    """

    def inside(transaction: Transaction) -> int | None:
        with desk.store.reader() as reader:
            if any(each.title == report.title for each in incidents(reader)):
                return None
        at = desk.clock()
        return transaction.append(_entry(desk, _opening(at, report, principal), at)).sequence

    with desk.lock:
        sequence = desk.append(inside)
    with desk.store.reader() as reader:
        return next((each for each in incidents(reader) if each.sequence == sequence), None)


def _opening(at: datetime, report: IncidentReport, principal: str) -> dict[str, Any]:
    """What the entry says that begins the record of an incident."""
    if report.began_at > at:
        message = f"incident is said to begin at {instant_text(report.began_at)}, now it is {instant_text(at)}"
        raise EdgeError(f"{message}; name the instant at which it began", reason="bad-request")
    facts = incident_facts(report.title, report.what, report.began_at, principal, at)
    return {**facts, **({"family": report.family} if report.family else {})}


def closed_incident(desk: ModelDesk, incident_id: str, principal: str, cause: str) -> Incident:
    """An incident, closed with its cause. Raises EdgeError when it is not known (not-found) or not open."""
    with desk.lock:
        with desk.store.reader() as reader:
            found = incident(reader, incident_id)
            opening = reader.records(found.sequence, found.sequence + 1)[0].entry_id
        if found.ended_at is not None:
            message = f"incident {incident_id} was closed by {found.closed_by} at {instant_text(found.ended_at)}"
            raise EdgeError(f"{message}; open another one", reason="stale-condition")
        facts = {"incident_id": incident_id, "state": CLOSED, "because": cause, "principal": principal}
        _appended(desk, facts, (opening,))
    with desk.store.reader() as reader:
        return incident(reader, incident_id)


def incidents(reader: LogReader) -> tuple[Incident, ...]:
    """Every incident of a log, in the order in which they were recorded."""
    found: dict[str, Incident] = {}
    for record in reader.of_kind(EntryKind.INCIDENT):
        entry = record.entry
        facts, name = entry.facts, str(entry.facts["incident_id"])
        if facts["state"] == OPEN:
            found[name] = _opened(facts, record.sequence)
        elif name in found:
            found[name] = _closed(found[name], entry)
    return tuple(found.values())


def incident(reader: LogReader, incident_id: str) -> Incident:
    """One incident. Raises EdgeError (not-found) for one that is not known."""
    found = next((each for each in incidents(reader) if each.incident_id == incident_id), None)
    if found is None:
        known = ", ".join(each.incident_id for each in incidents(reader)) or "none"
        message = f"incident {incident_id!r} is not known here, only {known}; name one of these"
        raise EdgeError(message, reason="not-found")
    return found


def incident_postmortem(reader: LogReader, incident_id: str) -> Paper:
    """The post-mortem of an incident, from the log's timeline."""
    found = incident(reader, incident_id)
    newest = instant_from_ns(reader.head().recorded_at_ns)
    until = found.ended_at or newest
    facts = (
        ("incident", found.incident_id),
        ("what was seen", found.what),
        ("recorded by", f"{found.principal}, entry {found.sequence}"),
        ("began", instant_text(found.began_at)),
        ("ended", instant_text(found.ended_at) if found.ended_at else "still open"),
    )
    cause = found.cause or "Not said yet: whoever closes the incident says it."
    return _paper(reader, f"Post-mortem: {found.title}", facts, (found.began_at, until), cause)


def model_postmortem(reader: LogReader, family: str) -> Paper:
    """The post-mortem of the newest rollback of a family: from the promotion that it undid to the rollback.

    Raises EdgeError (not-found) for a family that was never rolled back.
    """
    log = model_log(reader, family)
    back = next((event for event in reversed(log.events) if event.kind == EntryKind.ROLLBACK.value), None)
    if back is None:
        message = f"model family {family!r} was never rolled back, so that there is nothing to write up; name another"
        raise EdgeError(message, reason="not-found")
    undone = _undone(log, back.sequence)
    facts = (
        ("model", f"{family} v{back.facts['dethroned']}, taken back for v{back.version}"),
        ("rolled back by", f"{back.principal}, entry {back.sequence} ({digest_text(back.entry_id)})"),
        ("promoted by", undone[1]),
        ("began", instant_text(undone[0])),
        ("ended", instant_text(back.at)),
    )
    return _paper(reader, f"Post-mortem: {family}", facts, (undone[0], back.at), back.because or "Not said.")


def _undone(log: ModelLog, sequence: int) -> tuple[datetime, str]:
    """When the champion that was taken back began to decide, and by whom."""
    before = [event for event in log.events if event.kind in CROWNINGS and event.sequence < sequence]
    event = before[-1]
    approved_by = event.facts.get("approved_by", event.principal)
    words = f"{event.facts.get('proposed_by', event.principal)}, approved by {approved_by}, entry {event.sequence}"
    return event.at, words


def _paper(
    reader: LogReader, title: str, facts: tuple[tuple[str, str], ...], span: tuple[datetime, datetime], cause: str
) -> Paper:
    events, counts = _timeline(reader, *span)
    ordinary = ", ".join(f"{n_entries} {kind}" for kind, n_entries in sorted(counts.items())) or "none"
    head = reader.head()
    traced = (
        f"From log {head.origin!r} of {head.size} entries. Each digest below is the id of an entry; `assay log` shows "
        "it, and `assay verify` shows that none is missing."
    )
    return Paper(
        title,
        (
            Section("What happened", (facts_table(facts),)),
            Section("Why", (cause,)),
            Section("Timeline", (traced, Table(("entry", "when", "what", "who", "why", "digest"), events))),
            Section("Ordinary business meanwhile", (f"Entries: {ordinary}.",)),
        ),
    )


def _timeline(reader: LogReader, since: datetime, until: datetime) -> tuple[tuple[tuple[str, ...], ...], Counter[str]]:
    """What somebody did, or what stopped something, between two instants; and how often the ordinary happened."""
    events: list[tuple[str, ...]] = []
    counts: Counter[str] = Counter()
    for record in _between(reader, instant_ns(since), instant_ns(until)):
        if record.kind in _ORDINARY or len(events) == _MOST_EVENTS:
            counts[record.kind] += 1
        else:
            events.append(_event(record))
    return tuple(events), counts


def _event(record: Record) -> tuple[str, ...]:
    entry = record.entry
    facts = entry.facts
    subject = " ".join(str(facts[name]) for name in ("family", "policy", "account_id") if name in facts)
    version = f" v{facts['version']}" if "version" in facts else ""
    what = f"{record.kind} {subject}{version}".strip()
    why = str(facts.get("because") or facts.get("reason") or facts.get("action") or "")
    who = str(facts.get("principal", ""))
    return (str(record.sequence), instant_text(entry.recorded_at), what, who, why, digest_text(record.entry_id))


def _between(reader: LogReader, since_ns: int, until_ns: int) -> Iterator[Record]:
    """Entries recorded between two instants, both included: `recorded_at` never goes back inside a log."""
    low, high = 0, reader.head().size
    while low < high:
        middle = (low + high) // 2
        if reader.records(middle, middle + 1)[0].recorded_at_ns < since_ns:
            low = middle + 1
        else:
            high = middle
    while page := reader.records(low, low + _PAGE):
        for record in page:
            if record.recorded_at_ns > until_ns:
                return
            yield record
        low += len(page)


def _appended(desk: ModelDesk, facts: dict[str, Any], cites: tuple[bytes, ...] = ()) -> int:
    entry = _entry(desk, facts, desk.clock(), cites)

    def inside(transaction: Transaction) -> int:
        return transaction.append(entry).sequence

    return desk.append(inside)


def _entry(desk: ModelDesk, facts: dict[str, Any], at: datetime, cites: tuple[bytes, ...] = ()) -> Entry:
    return Entry(EntryKind.INCIDENT, desk.store.origin, at, at, facts, (), cites)


def _opened(facts: Any, sequence: int) -> Incident:  # noqa: ANN401  # facts of an entry
    return Incident(
        incident_id=str(facts["incident_id"]),
        title=str(facts["title"]),
        began_at=facts["began_at"],
        principal=str(facts["principal"]),
        what=str(facts["because"]),
        family=str(facts.get("family", "")),
        sequence=sequence,
    )


def _closed(found: Incident, entry: Entry) -> Incident:
    cause, who = str(entry.facts["because"]), str(entry.facts["principal"])
    return replace(found, ended_at=entry.recorded_at, cause=cause, closed_by=who)
