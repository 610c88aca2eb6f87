"""Checkpoints: signed tree heads in the C2SP tlog-checkpoint format, and how a log comes by one.

A checkpoint covers committed entries only, and its row commits before anything is published. Its note keeps
every cosignature that witnesses add. https://c2sp.org/tlog-checkpoint
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from governance.merkle import HASH_BYTES, Frontier
from governance.notes import Note, Signer, VerifierKey, parsed_note, signed_note, signers
from governance.ports import LogStore
from governance.rows import CheckpointRow
from nodes.vocabulary.errors import LogError

_MIN_LINES = 3
_MEND = "fetch it again, or restore it from a copy"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: its name, its size and the root of its tree.

    Attributes:
        origin: the log's name.
        size: number of entries covered.
        root: RFC 6962 root over them.
        extensions: further lines, which this log does not write and keeps.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        root = base64.b64encode(self.root).decode()
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), root, *self.extensions))


def checkpoint_from_text(text: str) -> Checkpoint:
    """The checkpoint that a note's text says. Raises LogError when it says none."""
    lines = text.removesuffix("\n").split("\n")
    try:
        origin, size, root, *extensions = lines
        found = Checkpoint(origin, int(size), base64.b64decode(root, validate=True), tuple(extensions))
    except (ValueError, binascii.Error) as error:
        message = f"{text[:60]!r} is no checkpoint ({error}); {_MEND}"
        raise LogError(message) from error
    if found.text != text or found.size < 0 or len(found.root) != HASH_BYTES or not origin:
        message = f"{text[:60]!r} is not a checkpoint in its one proper form; {_MEND}"
        raise LogError(message)
    return found


def opened_checkpoint(note: bytes, key: VerifierKey) -> Checkpoint:
    """The checkpoint in a note that the log's key signed. Raises LogError when it did not, or for another log."""
    parsed = parsed_note(note)
    if not signers(parsed, [key]):
        names = ", ".join(signature.name for signature in parsed.signatures)
        message = f"checkpoint is signed by {names}, not by {key.text}; check that it is of this log, or {_MEND}"
        raise LogError(message)
    checkpoint = checkpoint_from_text(parsed.text)
    if checkpoint.origin != key.name:
        message = f"checkpoint is of log {checkpoint.origin!r}, expected {key.name!r}; take that of this log"
        raise LogError(message)
    return checkpoint


def committed_checkpoint(store: LogStore, signer: Signer) -> CheckpointRow:
    """A checkpoint of all that is committed, signed and committed itself; the newest one if nothing was added."""
    with store.reader() as reader:
        head, newest = reader.head(), reader.newest_checkpoint()
    if newest is not None and newest.size == head.size:
        return newest
    root = Frontier.from_bytes(head.size, head.frontier).root
    note = signed_note(Checkpoint(head.origin, head.size, root).text, signer)
    row = CheckpointRow(head.size, root, note.data)
    with store.transaction() as transaction:
        transaction.add_checkpoint(row)
    return row


def cosigned(store: LogStore, note: bytes, key: VerifierKey) -> CheckpointRow:
    """Keep the further signatures of a note over the newest checkpoint. Raises LogError when it is not over that."""
    parsed = parsed_note(note)
    with store.reader() as reader:
        newest = reader.newest_checkpoint()
    if newest is None or parsed_note(newest.note).text != parsed.text:
        message = f"note {parsed.text[:60]!r} is not over the newest checkpoint; cosign that one"
        raise LogError(message)
    merged: Note = parsed_note(newest.note).with_signatures(parsed.signatures)
    signers(merged, [key])
    row = newest._replace(note=merged.data)
    with store.transaction() as transaction:
        transaction.add_checkpoint(row)
    return row
