"""Verification of what was dropped: exactly what RETENTION entries name may be missing, and each by rule.

For each body that is said to be dropped, every entry that named it until then must have been past its time by the
policy that the entry names, and under no hold in force then. A body that a later entry names again must be there again.
"""

from __future__ import annotations

from collections.abc import Mapping

from governance.entries import EntryKind
from governance.findings import Notebook
from governance.ports import LogReader
from governance.retention import Dropping, Hold, all_records, dropping_of, holds_of, manifest_refs
from governance.rows import Record
from governance.verify_entries import Learned
from nodes.vocabulary.errors import AssayError, LogError, PolicyError
from policies.retention import RetentionPolicy, parsed_retention_policy

_RESTORE = "restore it from a copy"


def dropped_by_rule(reader: LogReader, seen: Learned, notes: Notebook) -> frozenset[bytes]:
    """Refs of the bodies that may be missing; everything that was dropped against the rules is written down."""
    said = [found for sequence, entry in seen.retention if (found := _dropping(sequence, entry, notes)) is not None]
    if not said:
        return frozenset()
    policies = {each.sequence: policy for each in said if (policy := _policy(reader, each, notes)) is not None}
    dropped: dict[bytes, list[Dropping]] = {}
    for each in said:
        for ref in _refs(reader, each, notes) if each.sequence in policies else ():
            dropped.setdefault(ref, []).append(each)
    if dropped:
        _check(reader, seen, dropped, policies, notes)
    notes.count("bodies dropped by rule", len(dropped))
    return frozenset(dropped)


def _dropping(sequence: int, entry: object, notes: Notebook) -> Dropping | None:
    found = dropping_of(sequence, entry)  # type: ignore[arg-type]  # entries of that kind alone
    if found is None:
        notes.find(f"entry {sequence}", "names neither a policy nor what it dropped", _RESTORE)
    return found


def _policy(reader: LogReader, dropping: Dropping, notes: Notebook) -> RetentionPolicy | None:
    try:
        return parsed_retention_policy(reader.body(dropping.policy_ref), "retention policy")
    except (LogError, PolicyError) as error:
        notes.find(f"entry {dropping.sequence}", f"its retention policy cannot be read: {error}", _RESTORE)
        return None


def _refs(reader: LogReader, dropping: Dropping, notes: Notebook) -> tuple[bytes, ...]:
    try:
        return manifest_refs(reader.body(dropping.manifest_ref))
    except LogError as error:
        notes.find(f"entry {dropping.sequence}", f"what it dropped cannot be read: {error}", _RESTORE)
        return ()


def _check(
    reader: LogReader,
    seen: Learned,
    dropped: dict[bytes, list[Dropping]],
    policies: Mapping[int, RetentionPolicy],
    notes: Notebook,
) -> None:
    """Hold each dropped body to every entry that names it; one that is named again later is no longer dropped.

    Each time that it was dropped is held to them: what was wrong once is not put right by dropping it again.
    """
    holds = holds_of(seen.holds)
    for record in _readable(reader, seen, notes):
        for ref in dropped.keys() & set(record.entry.bodies):
            later = [dropping for dropping in dropped[ref] if dropping.sequence > record.sequence]
            if not later:
                del dropped[ref]
            for dropping in later:
                _check_entry(record, (ref, dropping), (policies[dropping.sequence], holds), notes)


def _check_entry(
    record: Record, gone: tuple[bytes, Dropping], rules: tuple[RetentionPolicy, tuple[Hold, ...]], notes: Notebook
) -> None:
    """Hold one time that a body was dropped to one entry that names it."""
    (ref, dropping), (policy, holds), entry = gone, rules, record.entry
    place = f"body {ref.hex()}"
    if not policy.is_past(record.kind, entry.recorded_at, dropping.at):
        what = f"entry {dropping.sequence} dropped it, but entry {record.sequence} was to keep it for longer"
        notes.find(place, what, _RESTORE)
    for hold in holds:
        if hold.is_in_force(dropping.sequence) and hold.covers(entry.facts, entry.recorded_at):
            what = f"entry {dropping.sequence} dropped it, but hold {hold.hold_id} kept entry {record.sequence}"
            notes.find(place, what, _RESTORE)


def _readable(reader: LogReader, seen: Learned, notes: Notebook) -> list[Record]:
    """The entries that name bodies; those that cannot be read were found before."""
    try:
        return [record for record in all_records(reader, 0, reader.head().size) if _names(record)]
    except AssayError as error:
        first = min(sequence for sequence, _ in seen.retention)
        notes.find(f"entry {first}", f"what it dropped cannot be checked: {error}", _RESTORE)
        return []


def _names(record: Record) -> bool:
    return record.kind not in {EntryKind.RETENTION.value, EntryKind.HOLD.value} and bool(record.entry.bodies)
