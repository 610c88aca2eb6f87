"""Logs whose first entries are old, and ways to drop from them by rule and against it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.log_folder import LogFolder, log_folder
from governance.entries import Entry, EntryKind
from governance.findings import Report
from governance.retention import PLACED, manifest_bytes
from governance.verify import verification
from policies.retention import SHIPPED
from tests.governance.examples import ORIGIN, decision

OLD = datetime(2015, 1, 2, 12, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
SHARED = b"sources that every decision names " * 9


def aged(path: Path, n_old: int = 4, n_new: int = 2) -> LogFolder:
    """Old decisions and new ones, each with a trace of its own and one body that all of them share."""
    folder = log_folder(path, ORIGIN)
    with folder.store.transaction() as transaction:
        for number in range(n_old + n_new):
            at = OLD + timedelta(days=number) if number < n_old else NOW - timedelta(days=9 - number)
            refs = tuple(transaction.put_body(text) for text in (f"trace {number} ".encode() * 20, SHARED))
            plain = decision(number, refs, at)
            facts = {**plain.facts, "book": "one" if number % 2 else "two"}
            transaction.append(Entry(plain.kind, ORIGIN, at, at, facts, refs))
    return folder


def traces(folder: LogFolder, numbers: Iterable[int]) -> tuple[bytes, ...]:
    """Refs of the traces of some decisions."""
    with folder.store.reader() as reader:
        return tuple(reader.records(number, number + 1)[0].entry.bodies[0] for number in numbers)


def hold_entry(name: str, state: str = PLACED, **facts: object) -> Entry:
    said = {"hold_id": name, "state": state, "because": "a letter", "principal": "counsel", "held_account_id": ""}
    return Entry(EntryKind.HOLD, ORIGIN, NOW, NOW, {**said, **facts})


def dropped(folder: LogFolder, refs: Iterable[bytes], text: bytes = b"", at: datetime = NOW) -> None:
    """Drop bodies and say so, whether a rule lets them go or not."""
    listed = tuple(refs)
    with folder.store.transaction() as transaction:
        policy, manifest = (
            transaction.put_body(text or SHIPPED.read_bytes()),
            transaction.put_body(manifest_bytes(listed)),
        )
        facts = {"policy_ref": policy, "manifest_ref": manifest, "principal": "ops"}
        transaction.append(Entry(EntryKind.RETENTION, ORIGIN, at, at, facts, (policy, manifest)))
        transaction.drop_bodies(listed)


def report(folder: LogFolder) -> Report:
    return verification(folder.store, folder.files, folder.key)
