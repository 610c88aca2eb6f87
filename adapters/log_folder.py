"""A log as a folder on disk, with everything that belongs to it.

log.db     the database: the only authority
key        the private key, mode 0600; key.pub, its verifier key
public/    checkpoint and tiles: a cache for other people's verifiers, safe to serve as static files
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from adapters.files.keys import log_key, log_signer
from adapters.files.published import PublishedFiles
from adapters.sql.sqlite import sqlite_log, sqlite_log_to_read
from adapters.sql.store import SqlLog
from governance.checkpoints import committed_checkpoint
from governance.findings import Progress, Report
from governance.notes import Signer, VerifierKey
from governance.publication import publish
from governance.rows import CheckpointRow
from governance.startup import check_start
from governance.verify import verification
from nodes.vocabulary.errors import EdgeError

DATABASE = "log.db"
KEY = "key"
PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class ReadFolder:
    """A log to read and verify.

    Attributes:
        path: the folder.
        store: the log; an append to it is refused.
        files: what is published of it.
        key: what its checkpoints are verified with.
    """

    path: Path
    store: SqlLog
    files: PublishedFiles
    key: VerifierKey

    def verification(self, against: bytes | None = None, progress: Progress | None = None) -> Report:
        """Everything that is wrong with the log; see `governance.verify`."""
        return verification(self.store, self.files, self.key, against=against, progress=progress)


@dataclass(frozen=True, slots=True)
class LogFolder(ReadFolder):
    """A log to append to.

    Attributes:
        signer: what signs its checkpoints.
    """

    signer: Signer

    def checkpoint(self) -> CheckpointRow:
        """Sign a checkpoint of all that is committed, commit it, and publish it with its tiles."""
        row = committed_checkpoint(self.store, self.signer)
        publish(self.store, self.files)
        return row


def log_folder(path: Path, origin: str) -> LogFolder:
    """The log in a folder, made on first use, checked and ready to append to.

    Raises LogError when the database does not extend what was signed and published, EdgeError when the folder
    cannot be used.
    """
    if (path / DATABASE).exists() and not (path / KEY).exists():
        message = f"{path / KEY} is missing, and no new key can sign for {path / DATABASE}; restore it from a copy"
        raise EdgeError(message)
    signer = log_signer(path / KEY, origin)
    store = sqlite_log(path / DATABASE, origin)
    files = PublishedFiles(path / PUBLIC)
    check_start(store, files, signer.key)
    publish(store, files)
    return LogFolder(path, store, files, signer.key, signer)


def log_folder_to_read(path: Path) -> ReadFolder:
    """The log in a folder, for reading: nothing is checked yet, nothing is written."""
    key = log_key(path / KEY)
    return ReadFolder(path, sqlite_log_to_read(path / DATABASE, key.name), PublishedFiles(path / PUBLIC), key)
