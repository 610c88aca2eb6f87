"""A log as a folder on disk, with everything that belongs to it.

log.db     the database: the only authority; not there when the log is in a PostgreSQL server
key        the private key, mode 0600; key.pub, its verifier key
public/    checkpoint and tiles: a cache for other people's verifiers, safe to serve as static files
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from adapters.files.keys import log_key, log_signer
from adapters.files.published import PublishedFiles
from adapters.sql.postgres import postgres_log, postgres_log_to_read
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


def log_folder(path: Path, origin: str, database_url: str | None = None) -> LogFolder:
    """The log of an origin with its home in a folder, made on first use, checked and ready to append to.

    The entries are in the folder's own database, or in the one that `database_url` (postgresql://...) names; key and
    tiles are in the folder either way.

    Raises LogError when the database does not extend what was signed and published, EdgeError when the folder or the
    database cannot be used.
    """
    has_key = (path / KEY).exists()
    if database_url is None:
        if (path / DATABASE).exists() and not has_key:
            raise _lost_key(path, str(path / DATABASE))
        signer = log_signer(path / KEY, origin)
        store = sqlite_log(path / DATABASE, origin)
    else:
        store = postgres_log(database_url, origin)
        if not has_key and _is_begun(store):
            store.close()
            raise _lost_key(path, f"log {origin!r} in its database")
        signer = log_signer(path / KEY, origin)
    files = PublishedFiles(path / PUBLIC)
    check_start(store, files, signer.key)
    publish(store, files)
    return LogFolder(path, store, files, signer.key, signer)


def log_folder_to_read(path: Path, database_url: str | None = None) -> ReadFolder:
    """The log with its home in a folder, for reading: nothing is checked yet, nothing is written."""
    key = log_key(path / KEY)
    if database_url is None:
        store = sqlite_log_to_read(path / DATABASE, key.name)
    else:
        store = postgres_log_to_read(database_url, key.name)
    return ReadFolder(path, store, PublishedFiles(path / PUBLIC), key)


def _is_begun(store: SqlLog) -> bool:
    with store.reader() as reader:
        return reader.head().size > 0


def _lost_key(path: Path, what: str) -> EdgeError:
    return EdgeError(f"{path / KEY} is missing, and no new key can sign for {what}; restore it from a copy")
