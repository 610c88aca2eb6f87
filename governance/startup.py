"""What is checked before a log is appended to: that its head extends everything that was ever signed.

A log that fails is refused whole: appending to it would fork what others have seen. The checks read a few
tiles and the last entries; `governance.verify` reads everything.
"""

from __future__ import annotations

from governance.checkpoints import Checkpoint, opened_checkpoint
from governance.merkle import TILE_WIDTH, Frontier, leaf_hash
from governance.notes import VerifierKey
from governance.ports import LogReader, LogStore, Publication
from governance.proofs import tree_root
from governance.rows import Head
from governance.tiles import CHECKPOINT_PATH
from nodes.vocabulary.errors import LogError

_RESTORE = "restore the newest copy of the database, or verify it to see what is lost"


def check_start(store: LogStore, publication: Publication, key: VerifierKey) -> None:
    """Check that a log may be appended to. Raises LogError, with the mend, when it may not."""
    published = publication.file(CHECKPOINT_PATH)
    with store.reader() as reader:
        head = reader.head()
        _check_tail(reader, head)
        _check_head(reader, head)
        _check_key(reader, key)
        newest = reader.newest_checkpoint()
        if newest is not None:
            _check_extends(reader, head, opened_checkpoint(newest.note, key), "newest checkpoint")
        if published is not None:
            checkpoint = opened_checkpoint(published, key)
            _check_extends(reader, head, checkpoint, "published checkpoint")
            if newest is None or newest.size < checkpoint.size:
                message = (
                    f"a checkpoint of {checkpoint.size} entries of log {head.origin!r} is published, which the "
                    f"database does not know: it was restored from an older copy; {_RESTORE}"
                )
                raise LogError(message)


def _check_tail(reader: LogReader, head: Head) -> None:
    start = max(0, head.size - 1) // TILE_WIDTH * TILE_WIDTH
    records = reader.records(start, head.size + TILE_WIDTH)
    found = [record.sequence for record in records]
    if found != list(range(start, head.size)):
        message = (
            f"log {head.origin!r} has {head.size} entries by its head, but its last rows are "
            f"{found[:1]} to {found[-1:]}; {_RESTORE}"
        )
        raise LogError(message)
    for record in records:
        if leaf_hash(record.data) != record.leaf_hash:
            message = f"entry {record.sequence} of log {head.origin!r} was changed after it was appended; {_RESTORE}"
            raise LogError(message)


def _check_head(reader: LogReader, head: Head) -> None:
    found = tree_root(reader, head.size)
    said = Frontier.from_bytes(head.size, head.frontier).root
    if found != said:
        message = f"log {head.origin!r} has root {found.hex()} by its rows, {said.hex()} by its head; {_RESTORE}"
        raise LogError(message)


def _check_key(reader: LogReader, key: VerifierKey) -> None:
    """The genesis entry names the key of the log, so that no other can take its place."""
    for record in reader.records(0, 1):
        named = record.entry.facts.get("verifier_key")
        if named not in (None, key.text):
            message = f"the log was begun with key {named}, here is {key.text}; restore the log's own key from a copy"
            raise LogError(message)


def _check_extends(reader: LogReader, head: Head, checkpoint: Checkpoint, which: str) -> None:
    if checkpoint.size > head.size:
        message = (
            f"the {which} of log {head.origin!r} covers {checkpoint.size} entries, the database has {head.size}: it "
            f"was restored from an older copy or cut; {_RESTORE}"
        )
        raise LogError(message)
    found = tree_root(reader, checkpoint.size)
    if found != checkpoint.root:
        message = (
            f"the {which} of log {head.origin!r} has root {checkpoint.root.hex()} at {checkpoint.size}, the database "
            f"{found.hex()}: entries were rewritten; {_RESTORE}"
        )
        raise LogError(message)
