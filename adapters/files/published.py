"""A tree of small files that other people's verifiers read: `governance.ports.Publication` on a local disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from adapters.files.writing import is_temporary, synced_folder, translated, write_whole


class PublishedFiles:
    """The files under one folder, each replaced whole."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def file(self, path: str) -> bytes | None:
        """The content of a file; None when there is none."""
        with translated(self._root / path):
            try:
                return (self._root / path).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def paths(self) -> Sequence[str]:
        """Every file, with `/` between the parts; what a killed write left behind is none."""
        found = []
        for folder, _, names in os.walk(self._root):
            found += [
                (Path(folder) / name).relative_to(self._root).as_posix() for name in names if not is_temporary(name)
            ]
        return sorted(found)

    def replace_all(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write files in order, each to a temporary name, synced and renamed; then sync the folders."""
        folders: dict[Path, None] = {}
        for path, content in files:
            target = self._root / path
            with translated(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                write_whole(target, content)
            folders |= dict.fromkeys(parent for parent in target.parents if parent.is_relative_to(self._root))
        for folder in folders:
            synced_folder(folder)

    def remove_folder(self, path: str) -> None:
        """Remove a folder of files if it is there."""
        with translated(self._root / path):
            shutil.rmtree(self._root / path, ignore_errors=True)
