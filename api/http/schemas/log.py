"""The decision log as answers: its state, entries, checkpoints and proofs.

Digests, entry ids, roots and hashes are written `sha256:` and 64 hexadecimal digits; a decision's id, which is its name
in paths, is the 64 digits alone. What goes into somebody's verifier (`entry` and `proof`) is base64, as
`docs/verifier/verify_proof.py` and other tools of RFC 6962 logs read it.
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from api.use_cases.finding import RecordPage
from api.use_cases.reading import ConsistencyProof, InclusionProof, LogState
from api.views.facts import plain_fact
from governance.notes import parsed_note
from governance.rows import CheckpointRow, Record
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.instants import instant_from_ns, instant_text


class CheckpointView(msgspec.Struct, frozen=True):
    """A signed tree head.

    Attributes:
        size: number of entries that it covers.
        root: root of their Merkle tree.
        signers: names of the keys that signed it.
        note: the signed note, https://c2sp.org/tlog-checkpoint.
    """

    size: int
    root: str
    signers: tuple[str, ...]
    note: str


class CheckpointPage(msgspec.Struct, frozen=True):
    """Checkpoints, largest first.

    Attributes:
        checkpoints: those of this page.
        next_cursor: names the next page; null on the last.
    """

    checkpoints: tuple[CheckpointView, ...]
    next_cursor: str | None


class LogView(msgspec.Struct, frozen=True):
    """A log as of an instant, or as it is.

    Attributes:
        origin: its name.
        size: number of entries.
        root: root of its Merkle tree.
        recorded_at: when its newest entry was recorded; null while it is empty.
        verifier_key: what its checkpoints are verified with, as name+hash+base64; null while it is empty.
        checkpoint: the newest checkpoint that covers no more than this size; null before the first.
        links: where to read on.
    """

    origin: str
    size: int
    root: str
    recorded_at: str | None
    verifier_key: str | None
    checkpoint: CheckpointView | None
    links: dict[str, str]


class EntryView(msgspec.Struct, frozen=True):
    """One entry of the log.

    Attributes:
        sequence: its place, from 0.
        kind: what it records.
        entry_id: digest of its bytes.
        leaf_hash: its leaf in the Merkle tree.
        as_of: when it was true.
        recorded_at: when the log learned of it.
        decision_id: the decision that it is or concerns; null when it concerns none.
        facts: what it says; money as text.
        bodies: refs of the archived bodies that it needs.
        cites: ids of the entries that it stands on.
    """

    sequence: int
    kind: str
    entry_id: str
    leaf_hash: str
    as_of: str
    recorded_at: str
    decision_id: str | None
    facts: dict[str, Any]
    bodies: tuple[str, ...]
    cites: tuple[str, ...]


class EntryPage(msgspec.Struct, frozen=True):
    """Entries in the order of the log.

    Attributes:
        entries: those of this page; fewer than asked for when many were passed over.
        next_cursor: names the next page; null when the log ends here.
        next_after: the sequence number after which the next page begins; null when the log ends here.
        size: number of entries in the log, as it was read.
    """

    entries: tuple[EntryView, ...]
    next_cursor: str | None
    next_after: int | None
    size: int


class InclusionView(msgspec.Struct, frozen=True):
    """That an entry is in the log: `checkpoint`, `index`, `entry` and `proof` are all that a verifier needs.

    Attributes:
        index: the entry's place, from 0.
        size: size of the tree.
        root: its root.
        leaf_hash: SHA-256 of a zero byte and the entry, RFC 6962 section 2.1.
        entry: the entry's bytes, base64.
        proof: the audit path, leaf first, each hash in base64.
        checkpoint: the signed note over this very tree; null when none was signed over it.
    """

    index: int
    size: int
    root: str
    leaf_hash: str
    entry: str
    proof: tuple[str, ...]
    checkpoint: str | None


class ConsistencyView(msgspec.Struct, frozen=True):
    """That the log of one size extends the log of another.

    Attributes:
        from_size: size of the older tree.
        to_size: size of the newer tree.
        from_root: root of the older tree.
        to_root: root of the newer tree.
        proof: the hashes of RFC 6962 section 2.1.2, in base64.
    """

    from_size: int
    to_size: int
    from_root: str
    to_root: str
    proof: tuple[str, ...]


LOG_LINKS = {
    "self": "/internal/log",
    "entries": "/internal/log/entries",
    "checkpoint": "/internal/log/checkpoint",
    "checkpoints": "/internal/log/checkpoints",
    "events": "/internal/log/events",
}


def log_view(state: LogState) -> LogView:
    """A log's state for a client."""
    return LogView(
        origin=state.origin,
        size=state.size,
        root=digest_text(state.root),
        recorded_at=None if state.recorded_at is None else instant_text(state.recorded_at),
        verifier_key=None if state.key is None else state.key.text,
        checkpoint=None if state.checkpoint is None else checkpoint_view(state.checkpoint),
        links=LOG_LINKS,
    )


def checkpoint_view(row: CheckpointRow) -> CheckpointView:
    """A checkpoint for a client. Raises LogError when its note is broken."""
    names = tuple(signature.name for signature in parsed_note(row.note).signatures)
    return CheckpointView(row.size, digest_text(row.root), names, row.note.decode())


def entry_view(record: Record) -> EntryView:
    """An entry for a client."""
    entry = record.entry
    return EntryView(
        sequence=record.sequence,
        kind=record.kind,
        entry_id=digest_text(record.entry_id),
        leaf_hash=digest_text(record.leaf_hash),
        as_of=instant_text(instant_from_ns(record.as_of_ns)),
        recorded_at=instant_text(instant_from_ns(record.recorded_at_ns)),
        decision_id=record.decision_id.hex() if record.decision_id else None,
        facts={name: plain_fact(name, value) for name, value in entry.facts.items()},
        bodies=tuple(digest_text(ref) for ref in entry.bodies),
        cites=tuple(digest_text(cite) for cite in entry.cites),
    )


def entry_page(page: RecordPage, size: int, next_cursor: str | None) -> EntryPage:
    """A page of entries for a client."""
    next_after = None if page.next_sequence is None else page.next_sequence - 1
    return EntryPage(tuple(entry_view(record) for record in page.records), next_cursor, next_after, size)


def inclusion_view(proof: InclusionProof) -> InclusionView:
    """A proof of inclusion for a client and its verifier."""
    return InclusionView(
        index=proof.record.sequence,
        size=proof.size,
        root=digest_text(proof.root),
        leaf_hash=digest_text(proof.record.leaf_hash),
        entry=_base64(proof.record.data),
        proof=tuple(_base64(each) for each in proof.path),
        checkpoint=None if proof.checkpoint is None else proof.checkpoint.note.decode(),
    )


def consistency_view(proof: ConsistencyProof) -> ConsistencyView:
    """A proof of consistency for a client and its verifier."""
    return ConsistencyView(
        from_size=proof.old_size,
        to_size=proof.new_size,
        from_root=digest_text(proof.old_root),
        to_root=digest_text(proof.new_root),
        proof=tuple(_base64(each) for each in proof.hashes),
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
