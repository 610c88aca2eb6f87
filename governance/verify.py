"""Verification of a whole log: every byte of entries, bodies, tiles, checkpoints and state, each fault located.

    files        what is published is listed first, so that a log that grows meanwhile is no finding
    snapshot     one consistent view of the database, in which all that follows is read
    structure    what the database itself finds wrong
    entries      each against its own bytes, its neighbours and the tree       governance.verify_entries
    tree         stored nodes, the head, the root of every checkpoint          governance.verify_tree
    tiles        published tiles and bundles against the entries               governance.verify_tiles
    retention    what was dropped, against the rules that let it go            governance.verify_retention
    bodies       each against its ref; each needed by an entry, none missing   governance.verify_state
    impacts      reports that activations rest on, against what they name      governance.verify_impacts
    state        seals; activations, answers, orders against the entries       governance.verify_state
    registry     models, stages and evidence against the entries; trials       governance.verify_registry

Where a row and the tree disagree, the tree decides which bytes are the true ones, so that one flipped byte is one
finding, and not one for all that stands on it.

What it cannot find: entries after the newest checkpoint rewritten together with everything that follows from
them. Only a checkpoint that someone else holds (`against`) convicts that, which is why they are published.
"""

from __future__ import annotations

from collections.abc import Iterator

from governance.checkpoints import opened_checkpoint
from governance.findings import Notebook, Progress, Report, bytes_or_none, shown
from governance.merkle import EMPTY_ROOT, HASH_BYTES, TILE_WIDTH, folded
from governance.notes import VerifierKey, parsed_note
from governance.ports import LogReader, LogStore, Publication
from governance.rows import Head
from governance.tiles import CHECKPOINT_PATH
from governance.verify_entries import Learned, blocks
from governance.verify_impacts import check_impacts
from governance.verify_registry import check_registry
from governance.verify_retention import dropped_by_rule
from governance.verify_state import check_bodies, check_state
from governance.verify_tiles import PublishedTiles
from governance.verify_tree import Claim, Tree
from nodes.vocabulary.errors import LogError

_RESTORE = "restore it from a copy"


def verification(
    store: LogStore,
    publication: Publication,
    key: VerifierKey,
    *,
    against: bytes | None = None,
    progress: Progress | None = None,
) -> Report:
    """Everything that is wrong with a log.

    Args:
        store: the log.
        publication: what is published of it.
        key: the log's own key.
        against: a checkpoint of the log from another source, e.g. one kept since last year.
        progress: told every block how far verification has come.
    """
    notes = Notebook()
    published = publication.file(CHECKPOINT_PATH)
    tiles = PublishedTiles(publication, notes)
    verifier = _Verification(key, notes, progress or _silent)
    try:
        with store.reader() as reader:
            return verifier.report(store.origin, reader, tiles, published, against)
    except LogError as error:
        notes.find("database", str(error), "restore it from a copy")
    return Report(store.origin, 0, EMPTY_ROOT, tuple(notes.findings), notes.counts)


class _Verification:
    """One run over one log."""

    def __init__(self, key: VerifierKey, notes: Notebook, progress: Progress) -> None:
        self._key = key
        self._notes = notes
        self._progress = progress

    def report(
        self, origin: str, reader: LogReader, tiles: PublishedTiles, published: bytes | None, against: bytes | None
    ) -> Report:
        for fault in reader.structure_faults():
            self._notes.find("database", fault, _RESTORE)
        claims = list(self._row_claims(reader))
        claims += self._note_claims(published, "published checkpoint")
        claims += self._note_claims(against, "old checkpoint")
        if published is not None:
            self._check_published(reader, tiles, published)
        head = self._head(origin, reader)
        size = self._size(reader, head)
        tree, seen = Tree(reader, claims, self._notes), Learned()
        tail_root = None if head is None else _tail_root(head)
        for block in blocks(reader, size, tail_root, self._notes, seen):
            tree.grow(block)
            tiles.check_block(block)
            self._progress("entries", min(block.start + TILE_WIDTH, size), size)
        tree.finish(head)
        tiles.check_levels(tree.levels)
        if head is not None and head.recorded_at_ns != seen.recorded_at_ns:
            what = f"recorded_at_ns is {head.recorded_at_ns}, the newest entry has {seen.recorded_at_ns}"
            self._notes.find("log_head", what, _RESTORE)
        if seen.verifier_key not in (None, self._key.text):
            what = (
                f"is {self._key.text}, the genesis entry names {seen.verifier_key}: the log was signed anew by another"
            )
            self._notes.find("key", what, "restore the key and the checkpoints from a copy")
        check_bodies(reader, seen, self._notes, self._progress, dropped_by_rule(reader, seen, self._notes))
        check_impacts(reader, origin, seen, self._notes)
        check_state(reader, seen, self._notes)
        check_registry(reader.registry, seen.registry, self._notes)
        return Report(origin, size, tree.root, tuple(self._notes.findings), self._notes.counts)

    def _head(self, origin: str, reader: LogReader) -> Head | None:
        try:
            head = reader.head()
        except LogError as error:
            self._notes.find("log_head", str(error), _RESTORE)
            return None
        if head.origin != origin or self._key.name != origin:
            what = f"is of log {head.origin!r}, the key of {self._key.name!r}, expected {origin!r}"
            self._notes.find("log_head", what, _RESTORE)
        return head

    def _size(self, reader: LogReader, head: Head | None) -> int:
        """The number of entries to walk: what the head says, unless the rows plainly say otherwise."""
        n_rows, last = reader.extent()
        if head is not None and head.size == last + 1:
            return head.size
        said = "nothing" if head is None else f"{head.size} entries"
        self._notes.find("log_head", f"says {said}, the rows of entries go up to {last}", _RESTORE)
        return last + 1 if 0 <= last <= 2 * n_rows + TILE_WIDTH else n_rows

    def _row_claims(self, reader: LogReader) -> Iterator[Claim]:
        for row in reader.checkpoints():
            self._notes.count("checkpoints")
            place = f"checkpoint {row.size}"
            for claim in self._note_claims(row.note, place):
                if (row.size, row.root) != (claim.size, claim.root):
                    what = f"columns say {row.size}, {shown(row.root)}, its note {claim.size}, {shown(claim.root)}"
                    self._notes.find(place, what, _RESTORE)
                yield claim

    def _note_claims(self, note: bytes | None, place: str) -> Iterator[Claim]:
        if note is None:
            return
        try:
            checkpoint = opened_checkpoint(note, self._key)
        except LogError as error:
            self._notes.find(place, str(error), _RESTORE)
            return
        yield Claim(checkpoint.size, checkpoint.root, place)

    def _check_published(self, reader: LogReader, tiles: PublishedTiles, published: bytes) -> None:
        """Check the published note against the row that it was published from, and its tiles for completeness."""
        try:
            note, checkpoint = parsed_note(published), opened_checkpoint(published, self._key)
        except LogError:
            return
        tiles.check_complete(checkpoint.size)
        row = next((row for row in reader.checkpoints() if row.size == checkpoint.size), None)
        known = () if row is None else _signatures(bytes_or_none(row.note) or b"")
        if not set(note.signatures) <= set(known):
            what = f"of size {checkpoint.size} has signatures that the database does not have"
            self._notes.find("published checkpoint", what, "publish the checkpoint of the database again")


def _signatures(note: bytes) -> tuple[object, ...]:
    try:
        return parsed_note(note).signatures
    except LogError:
        return ()


def _tail_root(head: Head) -> bytes | None:
    """What the head says of the last, incomplete block: the root over its leaves."""
    n_hashes = (head.size % TILE_WIDTH).bit_count()
    joined = (bytes_or_none(head.frontier) or b"")[-n_hashes * HASH_BYTES :]
    hashes = [joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)]
    return folded(hashes) if n_hashes else None


def _silent(_what: str, _n_done: int, _n_all: int) -> None:
    """Report no progress."""
