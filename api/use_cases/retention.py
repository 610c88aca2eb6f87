"""Retention at work: what may be dropped, dropping it with a copy kept first, and legal holds.

Everything is an entry of the log: holds with who placed them and why, and each dropping with the policy that allowed it
and every body that went. `assay verify` accepts exactly that and nothing else.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from api.use_cases.policies import file_bytes
from governance.entries import Entry, EntryKind
from governance.ports import LogReader, LogStore, Transaction
from governance.retention import (
    PLACED,
    RELEASED,
    Due,
    Hold,
    all_records,
    droppings,
    due_bodies,
    holds,
    manifest_bytes,
    manifest_refs,
    still_due,
)
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.errors import EdgeError
from policies.retention import SHIPPED, RetentionPolicy, parsed_retention_policy

MAX_AT_ONCE = 10_000
"""Bodies that one entry drops: a transaction holds up every order."""
_ID_DIGITS = 12
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class RetentionDesk:
    """What retention works with.

    Attributes:
        store: the log.
        clock: the shell's clock.
        file: of the policy; None for the one that comes with Assay.
    """

    store: LogStore
    clock: Callable[[], datetime]
    file: Path | None = None

    @property
    def text(self) -> bytes:
        """The policy's bytes, as the log archives them."""
        return file_bytes(self.file or SHIPPED)

    @property
    def policy(self) -> RetentionPolicy:
        """The policy."""
        return parsed_retention_policy(self.text, str(self.file or SHIPPED))


@dataclass(frozen=True, slots=True)
class RetentionState:
    """How retention stands.

    Attributes:
        policy: in force.
        n_due: bodies that may be dropped now.
        n_held: bodies that only a hold keeps.
        holds: every hold, released ones included.
        droppings: each time that something was dropped: its entry, when, and how many bodies.
    """

    policy: RetentionPolicy
    n_due: int
    n_held: int
    holds: tuple[Hold, ...]
    droppings: tuple[tuple[int, datetime, int], ...]


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """A legal hold that somebody places.

    Attributes:
        because: why, in words.
        principal: who places it.
        account_id: of which account; "" for all.
        since: entries recorded from then on; None for all.
        until: entries recorded before then; None for all.
    """

    because: str
    principal: str
    account_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


def retention_state(desk: RetentionDesk) -> RetentionState:
    """How retention stands now."""
    with desk.store.reader() as reader:
        due = due_bodies(reader, desk.policy, desk.clock())
        done = tuple(
            (each.sequence, each.at, len(manifest_refs(reader.body(each.manifest_ref)))) for each in droppings(reader)
        )
        return RetentionState(desk.policy, len(due.refs), due.n_held, holds(reader), done)


def dropped(desk: RetentionDesk, principal: str, copy: Path | None = None) -> tuple[int, ...]:
    """Drop everything that the policy lets go. Returns the sequences of the entries that say so.

    Args:
        desk: whose log.
        principal: who drops it.
        copy: a file that everything is copied into first; None keeps no copy.

    Raises:
        EdgeError: the copy cannot be written; then nothing is dropped.
    """
    now = desk.clock()
    with desk.store.reader() as reader:
        due = due_bodies(reader, desk.policy, now)
        if due.refs and copy is not None:
            _copied(reader, due, copy)
    refs = sorted(due.refs)
    parts = [refs[at : at + MAX_AT_ONCE] for at in range(0, len(refs), MAX_AT_ONCE)]
    done = []
    for part in parts:
        found = _dropped(desk, principal, Due({ref: due.refs[ref] for ref in part}, 0, due.size), now)
        if found is not None:
            done.append(found)
    return tuple(done)


def placed_hold(desk: RetentionDesk, request: HoldRequest) -> Hold:
    """A hold, placed. Raises EdgeError when it covers nothing or gives no reason."""
    _require_reason(request.because)
    if request.since is not None and request.until is not None and request.since >= request.until:
        message = f"hold from {request.since} to {request.until} covers nothing; let it begin before it ends"
        raise EdgeError(message, reason="invalid")
    at = desk.clock()
    said = {"because": request.because, "principal": request.principal, "held_account_id": request.account_id}
    span = {name: each for name, each in (("since", request.since), ("until", request.until)) if each is not None}
    name = digest("hold", encode({**said, **span, "at": at})).hex()[:_ID_DIGITS]
    return _said(desk, {"hold_id": f"hold-{name}", "state": PLACED, **said, **span}, at)


def released_hold(desk: RetentionDesk, hold_id: str, because: str, principal: str) -> Hold:
    """A hold, released. Raises EdgeError for one that is not in force."""
    _require_reason(because)
    with desk.store.reader() as reader:
        found = next((each for each in holds(reader) if each.hold_id == hold_id), None)
    if found is None:
        raise EdgeError(f"hold {hold_id!r} was never placed here; list those that were", reason="not-found")
    if found.released_sequence is not None:
        message = f"hold {hold_id} was released by {found.released_by}, entry {found.released_sequence}"
        raise EdgeError(f"{message}; place another one", reason="stale-condition")
    facts = {"hold_id": hold_id, "state": RELEASED, "because": because, "principal": principal}
    return _said(desk, facts, desk.clock())


def _said(desk: RetentionDesk, facts: Mapping[str, object], at: datetime) -> Hold:
    with desk.store.transaction() as transaction:
        transaction.append(Entry(EntryKind.HOLD, desk.store.origin, at, at, facts))
    with desk.store.reader() as reader:
        return next(each for each in holds(reader) if each.hold_id == facts["hold_id"])


def _require_reason(because: str) -> None:
    if not because.strip() or not because.isprintable():
        raise EdgeError("no reason is given for the hold; say it in a line of words", reason="invalid")


def _dropped(desk: RetentionDesk, principal: str, due: Due, now: datetime) -> int | None:
    """Drop some bodies in one transaction; None when entries that came meanwhile keep one of them."""
    with desk.store.transaction() as transaction:
        with desk.store.reader() as reader:
            newer = tuple(all_records(reader, due.size, reader.head().size))
        if not still_due(due, newer):
            return None
        return _appended(desk, transaction, principal, due, now)


def _appended(desk: RetentionDesk, transaction: Transaction, principal: str, due: Due, now: datetime) -> int:
    policy = desk.policy
    policy_ref = transaction.put_body(desk.text)
    manifest_ref = transaction.put_body(manifest_bytes(due.refs))
    facts = {
        "policy": policy.family,
        "version": policy.version,
        "policy_ref": policy_ref,
        "manifest_ref": manifest_ref,
        "n_bodies": len(due.refs),
        "principal": principal,
    }
    entry = Entry(EntryKind.RETENTION, desk.store.origin, now, now, facts, (policy_ref, manifest_ref))
    sequence = transaction.append(entry).sequence
    transaction.drop_bodies(due.refs)
    return sequence


def _copied(reader: LogReader, due: Due, file: Path) -> None:
    """Copy bodies into a new file, durably, each under its ref, beside the entries that first name them."""
    try:
        with file.open("xb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
            for ref in sorted(due.refs):
                archive.writestr(zipfile.ZipInfo(f"bodies/{ref.hex()}", _EPOCH), reader.stored_body(ref) or b"")
            for sequence in sorted(set(due.refs.values())):
                data = reader.records(sequence, sequence + 1)[0].data
                archive.writestr(zipfile.ZipInfo(f"entries/{sequence}", _EPOCH), data)
        with file.open("rb") as written:
            os.fsync(written.fileno())
    except OSError as error:
        message = f"copy {file} cannot be written: {error.strerror}; name another file: nothing was dropped"
        raise EdgeError(message) from error
