"""Key files: the private key of a log, readable by its owner only, and its public key beside it."""

from __future__ import annotations

import stat
from pathlib import Path

from adapters.files.writing import synced_folder, translated, write_new, write_whole
from governance.notes import Signer, VerifierKey, new_signer, signer, verifier_key
from nodes.vocabulary.errors import EdgeError

PRIVATE_MODE = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def log_signer(path: Path, name: str) -> Signer:
    """The signer whose private key lies at `path`, made on first use. Its vkey lies at `path` + ".pub".

    Raises EdgeError when others may read the file, or when the key is that of another log.
    """
    with translated(path):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_new(path, f"{new_signer(name).text}\n".encode(), PRIVATE_MODE)
        _check_private(path)
        found = signer(path.read_text(encoding="utf-8"))
    if found.name != name:
        message = f"{path} is the key of {found.name!r}, expected {name!r}; point this log to its own key"
        raise EdgeError(message)
    _publish(_public(path), found.key)
    return found


def log_key(path: Path) -> VerifierKey:
    """The public key beside the private one at `path`."""
    with translated(_public(path)):
        return verifier_key(_public(path).read_text(encoding="utf-8"))


def _public(path: Path) -> Path:
    return path.with_name(f"{path.name}.pub")


def _publish(path: Path, key: VerifierKey) -> None:
    content = f"{key.text}\n".encode()
    with translated(path):
        if not path.exists() or path.read_bytes() != content:
            write_whole(path, content)
            synced_folder(path.parent)


def _check_private(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & _OTHERS:
        message = f"{path} has mode {mode:04o}, others can read the private key; chmod {PRIVATE_MODE:04o} {path}"
        raise EdgeError(message)
