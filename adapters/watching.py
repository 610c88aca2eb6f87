"""A watched folder of policies: what is in it now, and a thread that says when it may have changed.

Editors save in many ways: in place, by a rename over the old file, by a link that is moved. Events only say that it is
time to look; what counts is what is read then. An event that was missed is made up for within a tick. A folder that
vanishes, or may not be read, is told and waited for.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from watchfiles import watch

SUFFIX = ".yaml"
CASES_SUFFIX = ".cases.yaml"
DEBOUNCE_MS = 50
TICK_MS = 500
MAX_BYTES = 1024 * 1024
MAX_FILES = 200
_RETURN_S = 0.2
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class FolderFile:
    """A policy file of the folder.

    Attributes:
        path: where it is.
        text: its bytes; empty when it could not be read.
        cases: the bytes of the cases beside it; None without any.
        problem: why it could not be read, and what to do; "" when it was.
    """

    path: Path
    text: bytes
    cases: bytes | None
    problem: str = ""


class PolicyFolder:
    """A folder of policy files: `v3.yaml`, and `v3.cases.yaml` beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def files(self) -> tuple[FolderFile, ...]:
        """Its policy files, by number; a problem with the folder itself is one file with that problem."""
        try:
            names = [item.name for item in self.path.iterdir()]
        except OSError as error:
            problem = f"folder {self.path} cannot be read: {error.strerror}; put it back, and it is watched again"
            return (FolderFile(self.path, b"", None, problem),)
        wanted = sorted(filter(_is_policy, names), key=_by_number)
        return tuple(self._file(self.path / name) for name in wanted[-MAX_FILES:])

    def identity(self) -> tuple[int, int] | None:
        """Which folder the path leads to now; None when to none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return (found.st_dev, found.st_ino)

    def signature(self) -> frozenset[tuple[object, ...]]:
        """What tells cheaply that something may have changed, where no event said so."""
        found: set[tuple[object, ...]] = set()
        with suppress(OSError), os.scandir(self.path) as items:
            for item in items:
                status = item.stat(follow_symlinks=False)
                found.add((item.name, status.st_ino, status.st_size, status.st_mtime_ns))
        return frozenset(found)

    def _file(self, path: Path) -> FolderFile:
        text, problem = self._read(path)
        cases_path = path.with_name(path.name.removesuffix(SUFFIX) + CASES_SUFFIX)
        cases: bytes | None = None
        if not problem and (cases_path.exists() or cases_path.is_symlink()):
            cases, problem = self._read(cases_path)
        return FolderFile(path, text, cases, problem)

    def _read(self, path: Path) -> tuple[bytes, str]:
        """The bytes of a file that is really in the folder, and why not when they cannot be had."""
        try:
            real = path.resolve(strict=True)
            if not real.is_relative_to(self.path.resolve(strict=True)):
                return b"", f"{path} is a link to {real}, which is outside the folder; copy the file into it"
            if not real.is_file():
                return b"", f"{path} is no regular file; put a file in its place"
            with real.open("rb") as stream:
                return stream.read(MAX_BYTES + 1), ""
        except (OSError, RuntimeError) as error:
            said = getattr(error, "strerror", None) or str(error)
            return b"", f"{path} cannot be read: {said}; make it a file that the server may read"


def _is_policy(name: str) -> bool:
    return name.endswith(SUFFIX) and not name.endswith(CASES_SUFFIX) and not name.startswith((".", "#"))


def _by_number(name: str) -> tuple[object, ...]:
    """A key by which v10 comes after v9."""
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in _DIGITS.split(name))


class Ticking:
    """A thread that calls `tick` about twice a second. Use as a context manager."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self._tick = tick
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch of policies", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(TICK_MS / 1000):
            self._tick()


class FolderWatch(Ticking):
    """A thread that calls `look` when a folder may have changed, and `tick` now and then. Use as a context manager.

    Args:
        folder: the folder; it may come later, vanish and return.
        look: called at the start, after every change, and when the folder vanished or returned.
        tick: called about twice a second.
    """

    def __init__(self, folder: PolicyFolder, look: Callable[[], None], tick: Callable[[], None]) -> None:
        super().__init__(tick)
        self._folder = folder
        self._on_look = look
        self._looked_at: frozenset[tuple[object, ...]] = frozenset()

    def _run(self) -> None:
        while not self._stop.is_set():
            identity = self._folder.identity()
            self._look()
            if identity is None:
                self._wait_for_return()
            else:
                self._watch(identity)

    def _look(self) -> None:
        self._looked_at = self._folder.signature()
        self._on_look()

    def _wait_for_return(self) -> None:
        while not self._stop.wait(_RETURN_S) and self._folder.identity() is None:
            self._tick()

    def _watch(self, identity: tuple[int, int]) -> None:
        """Look after every change, until the path leads to another folder or to none."""
        for has_changed in self._changes():
            if self._stop.is_set() or self._folder.identity() != identity:
                return
            if has_changed or self._folder.signature() != self._looked_at:
                self._look()
            self._tick()

    def _changes(self) -> Iterator[bool]:
        """Whether something changed, now and then; only ever that nothing is known to have, where no events come."""
        try:
            for changes in watch(
                self._folder.path,
                watch_filter=None,
                debounce=DEBOUNCE_MS,
                step=DEBOUNCE_MS // 2,
                stop_event=self._stop,
                rust_timeout=TICK_MS,
                yield_on_timeout=True,
                recursive=False,
                raise_interrupt=False,
            ):
                yield bool(changes)
        except (OSError, RuntimeError):  # it vanished, or may not be read, or the system watches no more folders
            while not self._stop.wait(_RETURN_S):
                yield False
