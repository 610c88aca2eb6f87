"""Writing a file so that a power loss leaves the old one or the new one, whole: temporary, sync, rename, sync."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nodes.vocabulary.errors import EdgeError

TEMPORARY = ".new"
_MEND = "free some space or give this user access, then try again"


def is_temporary(name: str) -> bool:
    """Whether a file of this name is one that has not taken its own yet, left behind by a write that was killed."""
    return name.startswith(".") and name.endswith(TEMPORARY)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Errors of the operating system leave this block as ours, with the place and the mend."""
    try:
        yield
    except OSError as error:
        is_missing = isinstance(error, FileNotFoundError)
        mend = "restore it from a copy, or name another place" if is_missing else _MEND
        message = f"{path}: {error.strerror or error}; {mend}"
        raise EdgeError(message) from error


def write_whole(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace a file by a temporary one that is on the disk before it takes the name."""
    with _on_disk(path, content, mode) as temporary:
        temporary.replace(path)


def write_new(path: Path, content: bytes, mode: int = 0o644) -> None:
    """As `write_whole`, but a file that is there already stays as it is."""
    with _on_disk(path, content, mode) as temporary, suppress(FileExistsError):
        path.hardlink_to(temporary)


@contextmanager
def _on_disk(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}{TEMPORARY}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def synced_folder(folder: Path) -> None:
    """Make renames in a folder survive a power loss."""
    with translated(folder):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
