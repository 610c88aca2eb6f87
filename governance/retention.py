"""What may be dropped from a log and who holds it back: rules over entries, and the entries that say it was done.

A body may be dropped when every entry that names it is past its time by the retention policy and under no legal hold.
A RETENTION entry names the policy and, in a body of its own, each ref that went; it comes in the transaction that drops
them. A HOLD entry places a hold or releases one. From these alone a verifier finds out whether exactly what the rules
allow is gone (`governance.verify_retention`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from governance.entries import Entry, EntryKind
from governance.ports import LogReader
from governance.rows import Record
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import DataError, LogError
from policies.retention import RetentionPolicy

PLACED, RELEASED = "placed", "released"
PAGE = 256


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold: what it covers is kept, however old.

    Attributes:
        hold_id: its name.
        because: why, in words.
        principal: who placed it.
        account_id: of which account; "" for all.
        since: entries recorded from then on; None for all.
        until: entries recorded before then; None for all.
        sequence: of the entry that placed it.
        released_by: who released it; "" while it is in force.
        released_sequence: of the entry that did; None while it is in force.
    """

    hold_id: str
    because: str
    principal: str
    account_id: str
    since: datetime | None
    until: datetime | None
    sequence: int
    released_by: str = ""
    released_sequence: int | None = None

    def is_in_force(self, sequence: int) -> bool:
        """Whether it is at an entry of the log."""
        return self.sequence < sequence and (self.released_sequence is None or self.released_sequence > sequence)

    def covers(self, facts: Mapping[str, Any], recorded_at: datetime) -> bool:
        """Whether an entry is held; one that is about no account is held by a hold of any."""
        account_id = facts.get("account_id", "")
        is_of = not self.account_id or account_id in {"", self.account_id}
        is_after = self.since is None or recorded_at >= self.since
        return is_of and is_after and (self.until is None or recorded_at < self.until)


@dataclass(frozen=True, slots=True)
class Dropping:
    """What a RETENTION entry says.

    Attributes:
        sequence: its place.
        at: when it was recorded.
        policy_ref: body that holds the policy.
        manifest_ref: body that names what was dropped.
    """

    sequence: int
    at: datetime
    policy_ref: bytes
    manifest_ref: bytes


@dataclass
class Due:
    """What may be dropped now.

    Attributes:
        refs: bodies, each with the first entry that names it.
        n_held: bodies that only a hold keeps.
        size: entries that were looked at.
    """

    refs: dict[bytes, int] = field(default_factory=dict)
    n_held: int = 0
    size: int = 0


def holds_of(records: Iterable[tuple[int, Entry]]) -> tuple[Hold, ...]:
    """The holds that HOLD entries say, in the order in which they were placed."""
    found: dict[str, Hold] = {}
    for sequence, entry in records:
        facts = entry.facts
        name = str(facts.get("hold_id", ""))
        if facts.get("state") == PLACED and name not in found:
            found[name] = Hold(
                hold_id=name,
                because=str(facts.get("because", "")),
                principal=str(facts.get("principal", "")),
                account_id=str(facts.get("held_account_id", "")),
                since=facts.get("since"),
                until=facts.get("until"),
                sequence=sequence,
            )
        elif facts.get("state") == RELEASED and name in found and found[name].released_sequence is None:
            found[name] = _released(found[name], str(facts.get("principal", "")), sequence)
    return tuple(found.values())


def _released(hold: Hold, principal: str, sequence: int) -> Hold:
    return Hold(
        hold.hold_id, hold.because, hold.principal, hold.account_id, hold.since, hold.until, hold.sequence, principal,
        sequence,
    )  # fmt: skip


def holds(reader: LogReader) -> tuple[Hold, ...]:
    """Every hold of a log."""
    return holds_of((record.sequence, record.entry) for record in reader.of_kind(EntryKind.HOLD))


def droppings(reader: LogReader) -> tuple[Dropping, ...]:
    """Every RETENTION entry of a log."""
    found = (dropping_of(record.sequence, record.entry) for record in reader.of_kind(EntryKind.RETENTION))
    return tuple(each for each in found if each is not None)


def dropping_of(sequence: int, entry: Entry) -> Dropping | None:
    """What a RETENTION entry says; None when it names no bodies."""
    policy_ref, manifest_ref = entry.facts.get("policy_ref"), entry.facts.get("manifest_ref")
    if not isinstance(policy_ref, bytes) or not isinstance(manifest_ref, bytes):
        return None
    return Dropping(sequence, entry.recorded_at, policy_ref, manifest_ref)


def manifest_bytes(refs: Iterable[bytes]) -> bytes:
    """The body that names what was dropped."""
    return encode({"dropped": tuple(sorted(refs))})


def manifest_refs(content: bytes) -> tuple[bytes, ...]:
    """What a manifest names. Raises LogError when it is none."""
    try:
        refs = decode(content)["dropped"]
    except (DataError, KeyError, TypeError) as error:
        raise LogError(
            f"bytes {content[:16].hex()}... are no list of what was dropped; restore it from a copy"
        ) from error
    if not isinstance(refs, tuple) or not all(isinstance(ref, bytes) for ref in refs):
        raise LogError("list of what was dropped names no refs; restore it from a copy")
    return refs


def due_bodies(reader: LogReader, policy: RetentionPolicy, now: datetime) -> Due:
    """What the policy lets go now, and has not gone: one walk over all entries."""
    size = reader.head().size
    in_force = [hold for hold in holds(reader) if hold.is_in_force(size)]
    gone = {ref for dropping in droppings(reader) for ref in manifest_refs(reader.body(dropping.manifest_ref))}
    past: dict[bytes, int] = {}
    kept: set[bytes] = set()
    held: set[bytes] = set()
    for record in all_records(reader, 0, size):
        entry = record.entry
        if not policy.is_past(record.kind, entry.recorded_at, now):
            kept.update(entry.bodies)
        elif any(hold.covers(entry.facts, entry.recorded_at) for hold in in_force):
            held.update(entry.bodies)
        else:
            for ref in entry.bodies:
                past.setdefault(ref, record.sequence)
    refs = {ref: sequence for ref, sequence in past.items() if ref not in kept and ref not in held}
    there = {ref: sequence for ref, sequence in refs.items() if ref not in gone or reader.stored_body(ref) is not None}
    return Due(there, len(held - kept - gone), size)


def all_records(reader: LogReader, start: int, stop: int) -> Iterator[Record]:
    """Entries in order, a page at a time."""
    for at in range(start, stop, PAGE):
        yield from reader.records(at, min(at + PAGE, stop))


def still_due(due: Due, newer: Sequence[Record]) -> bool:
    """Whether entries that came since leave everything that was due so: none names it, none places a hold."""
    named = {ref for record in newer for ref in record.entry.bodies}
    return due.refs.keys().isdisjoint(named) and all(record.kind != EntryKind.HOLD.value for record in newer)
