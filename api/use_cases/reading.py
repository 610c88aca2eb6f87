"""Reads a decision log for others: its state, its entries, its checkpoints, tiles and proofs. Writes nothing.

Every answer comes from one consistent view, is bounded, and says which size of the log it is about. A read `as of` an
instant sees what the log had recorded by then: `recorded_at` never goes backwards, so that is a size.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.use_cases.finding import MAX_SCANNED, RecordPage
from governance.checkpoints import checkpoint_from_text
from governance.entries import EntryKind
from governance.merkle import TILE_HEIGHT, TILE_WIDTH, Frontier
from governance.notes import VerifierKey, parsed_note, verifier_key
from governance.ports import LogReader
from governance.proofs import consistency_proof, inclusion_proof, tree_root
from governance.publication import tile_content
from governance.rows import CheckpointRow, Record
from governance.tiles import ENTRIES_LEVEL, TileName, tile_name
from nodes.vocabulary.errors import EdgeError, LogError
from nodes.vocabulary.instants import instant_from_ns, instant_ns

_BATCH = 512


@dataclass(frozen=True)
class LogState:
    """A log as of a size.

    Attributes:
        origin: its name.
        size: number of entries.
        root: root of its Merkle tree.
        recorded_at: when its newest entry was recorded; None while it is empty.
        key: what its checkpoints are verified with, as its first entry says; None while it is empty.
        checkpoint: the newest checkpoint that covers no more than this size; None without one.
    """

    origin: str
    size: int
    root: bytes
    recorded_at: datetime | None
    key: VerifierKey | None
    checkpoint: CheckpointRow | None


@dataclass(frozen=True)
class InclusionProof:
    """That an entry is in the tree of a size.

    Attributes:
        record: the entry.
        size: of which tree.
        root: its root.
        path: the audit path, RFC 6962 section 2.1.1, leaf first.
        checkpoint: the signed note over that very tree; None when none was signed.
    """

    record: Record
    size: int
    root: bytes
    path: tuple[bytes, ...]
    checkpoint: CheckpointRow | None


@dataclass(frozen=True)
class ConsistencyProof:
    """That one tree of a log extends another.

    Attributes:
        old_size: size of the older tree.
        new_size: size of the newer tree.
        old_root: root of the older tree.
        new_root: root of the newer tree.
        hashes: the proof, RFC 6962 section 2.1.2.
    """

    old_size: int
    new_size: int
    old_root: bytes
    new_root: bytes
    hashes: tuple[bytes, ...]


@dataclass(frozen=True)
class TileFile:
    """One file of the C2SP tlog-tiles layout.

    Attributes:
        name: which one.
        content: its bytes, which never change.
    """

    name: TileName
    content: bytes


def size_as_of(reader: LogReader, at: datetime | None) -> int:
    """How many entries the log held at an instant; all of them without one."""
    size = reader.head().size
    if at is None:
        return size
    at_ns, low, high = instant_ns(at), 0, size
    while low < high:
        middle = (low + high) // 2
        if record_at(reader, middle).recorded_at_ns <= at_ns:
            low = middle + 1
        else:
            high = middle
    return low


def log_state(reader: LogReader, at: datetime | None = None) -> LogState:
    """The log as it is, or as it was at an instant."""
    head, size = reader.head(), size_as_of(reader, at)
    is_head = size == head.size
    return LogState(
        origin=head.origin,
        size=size,
        root=Frontier.from_bytes(head.size, head.frontier).root if is_head else tree_root(reader, size),
        recorded_at=instant_from_ns(record_at(reader, size - 1).recorded_at_ns) if size else None,
        key=log_key(reader) if size else None,
        checkpoint=newest_checkpoint(reader, size),
    )


def log_key(reader: LogReader) -> VerifierKey:
    """The key that the log's first entry says its checkpoints are signed with."""
    return verifier_key(record_at(reader, 0).entry.facts["verifier_key"])


def record_at(reader: LogReader, sequence: int) -> Record:
    """The entry at a place. Raises EdgeError when the log is not that long, LogError when its row is missing."""
    records = reader.records(sequence, sequence + 1)
    if records:
        return records[0]
    size = reader.head().size
    if 0 <= sequence < size:
        message = f"entry {sequence} of {size} is missing; verify the log and restore it from a copy"
        raise LogError(message)
    message = f"no entry {sequence} in a log of {size}; ask for one below that"
    raise EdgeError(message, reason="not-found")


def entries_page(
    reader: LogReader, start: int, n_records: int, kinds: Collection[str] = (), stop: int | None = None
) -> RecordPage:
    """Entries of some kinds (all without any) from a sequence number on, in the order of the log.

    At most MAX_SCANNED entries are looked at; `next_sequence` says where to go on, also past those left out.
    """
    end = reader.head().size if stop is None else stop
    found: list[Record] = []
    place, limit = start, min(end, start + MAX_SCANNED)
    while place < limit and len(found) < n_records:
        for record in _batch(reader, place, min(limit, place + _BATCH)):
            place = record.sequence + 1
            if not kinds or record.kind in kinds:
                found.append(record)
            if len(found) == n_records:
                break
    return RecordPage(tuple(found), place if place < end else None)


def _batch(reader: LogReader, start: int, stop: int) -> Sequence[Record]:
    """Entries of the log, at least one. Raises LogError when rows are missing."""
    return reader.records(start, stop) or (record_at(reader, start),)


def known_kind(text: str) -> str:
    """A kind of entry, as written. Raises EdgeError when there is none of that name."""
    kinds = [kind.value for kind in EntryKind]
    if text not in kinds:
        raise EdgeError(f"no entry is of kind {text[:40]!r}; write one of {', '.join(kinds)}", reason="bad-request")
    return text


def newest_checkpoint(reader: LogReader, size: int | None = None) -> CheckpointRow | None:
    """The newest checkpoint, or the newest that covers at most a size."""
    newest = reader.newest_checkpoint()
    if newest is None or size is None or newest.size <= size:
        return newest
    return max((row for row in reader.checkpoints() if row.size <= size), key=lambda row: row.size, default=None)


def checkpoints_page(reader: LogReader, n_rows: int, below: int | None = None) -> tuple[CheckpointRow, ...]:
    """Checkpoints, largest first, below a size if one is given."""
    rows = [row for row in reader.checkpoints() if below is None or row.size < below]
    return tuple(reversed(rows[-n_rows:]))


def proof_of_inclusion(reader: LogReader, sequence: int, size: int | None = None) -> InclusionProof:
    """The proof that an entry is in the tree of a size: by default that of the newest checkpoint, if it covers it.

    Raises EdgeError for an entry or a tree that the log does not have.
    """
    head, newest = reader.head().size, reader.newest_checkpoint()
    if size is None:
        size = newest.size if newest is not None and newest.size > sequence else head
    record = record_at(reader, sequence)
    if not sequence < size <= head:
        message = f"no tree of {size} entries holds entry {sequence}; ask for a size from {sequence + 1} to {head}"
        raise EdgeError(message, reason="invalid")
    path, root = inclusion_proof(reader, sequence, size), tree_root(reader, size)
    return InclusionProof(record, size, root, path, _checkpoint_of(reader, size))


def _checkpoint_of(reader: LogReader, size: int) -> CheckpointRow | None:
    newest = reader.newest_checkpoint()
    if newest is None or newest.size < size:
        return None
    rows: Sequence[CheckpointRow] = (newest,) if newest.size == size else reader.checkpoints()
    return next((row for row in rows if row.size == size), None)


def proof_of_consistency(reader: LogReader, old_size: int, new_size: int | None = None) -> ConsistencyProof:
    """The proof that the log of one size extends that of another; the newer is the whole log by default."""
    head = reader.head().size
    new_size = head if new_size is None else new_size
    if not 0 < old_size <= new_size <= head:
        message = (
            f"no proof leads from size {old_size} to {new_size} in a log of {head}; ask for 0 < from <= to <= {head}"
        )
        raise EdgeError(message, reason="invalid")
    return ConsistencyProof(
        old_size,
        new_size,
        tree_root(reader, old_size),
        tree_root(reader, new_size),
        consistency_proof(reader, old_size, new_size),
    )


def tile_file(reader: LogReader, path: str) -> TileFile:
    """The tile or entry bundle at a path of the tlog-tiles layout, e.g. "tile/0/x001/067" or "tile/entries/000.p/12".

    Raises EdgeError when no tile lies there, or the log is not that long yet.
    """
    name = tile_name(path)
    size = reader.head().size
    level = 0 if name is None or name.level == ENTRIES_LEVEL else name.level
    if name is None or name.index * TILE_WIDTH + name.width > size >> (TILE_HEIGHT * level):
        message = f"no tile {path[:80]!r} in a log of {size}; see https://c2sp.org/tlog-tiles for which there are"
        raise EdgeError(message, reason="not-found")
    return TileFile(name, tile_content(reader, name))


def checkpoint_facts(row: CheckpointRow) -> tuple[str, ...]:
    """Names of those whose signatures a checkpoint holds. Raises LogError when its note is broken."""
    note = parsed_note(row.note)
    checkpoint_from_text(note.text)
    return tuple(signature.name for signature in note.signatures)
