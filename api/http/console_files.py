"""The built console as files in memory: what `npm run build` left in a folder, named by its `build.json`.

Only files that `build.json` names are served, so no path can lead out of the folder; and a build that was cut off has
none, so half a console is never shown. A newer build is taken up as soon as its `build.json` stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from threading import Lock

import msgspec

from api.http.problems import RequestError

INDEX = "index.html"
BUILD = "build.json"
HASHED = "assets/"
"""Below it, a file's name holds a digest of what is in it: it never changes."""
_MEDIA_TYPES: Mapping[str, str] = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".png": "image/png",
    ".woff2": "font/woff2",
}


class _BuiltFile(msgspec.Struct, frozen=True):
    bytes: int
    sha256: str
    gzip: int | None = None


class _Build(msgspec.Struct, frozen=True):
    files: dict[str, _BuiltFile]


@dataclass(frozen=True, slots=True)
class ConsoleFile:
    """One file of the console.

    Attributes:
        name: its path in the built folder.
        media_type: what it is.
        content: its bytes.
        packed: the same under gzip; None where that is no shorter.
        digest: SHA-256 of its bytes, in hexadecimal.
    """

    name: str
    media_type: str
    content: bytes
    packed: bytes | None
    digest: str

    @property
    def is_hashed(self) -> bool:
        """Whether its name changes with its content."""
        return self.name.startswith(HASHED)


class ConsoleFiles:
    """The console in a folder, read when it is first asked for and again when it was built anew.

    Args:
        folder: what `npm run build` wrote.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._built_at_ns = -1
        self._files: Mapping[str, ConsoleFile] = {}

    def file(self, name: str) -> ConsoleFile | None:
        """A file by its path in the folder; None for one that was not built.

        Raises:
            RequestError: no console stands in the folder.
        """
        return self._current().get(name)

    @property
    def index(self) -> ConsoleFile:
        """The page that every place of the console begins with. Raises RequestError when no console stands there."""
        return self._current()[INDEX]

    def _current(self) -> Mapping[str, ConsoleFile]:
        with self._lock:
            try:
                built_at_ns = (self._folder / BUILD).stat().st_mtime_ns
                if built_at_ns != self._built_at_ns:
                    self._files = _read(self._folder)
                    self._built_at_ns = built_at_ns
            except (OSError, msgspec.DecodeError) as error:
                if not self._files:  # while a newer one is being built, the one before is shown
                    raise _absent(self._folder, str(error)) from error
            return self._files


def _read(folder: Path) -> Mapping[str, ConsoleFile]:
    """Every file of a build. Raises RequestError when one is not what the build says."""
    build = msgspec.json.decode((folder / BUILD).read_bytes(), type=_Build)
    found: dict[str, ConsoleFile] = {}
    for name, built in build.files.items():
        place = PurePosixPath(name)
        if place.is_absolute() or ".." in place.parts or place.suffix not in _MEDIA_TYPES:
            raise _absent(folder, f"{BUILD} names {name!r}, which is no file of a console")
        content = (folder / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != built.sha256:
            raise _absent(folder, f"{name} is not the file that {BUILD} names")
        packed = None if built.gzip is None else (folder / f"{name}.gz").read_bytes()
        found[name] = ConsoleFile(name, _MEDIA_TYPES[place.suffix], content, packed, built.sha256)
    if INDEX not in found:
        raise _absent(folder, f"{BUILD} names no {INDEX}")
    return found


def _absent(folder: Path, because: str) -> RequestError:
    message = f"no built console stands in {folder.name!r}: {because}; build it with `make console`"
    return RequestError(message, reason="console-not-built")
