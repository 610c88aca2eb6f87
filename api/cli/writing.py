"""Files that a command writes where a person said."""

from __future__ import annotations

from pathlib import Path

from nodes.vocabulary.errors import EdgeError


def write_file(target: Path, data: bytes) -> None:
    """Write a file, and its folder when there is none. Raises EdgeError when that cannot be."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    except OSError as error:
        message = f"{target} cannot be written: {error.strerror}; name another place with --output"
        raise EdgeError(message) from error
